"""Group normalisation: the channels of a sample, group by group, over all of its positions.

Arrays are (N, P, C): samples, positions, channels. lengths: (N,) int64, how many positions of each sample are real, or
None for all; the others have no influence, and what is made of them is 0. Groups are of C / G channels in a row.

Scratch, each sample's own:

- moments, (N, 2, G) float64: the mean of each group, and one over its standard deviation.
- partial, (N, 2, C) float64: sums over the positions.
- sums, products and centres, (N, W), where W is a multiple of C: several positions side by side, so that an addition
  need not wait for the one before.
- factors, (N, 5, W): what elements are multiplied with and added to, repeated side by side, so that loops are long
  where channels are few.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.gemm.gemm import bias_or_empty
from nnctl.kernels.cpu.moments import BLOCK, group_moments, lengths_or_empty, real_positions
from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.cpu.sum_rows import add_up
from nnctl.kernels.kernel import Array, by_item, by_sample, compiled, kernel


def forward(
    inputs: Array,
    lengths: Array | None,
    weight: Array,
    bias: Array | None,
    eps: float,
    sums: Array,
    products: Array,
    centres: Array,
    partial: Array,
    moments: Array,
    factors: Array,
    outputs: Array,
) -> None:
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, and moments and factors. weight, bias: (C,)."""
    own_lengths = lengths_or_empty(lengths)
    group_moments(inputs, own_lengths, sums, products, centres, partial)
    bias = bias_or_empty(bias, weight.dtype)
    _normalize(inputs, own_lengths, weight, bias, eps, partial, moments, factors, outputs)


def backward_parameters(
    inputs: Array,
    d_outputs: Array,
    lengths: Array | None,
    moments: Array,
    factors: Array,
    sums: Array,
    products: Array,
    partial: Array,
    d_weight: Array | None,
    d_bias: Array | None,
) -> None:
    """d_weight and d_bias, (C,), from what `forward` left in moments and factors, and partial for `backward_inputs`.

    d_weight: None where no gradient of a parameter is wanted.
    """
    _gradient_sums(inputs, d_outputs, lengths_or_empty(lengths), factors, sums, products, partial)
    if d_weight is not None:
        _join_gradients(partial, moments, d_weight, bias_or_empty(d_bias, d_weight.dtype))


def backward_inputs(
    inputs: Array,
    d_outputs: Array,
    lengths: Array | None,
    moments: Array,
    factors: Array,
    partial: Array,
    d_inputs: Array,
) -> None:
    """d_inputs, after `backward_parameters`."""
    _input_gradients(inputs, d_outputs, lengths_or_empty(lengths), moments, factors, partial, d_inputs)


@compiled
def _side_by_side(factors: Array, channels: int) -> None:
    """Repeat the first factors all along. factors: (any, W)."""
    for row in range(len(factors)):
        for start in range(channels, factors.shape[1], channels):
            for c in range(channels):
                factors[row, start + c] = factors[row, c]


@kernel(lambda inputs, *_: by_sample(len(inputs), 300.0 + 0.2 * inputs[0].size))
def _normalize(
    begin: int,
    end: int,
    inputs: Array,
    lengths: Array,
    weight: Array,
    bias: Array,
    eps: float,
    partial: Array,
    moments: Array,
    factors: Array,
    outputs: Array,
) -> None:
    """partial: each channel's sum, and its sum of squared deviations from its mean."""
    _, positions, channels = inputs.shape
    groups, width = moments.shape[2], factors.shape[2]
    size = channels // groups
    flat, flat_outputs = inputs.reshape(-1), outputs.reshape(-1)
    for n in range(begin, end):
        own = real_positions(n, positions, lengths)
        mean, scale, shift = factors[n, 0], factors[n, 1], factors[n, 2]
        one_row = 1.0 / max(own, 1)
        for group in range(groups):
            first, last = group * size, (group + 1) * size
            total, squares = 0.0, 0.0
            for c in range(first, last):
                total += partial[n, 0, c]
            centre = total * one_row / size
            for c in range(first, last):
                difference = partial[n, 0, c] * one_row - centre
                squares += partial[n, 1, c] + own * difference * difference
            inverse_std = 1.0 / np.sqrt(squares * one_row / size + eps)
            moments[n, 0, group], moments[n, 1, group] = centre, inverse_std
            for c in range(first, last):
                mean[c] = centre
                scale[c] = weight[c] * inverse_std
                shift[c] = bias[c] if bias.size else 0
        _side_by_side(factors[n, :3], channels)
        start = n * positions * channels
        stop = start + own * channels
        for at in range(start, stop, width):
            numbers, out = flat[at : min(at + width, stop)], flat_outputs[at : min(at + width, stop)]
            for i in range(numbers.size):
                out[i] = mul_add(numbers[i] - mean[i], scale[i], shift[i])
        flat_outputs[stop : start + positions * channels] = 0


@kernel(lambda inputs, *_: by_sample(len(inputs), 100.0 + 0.15 * inputs[0].size))
def _gradient_sums(
    begin: int,
    end: int,
    inputs: Array,
    d_outputs: Array,
    lengths: Array,
    factors: Array,
    sums: Array,
    products: Array,
    partial: Array,
) -> None:
    """partial = each channel's sum of d_outputs, and of d_outputs (inputs - mean)."""
    _, positions, channels = inputs.shape
    width = factors.shape[2]
    flat, flat_d_outputs = inputs.reshape(-1), d_outputs.reshape(-1)
    block = max(1, BLOCK // width) * width
    for n in range(begin, end):
        mean, own_sums, own_products = factors[n, 0], sums[n], products[n]
        partial[n] = 0
        start = n * positions * channels
        stop = start + real_positions(n, positions, lengths) * channels
        for block_start in range(start, stop, block):
            own_sums[:] = 0
            own_products[:] = 0
            block_stop = min(block_start + block, stop)
            for at in range(block_start, block_stop, width):
                numbers = flat[at : min(at + width, block_stop)]
                gradients = flat_d_outputs[at : min(at + width, block_stop)]
                for i in range(numbers.size):
                    own_sums[i] += gradients[i]
                    own_products[i] = mul_add(gradients[i], numbers[i] - mean[i], own_products[i])
            add_up(own_sums, channels)
            add_up(own_products, channels)
            for c in range(channels):
                partial[n, 0, c] += own_sums[c]
                partial[n, 1, c] += own_products[c]


@kernel(lambda partial, *_: by_item(partial.shape[2], 2.0 * len(partial)))
def _join_gradients(begin: int, end: int, partial: Array, moments: Array, d_weight: Array, d_bias: Array) -> None:
    """The sums over the samples, in their order. The items are channels."""
    size = d_weight.size // moments.shape[2]
    for c in range(begin, end):
        total, products = 0.0, 0.0
        for n in range(len(partial)):
            total += partial[n, 0, c]
            products += partial[n, 1, c] * moments[n, 1, c // size]
        d_weight[c] = products
        if d_bias.size:
            d_bias[c] = total


@kernel(lambda inputs, *_: by_sample(len(inputs), 300.0 + 0.3 * inputs[0].size))
def _input_gradients(
    begin: int,
    end: int,
    inputs: Array,
    d_outputs: Array,
    lengths: Array,
    moments: Array,
    factors: Array,
    partial: Array,
    d_inputs: Array,
) -> None:
    """With g = d_outputs x weight and x the normalised inputs: (g - mean of g - x mean of g x) / standard deviation.

    The product with scale is not fused with the addition: where a group is one number, the result is exactly 0.
    """
    _, positions, channels = inputs.shape
    groups, width = moments.shape[2], factors.shape[2]
    size = channels // groups
    flat, flat_d_outputs, flat_d_inputs = inputs.reshape(-1), d_outputs.reshape(-1), d_inputs.reshape(-1)
    for n in range(begin, end):
        own = real_positions(n, positions, lengths)
        mean, scale, of_variance, of_mean = factors[n, 0], factors[n, 1], factors[n, 3], factors[n, 4]
        share = 1.0 / (max(own, 1) * size)
        for group in range(groups):
            first, last = group * size, (group + 1) * size
            total, product = 0.0, 0.0
            for c in range(first, last):
                total += scale[c] * partial[n, 0, c]
                product += scale[c] * partial[n, 1, c]
            inverse_std = moments[n, 1, group]
            for c in range(first, last):
                of_variance[c] = -share * product * inverse_std * inverse_std
                of_mean[c] = -share * total
        _side_by_side(factors[n, 3:], channels)
        start = n * positions * channels
        stop = start + own * channels
        for at in range(start, stop, width):
            numbers = flat[at : min(at + width, stop)]
            gradients = flat_d_outputs[at : min(at + width, stop)]
            out = flat_d_inputs[at : min(at + width, stop)]
            for i in range(numbers.size):
                deviation = numbers[i] - mean[i]
                out[i] = gradients[i] * scale[i] + mul_add(deviation, of_variance[i], of_mean[i])
        flat_d_inputs[stop : start + positions * channels] = 0
