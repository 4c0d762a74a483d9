"""LAMB over the weights of one array. Their sums of squares are made in chunks, whatever the threads."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnctl.kernels.compiler.emitted import Elements, emitted
from nnctl.kernels.compiler.jit import ir
from nnctl.kernels.cpu.simd.registers import Vectors
from nnctl.kernels.cpu.simd.sums import accumulated, sum_of_squares
from nnctl.kernels.kernel import Array, by_element, by_item, kernel

_CHUNK = 8192  # elements of a sum of squares


def chunks(size: int) -> int:
    """How many sums of squares there are of so many weights."""
    return -(-size // _CHUNK)


@kernel(lambda weights, gradients, *_: by_element(gradients, 1.5, _CHUNK))
def moments(
    begin: int,
    end: int,
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
    for chunk in range(begin, end):
        part = slice(chunk * _CHUNK, min((chunk + 1) * _CHUNK, weights.size))
        own, new, means, squares = weights[part], gradients[part], exp_avg[part], exp_avg_sq[part]
        for i in range(own.size):
            means[i] = old1 * means[i] + new1 * new[i]
            squares[i] = old2 * squares[i] + new2 * new[i] * new[i]
        sums[chunk, 0] = sum_of_squares(own)
        sums[chunk, 1] = _changes(own, means, squares, own.size, scale, correction, eps, weight_decay)


@kernel()
def trust_ratio(begin: int, end: int, sums: Array, ratio: Array) -> None:
    """ratio = |p| / |u|, or 1 where one of them is 0. sums: what `moments` left. ratio: (1,) float64."""
    of_weights, of_changes = 0.0, 0.0
    for chunk in range(len(sums)):
        of_weights += sums[chunk, 0]
        of_changes += sums[chunk, 1]
    ratio[0] = np.sqrt(of_weights / of_changes) if of_weights > 0.0 and of_changes > 0.0 else 1.0


@kernel(lambda weights, *_: by_item(weights.size, 0.8))
def step(
    begin: int,
    end: int,
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
    for i in range(begin, end):
        weights[i] = kept * weights[i] - size * exp_avg[i] / (np.sqrt(exp_avg_sq[i]) * correction + floor)


@emitted("float64")
def _changes(
    builder: Any,
    weights: Elements,
    means: Elements,
    squares: Elements,
    count: Any,
    scale: Any,
    correction: Any,
    eps: Any,
    weight_decay: Any,
) -> Any:
    """The sum of u^2, with u = scale m / (correction sqrt(v) + eps) + weight_decay p in the dtype of the weights."""

    def changes(source: Vectors, weight: Any, mean: Any, square: Any) -> list[Any]:
        size, root, floor, decay = (source.splat(number) for number in numbers)
        adams = builder.fdiv(builder.fmul(mean, size), source.fma(source.sqrt(square), root, floor))
        return [source.fma(weight, decay, adams)]

    numbers = [scale, correction, eps, weight_decay]
    if weights.itemsize == 4:
        numbers = [builder.fptrunc(number, ir.FloatType()) for number in numbers]
    return accumulated(
        builder,
        [weights, means, squares],
        count,
        lambda doubles, total, change: doubles.fma(change, change, total),
        changes,
    )
