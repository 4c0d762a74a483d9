"""Adam and AdamW over the flat parameter vector."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.jit import Array, parallel_kernel, prange


@parallel_kernel
def step(
    parameters: Array,
    gradients: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    step_size: float,
    beta1: float,
    beta2: float,
    root_correction: float,
    eps: float,
    weight_decay: float,
    keep: float,
) -> None:
    """p = keep p - step_size m / (sqrt(v) / root_correction + eps), after m and v took in g + weight_decay p.

    All arrays (P,). step_size: learning_rate / (1 - beta1^step). root_correction: sqrt(1 - beta2^step). keep: 1 for
    Adam, 1 - learning_rate weight_decay for AdamW, whose weight_decay here is 0.
    """
    dtype = parameters.dtype
    size, decay, kept = dtype.type(step_size), dtype.type(weight_decay), dtype.type(keep)
    old1, new1 = dtype.type(beta1), dtype.type(1.0 - beta1)
    old2, new2 = dtype.type(beta2), dtype.type(1.0 - beta2)
    correction, floor = dtype.type(root_correction), dtype.type(eps)
    for i in prange(parameters.size):
        gradient = gradients[i] + decay * parameters[i]
        mean = old1 * exp_avg[i] + new1 * gradient
        square = old2 * exp_avg_sq[i] + new2 * gradient * gradient
        exp_avg[i] = mean
        exp_avg_sq[i] = square
        parameters[i] = kept * parameters[i] - size * mean / (np.sqrt(square) / correction + floor)
