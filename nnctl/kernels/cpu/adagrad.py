"""Adagrad over the flat parameter vector."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def step(
    parameters: Array, gradients: Array, square_sum: Array, learning_rate: float, eps: float, weight_decay: float
) -> None:
    """s += g^2; p -= learning_rate g / (sqrt(s) + eps). All arrays (P,)."""
    dtype = parameters.dtype
    rate, decay, floor = dtype.type(learning_rate), dtype.type(weight_decay), dtype.type(eps)
    for i in prange(parameters.size):
        gradient = gradients[i] + decay * parameters[i]
        square_sum[i] += gradient * gradient
        parameters[i] -= rate * gradient / (np.sqrt(square_sum[i]) + floor)
