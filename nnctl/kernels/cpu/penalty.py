"""Gradients of penalties on weights and outputs, and the limit of weights' norms."""

from __future__ import annotations

import math

from nnctl.kernels.kernel import Array, by_element, by_item, by_sample, kernel

COLUMNS = 64  # of a weight, that a thread limits at a time


@kernel(lambda weight, gradient, *_: by_element(gradient, 0.4))
def add_weights(begin: int, end: int, weight: Array, gradient: Array, l1: float, l2: float) -> None:
    """gradient += l1 sign(weight) + 2 l2 weight. weight, gradient: (P,)."""
    zero, sign, double = weight.dtype.type(0), weight.dtype.type(l1), weight.dtype.type(2 * l2)
    for i in range(begin, end):
        value = weight[i]
        gradient[i] += (sign if value > zero else -sign if value < zero else zero) + double * value


@kernel(lambda inputs, *_: by_sample(len(inputs), 0.4 * inputs.shape[1]))
def add_activity(
    begin: int,
    end: int,
    inputs: Array,
    d_outputs: Array,
    lengths: Array,
    features: int,
    d_inputs: Array,
    l1: float,
    l2: float,
) -> None:
    """d_inputs = d_outputs + l1 sign(inputs) + 2 l2 inputs; beyond a sample's length d_outputs alone.

    inputs, d_outputs, d_inputs: (N, T * features). lengths: (N,), or (0,) where all is real.
    """
    zero, sign, double = inputs.dtype.type(0), inputs.dtype.type(l1), inputs.dtype.type(2 * l2)
    for n in range(begin, end):
        x, source, target = inputs[n], d_outputs[n], d_inputs[n]
        real = lengths[n] * features if len(lengths) else len(x)
        for i in range(real):
            target[i] = source[i] + ((sign if x[i] > zero else -sign if x[i] < zero else zero) + double * x[i])
        for i in range(real, len(x)):
            target[i] = source[i]


@kernel(lambda weight, *_: by_item(-(-weight.shape[1] // COLUMNS), 0.8 * weight.shape[0] * COLUMNS))
def limit_norms(begin: int, end: int, weight: Array, scales: Array, limit: float) -> None:
    """Scale each column of the weight, (in, out), down to a norm of `limit` where it is larger. scales: (out,)."""
    first, last = begin * COLUMNS, min(end * COLUMNS, weight.shape[1])
    one, most = weight.dtype.type(1), weight.dtype.type(limit)
    own = scales[first:last]
    own[:] = 0
    for i in range(weight.shape[0]):
        row = weight[i, first:last]
        for j in range(len(row)):
            own[j] += row[j] * row[j]
    for j in range(len(own)):
        norm = math.sqrt(own[j])
        own[j] = most / norm if norm > most else one
    for i in range(weight.shape[0]):
        row = weight[i, first:last]
        for j in range(len(row)):
            row[j] *= own[j]


@kernel(lambda weight, starts, limit: by_item(len(starts) - 1, 1.2 * weight.size / (len(starts) - 1)))
def limit_norms_of_lists(begin: int, end: int, weight: Array, starts: Array, limit: float) -> None:
    """As `limit_norms`, of a weight that is a list, (K,). starts: (out + 1,), where the part of each output begins."""
    most = weight.dtype.type(limit)
    for j in range(begin, end):
        own = weight[starts[j] : starts[j + 1]]
        square = weight.dtype.type(0)
        for k in range(len(own)):
            square += own[k] * own[k]
        norm = math.sqrt(square)
        if norm > most:
            for k in range(len(own)):
                own[k] *= most / norm
