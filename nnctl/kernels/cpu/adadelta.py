"""Adadelta over the flat parameter vector."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda parameters, gradients, *_: by_element(gradients, 1.0))
def step(
    begin: int,
    end: int,
    parameters: Array,
    gradients: Array,
    square_avg: Array,
    acc_delta: Array,
    learning_rate: float,
    rho: float,
    eps: float,
    weight_decay: float,
) -> None:
    """s = rho s + (1 - rho) g^2; d = g sqrt(a + eps) / sqrt(s + eps); a = rho a + (1 - rho) d^2; p -= learning_rate d.

    weight_decay p is added to g. All arrays (P,).
    """
    dtype = parameters.dtype
    rate, decay, floor = dtype.type(learning_rate), dtype.type(weight_decay), dtype.type(eps)
    old, new = dtype.type(rho), dtype.type(1.0 - rho)
    for i in range(begin, end):
        gradient = gradients[i] + decay * parameters[i]
        square = old * square_avg[i] + new * gradient * gradient
        delta = gradient * np.sqrt((acc_delta[i] + floor) / (square + floor))
        square_avg[i] = square
        acc_delta[i] = old * acc_delta[i] + new * delta * delta
        parameters[i] -= rate * delta
