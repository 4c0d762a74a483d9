"""Gradient descent over the flat parameter vector."""

from __future__ import annotations

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda parameters, *_: parameters.size)
def step(parameters: Array, gradients: Array, learning_rate: float, weight_decay: float) -> None:
    """p -= learning_rate (g + weight_decay p). parameters, gradients: (P,)."""
    rate, decay = parameters.dtype.type(learning_rate), parameters.dtype.type(weight_decay)
    for i in range(cuda.grid(1), parameters.size, cuda.gridsize(1)):
        parameters[i] -= rate * (gradients[i] + decay * parameters[i])


@kernel(lambda parameters, *_: parameters.size)
def momentum_step(
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
    for i in range(cuda.grid(1), parameters.size, cuda.gridsize(1)):
        gradient = gradients[i] + decay * parameters[i]
        velocity[i] = kept * velocity[i] + gradient
        parameters[i] -= rate * (gradient + kept * velocity[i] if nesterov else velocity[i])
