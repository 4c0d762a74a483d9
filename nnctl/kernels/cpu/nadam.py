"""NAdam over the flat parameter vector."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.kernel import Array, by_element, kernel


@kernel(lambda parameters, gradients, *_: by_element(gradients, 0.8))
def step(
    begin: int,
    end: int,
    parameters: Array,
    gradients: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    learning_rate: float,
    number: int,
    beta1: float,
    beta2: float,
    eps: float,
    momentum_decay: float,
    weight_decay: float,
    decoupled: bool,
) -> None:
    """p -= learning_rate ((1 - u) g / (1 - U) + u' m / (1 - U u')) / (sqrt(v / (1 - b2^number)) + eps).

    m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; u = b1 (1 - 0.5 0.96^(momentum_decay number)), u' that of the next
    step, U the product of all u up to this step. All arrays (P,). number: the step's, from 1. weight_decay p is added
    to g, or if decoupled, learning_rate weight_decay p is subtracted from p.
    """
    dtype = parameters.dtype
    shrinking = 0.96**momentum_decay
    power, momentum, product = 1.0, 0.0, 1.0
    for _ in range(number):
        power *= shrinking
        momentum = beta1 * (1.0 - 0.5 * power)
        product *= momentum
        if product < 1e-20:  # 1 - U is 1 from here on
            momentum = beta1 * (1.0 - 0.5 * shrinking ** np.float64(number))
            break
    following = beta1 * (1.0 - 0.5 * shrinking ** np.float64(number + 1))
    of_gradient = dtype.type(learning_rate * (1.0 - momentum) / (1.0 - product))
    of_mean = dtype.type(learning_rate * following / (1.0 - product * following))
    kept = dtype.type(1.0 - learning_rate * weight_decay if decoupled else 1.0)
    decay = dtype.type(0.0 if decoupled else weight_decay)
    old1, new1 = dtype.type(beta1), dtype.type(1.0 - beta1)
    old2, new2 = dtype.type(beta2), dtype.type(1.0 - beta2)
    correction, floor = dtype.type((1.0 - beta2 ** np.float64(number)) ** -0.5), dtype.type(eps)
    for i in range(begin, end):
        gradient = gradients[i] + decay * parameters[i]
        mean = old1 * exp_avg[i] + new1 * gradient
        square = old2 * exp_avg_sq[i] + new2 * gradient * gradient
        exp_avg[i] = mean
        exp_avg_sq[i] = square
        change = of_gradient * gradient + of_mean * mean
        parameters[i] = kept * parameters[i] - change / (np.sqrt(square) * correction + floor)
