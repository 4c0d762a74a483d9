"""Adam and AdamW over the flat parameter vector."""

from __future__ import annotations

import math

import numpy as np

from nnctl.kernels.cuda.kernel import Array, cuda, kernel


@kernel(lambda parameters, *_: parameters.size)
def step(
    parameters: Array,
    gradients: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    learning_rate: float,
    number: int,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= learning_rate m' / (sqrt(v') + eps).

    m' = m / (1 - b1^number), v' = v / (1 - b2^number). All arrays (P,). number: the step's, from 1. weight_decay p is
    added to g, or if decoupled (AdamW), learning_rate weight_decay p is subtracted from p.
    """
    dtype = parameters.dtype
    kept = dtype.type(1.0 - learning_rate * weight_decay if decoupled else 1.0)
    decay = dtype.type(0.0 if decoupled else weight_decay)
    old1, new1 = dtype.type(beta1), dtype.type(1.0 - beta1)
    old2, new2 = dtype.type(beta2), dtype.type(1.0 - beta2)
    size = dtype.type(learning_rate / (1.0 - beta1 ** np.float64(number)))
    correction, floor = dtype.type((1.0 - beta2 ** np.float64(number)) ** -0.5), dtype.type(eps)
    for i in range(cuda.grid(1), parameters.size, cuda.gridsize(1)):
        gradient = gradients[i] + decay * parameters[i]
        mean = old1 * exp_avg[i] + new1 * gradient
        square = old2 * exp_avg_sq[i] + new2 * gradient * gradient
        exp_avg[i] = mean
        exp_avg_sq[i] = square
        parameters[i] = kept * parameters[i] - size * mean / (dtype.type(math.sqrt(square)) * correction + floor)
