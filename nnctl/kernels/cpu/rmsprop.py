"""RMSprop over the flat parameter vector."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda parameters, gradients, *_: by_element(gradients, 0.8))
def step(
    begin: int,
    end: int,
    parameters: Array,
    gradients: Array,
    square_avg: Array,
    learning_rate: float,
    alpha: float,
    eps: float,
    weight_decay: float,
) -> None:
    """s = alpha s + (1 - alpha) g^2; p -= learning_rate g / (sqrt(s) + eps). All arrays (P,)."""
    dtype = parameters.dtype
    rate, decay, floor = dtype.type(learning_rate), dtype.type(weight_decay), dtype.type(eps)
    old, new = dtype.type(alpha), dtype.type(1.0 - alpha)
    for i in range(begin, end):
        gradient = gradients[i] + decay * parameters[i]
        square = old * square_avg[i] + new * gradient * gradient
        square_avg[i] = square
        parameters[i] -= rate * gradient / (np.sqrt(square) + floor)


@kernel(lambda parameters, gradients, *_: by_element(gradients, 0.8))
def momentum_step(
    begin: int,
    end: int,
    parameters: Array,
    gradients: Array,
    square_avg: Array,
    velocity: Array,
    learning_rate: float,
    alpha: float,
    eps: float,
    weight_decay: float,
    momentum: float,
) -> None:
    """s as in `step`; b = momentum b + g / (sqrt(s) + eps); p -= learning_rate b. All arrays (P,)."""
    dtype = parameters.dtype
    rate, decay, floor = dtype.type(learning_rate), dtype.type(weight_decay), dtype.type(eps)
    old, new, kept = dtype.type(alpha), dtype.type(1.0 - alpha), dtype.type(momentum)
    for i in range(begin, end):
        gradient = gradients[i] + decay * parameters[i]
        square = old * square_avg[i] + new * gradient * gradient
        square_avg[i] = square
        velocity[i] = kept * velocity[i] + gradient / (np.sqrt(square) + floor)
        parameters[i] -= rate * velocity[i]
