"""Batch normalisation: statistics of every channel over samples and positions, and what is made with them.

Arrays are (N, P, C): samples, positions, channels. lengths: (N,) int64, how many positions of each sample are real, or
None for all; the others have no influence, and what is made of them is 0.

Sums over the batch are first made group by group: a group is a sample, or one of a fixed number of chunks of the
samples. So the bits do not depend on the threads, and a sample's sums are made while it is in the cache.

Scratch:

- partial, (groups, 2, C) float64: what each group's sums are.
- moments, (2, C) float64: the mean, and one over the standard deviation.
- sums, products and centres, (groups, W), where W is a multiple of C: several rows side by side, so that an addition
  need not wait for the one before.
- factors, (3, W), and d_factors, (2, W): what elements are multiplied with and added to, repeated side by side, so that
  loops are long where channels are few.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.gemm.gemm import bias_or_empty
from nnctl.kernels.cpu.moments import BLOCK, by_group, group_moments, lengths_or_empty, real_positions
from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.cpu.sum_rows import add_up
from nnctl.kernels.kernel import Array, by_item, by_sample, compiled, kernel


def batch_statistics(
    inputs: Array,
    lengths: Array | None,
    running_mean: Array,
    running_var: Array,
    momentum: float,
    eps: float,
    sums: Array,
    products: Array,
    centres: Array,
    partial: Array,
    moments: Array,
) -> None:
    """moments = those of the batch, and running_mean and running_var, (C,), follow them.

    The moments are normalised with the biased variance; running_var gets the unbiased one, but the biased where there
    is but one position in the batch. A batch without any changes nothing.
    """
    own_lengths = lengths_or_empty(lengths)
    group_moments(inputs, own_lengths, sums, products, centres, partial)
    _join_moments(partial, len(inputs), inputs.shape[1], own_lengths, running_mean, running_var, momentum, eps, moments)


@kernel(lambda running_mean, *_: by_item(running_mean.size, 3.0))
def running_statistics(
    begin: int, end: int, running_mean: Array, running_var: Array, eps: float, moments: Array
) -> None:
    """moments = those that were learnt. running_mean, running_var: (C,)."""
    for c in range(begin, end):
        moments[0, c] = running_mean[c]
        moments[1, c] = 1.0 / np.sqrt(running_var[c] + eps)


def forward(
    inputs: Array,
    lengths: Array | None,
    moments: Array,
    weight: Array,
    bias: Array | None,
    factors: Array,
    outputs: Array,
    relu: bool,
) -> None:
    """outputs = (inputs - mean) / standard deviation x weight + bias, or max(0, that). weight, bias: (C,)."""
    _make_factors(moments, weight, bias_or_empty(bias, weight.dtype), factors)
    _normalize(inputs, lengths_or_empty(lengths), factors, outputs, relu)


def backward_parameters(
    inputs: Array,
    d_outputs: Array,
    lengths: Array | None,
    moments: Array,
    factors: Array,
    sums: Array,
    products: Array,
    partial: Array,
    d_factors: Array,
    d_weight: Array,
    d_bias: Array | None,
    is_batch: bool,
    relu: bool,
) -> None:
    """d_weight and d_bias, (C,), and d_factors for `backward_inputs`.

    is_batch: whether the moments are the batch's, and so depend on the inputs. relu: as in the forward pass.
    """
    own_lengths = lengths_or_empty(lengths)
    _group_gradients(inputs, d_outputs, own_lengths, factors, sums, products, partial, relu)
    d_bias = bias_or_empty(d_bias, d_weight.dtype)
    _join_gradients(partial, len(inputs), inputs.shape[1], own_lengths, moments, is_batch, d_factors, d_weight, d_bias)


def backward_inputs(
    inputs: Array,
    d_outputs: Array,
    lengths: Array | None,
    factors: Array,
    d_factors: Array,
    d_inputs: Array,
    relu: bool,
) -> None:
    """d_inputs, after `backward_parameters`."""
    _input_gradients(inputs, d_outputs, lengths_or_empty(lengths), factors, d_factors, d_inputs, relu)


@compiled
def _real_in_group(group: int, groups: int, samples: int, positions: int, lengths: Array) -> int:
    first, last = group * samples // groups, (group + 1) * samples // groups
    if lengths.size == 0:
        return (last - first) * positions
    rows = 0
    for sample in range(first, last):
        rows += real_positions(sample, positions, lengths)
    return rows


@kernel(lambda partial, *_: by_item(partial.shape[2], 0.5 * len(partial) + 5.0))
def _join_moments(
    begin: int,
    end: int,
    partial: Array,
    samples: int,
    positions: int,
    lengths: Array,
    running_mean: Array,
    running_var: Array,
    momentum: float,
    eps: float,
    moments: Array,
) -> None:
    """The moments of all groups together. The items are channels."""
    groups, rows = len(partial), _real_in_group(0, 1, samples, positions, lengths)
    mean, squares = moments[0, begin:end], moments[1, begin:end]
    mean[:] = 0
    squares[:] = 0
    for group in range(groups):
        own_sums = partial[group, 0, begin:end]
        for c in range(mean.size):
            mean[c] += own_sums[c]
    one_row = 1.0 / max(rows, 1)
    for c in range(mean.size):
        mean[c] *= one_row
    for group in range(groups):
        own = _real_in_group(group, groups, samples, positions, lengths)
        one_own_row = 1.0 / max(own, 1)
        own_sums, own_squares = partial[group, 0, begin:end], partial[group, 1, begin:end]
        for c in range(mean.size):
            difference = own_sums[c] * one_own_row - mean[c]
            squares[c] += own_squares[c] + own * difference * difference
    follow = momentum if rows else 0.0
    one_free_row = 1.0 / max(rows - 1, 1)
    for c in range(mean.size):
        running_mean[begin + c] = (1.0 - follow) * running_mean[begin + c] + follow * mean[c]
        running_var[begin + c] = (1.0 - follow) * running_var[begin + c] + follow * squares[c] * one_free_row
    for c in range(mean.size):
        squares[c] = 1.0 / np.sqrt(squares[c] * one_row + eps)


@compiled
def _side_by_side(factors: Array, begin: int, end: int, channels: int) -> None:
    """Repeat the factors of channels begin to end all along. factors: (any, W)."""
    for row in range(factors.shape[0]):
        for start in range(channels, factors.shape[1], channels):
            for c in range(begin, end):
                factors[row, start + c] = factors[row, c]


@kernel(lambda moments, weight, bias, factors: by_item(weight.size, 1.0 + 1.0 * factors.size / weight.size))
def _make_factors(begin: int, end: int, moments: Array, weight: Array, bias: Array, factors: Array) -> None:
    """factors = mean, weight / standard deviation, bias. The items are channels."""
    for c in range(begin, end):
        factors[0, c] = moments[0, c]
        factors[1, c] = weight[c] * moments[1, c]
        factors[2, c] = bias[c] if bias.size else 0
    _side_by_side(factors, begin, end, weight.size)


@kernel(lambda inputs, *_: by_sample(len(inputs), 0.2 * inputs[0].size))
def _normalize(begin: int, end: int, inputs: Array, lengths: Array, factors: Array, outputs: Array, relu: bool) -> None:
    _, positions, channels = inputs.shape
    width = factors.shape[1]
    flat, flat_outputs = inputs.reshape(-1), outputs.reshape(-1)
    mean, scale, shift = factors[0], factors[1], factors[2]
    zero = inputs.dtype.type(0)
    together = 1 if lengths.size else max(1, end - begin)  # samples without a gap
    for sample in range(begin, end, together):
        start = sample * positions * channels
        stop = start + together * real_positions(sample, positions, lengths) * channels
        for at in range(start, stop, width):
            numbers, out = flat[at : min(at + width, stop)], flat_outputs[at : min(at + width, stop)]
            if relu:
                for i in range(numbers.size):
                    value = mul_add(numbers[i] - mean[i], scale[i], shift[i])
                    out[i] = zero if value <= zero else value  # NaN stays NaN
            else:
                for i in range(numbers.size):
                    out[i] = mul_add(numbers[i] - mean[i], scale[i], shift[i])
        flat_outputs[stop : start + together * positions * channels] = 0


@kernel(lambda inputs, d_outputs, lengths, factors, sums, products, partial, relu: by_group(0.15, inputs, partial))
def _group_gradients(
    begin: int,
    end: int,
    inputs: Array,
    d_outputs: Array,
    lengths: Array,
    factors: Array,
    sums: Array,
    products: Array,
    partial: Array,
    relu: bool,
) -> None:
    """partial = each group's sum of d_outputs, and of d_outputs (inputs - mean)."""
    samples, positions, channels = inputs.shape
    groups, width = len(partial), sums.shape[1]
    flat, flat_d_outputs = inputs.reshape(-1), d_outputs.reshape(-1)
    block = max(1, BLOCK // width) * width
    mean, scale, shift = factors[0], factors[1], factors[2]
    zero = inputs.dtype.type(0)
    for group in range(begin, end):
        first, last = group * samples // groups, (group + 1) * samples // groups
        partial[group] = 0
        own, own_products = sums[group], products[group]
        together = 1 if lengths.size else max(1, last - first)  # samples without a gap
        for sample in range(first, last, together):
            start = sample * positions * channels
            stop = start + together * real_positions(sample, positions, lengths) * channels
            for block_start in range(start, stop, block):
                own[:] = 0
                own_products[:] = 0
                block_stop = min(block_start + block, stop)
                for at in range(block_start, block_stop, width):
                    numbers = flat[at : min(at + width, block_stop)]
                    gradients = flat_d_outputs[at : min(at + width, block_stop)]
                    if relu:
                        for i in range(numbers.size):
                            deviation = numbers[i] - mean[i]
                            gradient = gradients[i] if mul_add(deviation, scale[i], shift[i]) > zero else zero
                            own[i] += gradient
                            own_products[i] = mul_add(gradient, deviation, own_products[i])
                    else:
                        for i in range(numbers.size):
                            own[i] += gradients[i]
                            own_products[i] = mul_add(gradients[i], numbers[i] - mean[i], own_products[i])
                add_up(own, channels)
                add_up(own_products, channels)
                for c in range(channels):
                    partial[group, 0, c] += own[c]
                    partial[group, 1, c] += own_products[c]


@kernel(lambda partial, *_: by_item(partial.shape[2], 0.3 * len(partial) + 5.0))
def _join_gradients(
    begin: int,
    end: int,
    partial: Array,
    samples: int,
    positions: int,
    lengths: Array,
    moments: Array,
    is_batch: bool,
    d_factors: Array,
    d_weight: Array,
    d_bias: Array,
) -> None:
    """d_weight, d_bias, and d_factors: what is added to d_outputs because the batch's variance and mean depend on the
    inputs. The items are channels.
    """
    groups, rows = len(partial), _real_in_group(0, 1, samples, positions, lengths)
    for group in range(1, groups):
        for c in range(begin, end):
            partial[0, 0, c] += partial[group, 0, c]
            partial[0, 1, c] += partial[group, 1, c]
    share = 1.0 / max(rows, 1) if is_batch else 0.0
    for c in range(begin, end):
        inverse_std = moments[1, c]
        d_weight[c] = partial[0, 1, c] * inverse_std
        if d_bias.size:
            d_bias[c] = partial[0, 0, c]
        d_factors[0, c] = -share * partial[0, 1, c] * inverse_std * inverse_std
        d_factors[1, c] = -share * partial[0, 0, c]
    _side_by_side(d_factors, begin, end, d_weight.size)


@kernel(lambda inputs, *_: by_sample(len(inputs), 0.3 * inputs[0].size))
def _input_gradients(
    begin: int,
    end: int,
    inputs: Array,
    d_outputs: Array,
    lengths: Array,
    factors: Array,
    d_factors: Array,
    d_inputs: Array,
    relu: bool,
) -> None:
    _, positions, channels = inputs.shape
    width = factors.shape[1]
    flat, flat_d_outputs, flat_d_inputs = inputs.reshape(-1), d_outputs.reshape(-1), d_inputs.reshape(-1)
    mean, scale, shift = factors[0], factors[1], factors[2]
    of_variance, of_mean = d_factors[0], d_factors[1]
    zero = inputs.dtype.type(0)
    together = 1 if lengths.size else max(1, end - begin)  # samples without a gap
    for sample in range(begin, end, together):
        start = sample * positions * channels
        stop = start + together * real_positions(sample, positions, lengths) * channels
        for at in range(start, stop, width):
            numbers = flat[at : min(at + width, stop)]
            gradients = flat_d_outputs[at : min(at + width, stop)]
            out = flat_d_inputs[at : min(at + width, stop)]
            if relu:
                for i in range(numbers.size):
                    deviation = numbers[i] - mean[i]
                    gradient = gradients[i] if mul_add(deviation, scale[i], shift[i]) > zero else zero
                    out[i] = (gradient + mul_add(deviation, of_variance[i], of_mean[i])) * scale[i]
            else:
                for i in range(numbers.size):
                    deviation = numbers[i] - mean[i]
                    out[i] = (gradients[i] + mul_add(deviation, of_variance[i], of_mean[i])) * scale[i]
        flat_d_inputs[stop : start + together * positions * channels] = 0
