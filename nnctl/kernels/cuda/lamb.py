"""LAMB over the weights of one array. Their sums of squares are made in chunks."""

from __future__ import annotations

import math

import numpy as np

from nnctl.kernels.cuda.kernel import Array, cuda, kernel

_CHUNK = 512  # elements of a sum of squares


def chunks(size: int) -> int:
    """How many sums of squares there are of so many weights."""
    return -(-size // _CHUNK)


@kernel(lambda weights, gradients, exp_avg, exp_avg_sq, sums, *_: len(sums))
def moments(
    weights: Array,
    gradients: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    sums: Array,
    number: int,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> None:
    """m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; sums = of each chunk the sums of p^2 and of u^2.

    u = m / (1 - b1^number) / (sqrt(v / (1 - b2^number)) + eps) + weight_decay p. weights (p), gradients (g), exp_avg
    (m), exp_avg_sq (v): (P,). sums: (chunks(P), 2) float64. number: the step's, from 1.
    """
    dtype = weights.dtype
    old1, new1 = dtype.type(beta1), dtype.type(1.0 - beta1)
    old2, new2 = dtype.type(beta2), dtype.type(1.0 - beta2)
    scale = 1.0 / (1.0 - beta1 ** np.float64(number))
    correction = (1.0 - beta2 ** np.float64(number)) ** -0.5
    for chunk in range(cuda.grid(1), len(sums), cuda.gridsize(1)):
        of_weights, of_changes = 0.0, 0.0
        for i in range(chunk * _CHUNK, min((chunk + 1) * _CHUNK, weights.size)):
            mean = old1 * exp_avg[i] + new1 * gradients[i]
            square = old2 * exp_avg_sq[i] + new2 * gradients[i] * gradients[i]
            exp_avg[i] = mean
            exp_avg_sq[i] = square
            weight = np.float64(weights[i])
            adams = scale * np.float64(mean) / (math.sqrt(np.float64(square)) * correction + eps)
            change = adams + weight_decay * weight
            of_weights += weight * weight
            of_changes += change * change
        sums[chunk, 0] = of_weights
        sums[chunk, 1] = of_changes


@kernel()
def trust_ratio(sums: Array, ratio: Array) -> None:
    """ratio = |p| / |u|, or 1 where one of them is 0. sums: what `moments` left. ratio: (1,) float64."""
    of_weights, of_changes = 0.0, 0.0
    for chunk in range(len(sums)):
        of_weights += sums[chunk, 0]
        of_changes += sums[chunk, 1]
    ratio[0] = math.sqrt(of_weights / of_changes) if of_weights > 0.0 and of_changes > 0.0 else 1.0


@kernel(lambda weights, *_: weights.size)
def step(
    weights: Array,
    exp_avg: Array,
    exp_avg_sq: Array,
    ratio: Array,
    learning_rate: float,
    number: int,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> None:
    """p -= learning_rate ratio u, with u as in `moments`. weights (p), exp_avg, exp_avg_sq: (P,). ratio: (1,)."""
    dtype = weights.dtype
    rate = learning_rate * ratio[0]
    kept, size = dtype.type(1.0 - rate * weight_decay), dtype.type(rate / (1.0 - beta1 ** np.float64(number)))
    correction, floor = dtype.type((1.0 - beta2 ** np.float64(number)) ** -0.5), dtype.type(eps)
    for i in range(cuda.grid(1), weights.size, cuda.gridsize(1)):
        root = dtype.type(math.sqrt(exp_avg_sq[i]))
        weights[i] = kept * weights[i] - size * exp_avg[i] / (root * correction + floor)
