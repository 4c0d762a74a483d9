"""Gradient descent over the flat parameter vector."""

from __future__ import annotations

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def step(parameters: Array, gradients: Array, learning_rate: float, weight_decay: float) -> None:
    """p -= learning_rate (g + weight_decay p). parameters, gradients: (P,)."""
    rate, decay = parameters.dtype.type(learning_rate), parameters.dtype.type(weight_decay)
    for i in prange(parameters.size):
        parameters[i] -= rate * (gradients[i] + decay * parameters[i])


@parallel_kernel
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
    for i in prange(parameters.size):
        gradient = gradients[i] + decay * parameters[i]
        velocity[i] = kept * velocity[i] + gradient
        parameters[i] -= rate * (gradient + kept * velocity[i] if nesterov else velocity[i])
