"""Adagrad over the flat parameter vector."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda parameters, gradients, *_: by_element(gradients, 0.8))
def step(
    begin: int,
    end: int,
    parameters: Array,
    gradients: Array,
    square_sum: Array,
    learning_rate: float,
    eps: float,
    weight_decay: float,
) -> None:
    """s += g^2; p -= learning_rate g / (sqrt(s) + eps). All arrays (P,)."""
    dtype = parameters.dtype
    rate, decay, floor = dtype.type(learning_rate), dtype.type(weight_decay), dtype.type(eps)
    for i in range(begin, end):
        gradient = gradients[i] + decay * parameters[i]
        square_sum[i] += gradient * gradient
        parameters[i] -= rate * gradient / (np.sqrt(square_sum[i]) + floor)
