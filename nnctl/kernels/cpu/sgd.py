"""Gradient descent over the flat parameter vector."""

from __future__ import annotations

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda parameters, gradients, *_: by_element(gradients, 0.4))
def step(begin: int, end: int, parameters: Array, gradients: Array, learning_rate: float, weight_decay: float) -> None:
    """p -= learning_rate (g + weight_decay p). parameters, gradients: (P,)."""
    rate, decay = parameters.dtype.type(learning_rate), parameters.dtype.type(weight_decay)
    for i in range(begin, end):
        parameters[i] -= rate * (gradients[i] + decay * parameters[i])


@kernel(lambda parameters, gradients, *_: by_element(gradients, 0.4))
def momentum_step(
    begin: int,
    end: int,
    parameters: Array,
    gradients: Array,
    velocity: Array,
    learning_rate: float,
    momentum: float,
    nesterov: bool,
    weight_decay: float,
) -> None:
    """v = momentum v + g; p -= learning_rate (v or g + momentum v). parameters, gradients, velocity: (P,)."""
    rate, decay = parameters.dtype.type(learning_rate), parameters.dtype.type(weight_decay)
    kept = parameters.dtype.type(momentum)
    for i in range(begin, end):
        gradient = gradients[i] + decay * parameters[i]
        velocity[i] = kept * velocity[i] + gradient
        parameters[i] -= rate * (gradient + kept * velocity[i] if nesterov else velocity[i])
