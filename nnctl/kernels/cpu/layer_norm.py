"""Layer normalisation: every position of every sample by itself, over its channels.

Arrays are (N, P, C): samples, positions, channels. lengths: (N,) int64, how many positions of each sample are real, or
None for all; the others have no influence, and what is made of them is 0. moments: (N, P, 2) float64, the mean of each
position and one over its standard deviation.
"""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.gemm.gemm import bias_or_empty
from nnctl.kernels.cpu.moments import lengths_or_empty, real_positions
from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.cpu.simd.sums import (
    sum_of,
    sum_of_products,
    sum_of_products_with_deviations,
    sum_of_squared_deviations,
)
from nnctl.kernels.cpu.sum_rows import add_chunks
from nnctl.kernels.kernel import Array, by_chunk, by_sample, kernel


def forward(
    inputs: Array, lengths: Array | None, weight: Array, bias: Array | None, eps: float, moments: Array, outputs: Array
) -> None:
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, and moments. weight, bias: (C,)."""
    bias = bias_or_empty(bias, weight.dtype)
    _forward(inputs, lengths_or_empty(lengths), weight, bias, eps, moments, outputs)


def backward_parameters(
    inputs: Array,
    d_outputs: Array,
    lengths: Array | None,
    moments: Array,
    partial: Array,
    d_weight: Array,
    d_bias: Array | None,
) -> None:
    """d_weight and d_bias, (C,). partial: (2, chunks, C) float64, scratch: a fixed number of chunks of the samples."""
    _parameter_chunks(inputs, d_outputs, lengths_or_empty(lengths), moments, partial)
    add_chunks(partial[0], d_weight)
    if d_bias is not None:
        add_chunks(partial[1], d_bias)


def backward_inputs(
    inputs: Array, d_outputs: Array, lengths: Array | None, moments: Array, weight: Array, d_inputs: Array
) -> None:
    """d_inputs, from what `forward` left in moments."""
    _backward_inputs(inputs, d_outputs, lengths_or_empty(lengths), moments, weight, d_inputs)


@kernel(lambda inputs, *_: by_sample(len(inputs), 15.0 * inputs.shape[1] + 0.4 * inputs[0].size))
def _forward(
    begin: int,
    end: int,
    inputs: Array,
    lengths: Array,
    weight: Array,
    bias: Array,
    eps: float,
    moments: Array,
    outputs: Array,
) -> None:
    _, positions, channels = inputs.shape
    for n in range(begin, end):
        own = real_positions(n, positions, lengths)
        for p in range(own):
            numbers, out = inputs[n, p], outputs[n, p]
            mean = sum_of(numbers) / channels
            inverse_std = 1.0 / np.sqrt(sum_of_squared_deviations(numbers, mean) / channels + eps)
            moments[n, p, 0], moments[n, p, 1] = mean, inverse_std
            centre, scale = inputs.dtype.type(mean), inputs.dtype.type(inverse_std)
            if bias.size:
                for c in range(channels):
                    out[c] = mul_add((numbers[c] - centre) * scale, weight[c], bias[c])
            else:
                for c in range(channels):
                    out[c] = (numbers[c] - centre) * scale * weight[c]
        outputs[n, own:] = 0


@kernel(lambda inputs, d_outputs, lengths, moments, partial: by_chunk(partial.shape[1], 0.2 * inputs.size))
def _parameter_chunks(
    begin: int, end: int, inputs: Array, d_outputs: Array, lengths: Array, moments: Array, partial: Array
) -> None:
    """Of each chunk the sum of d_outputs (inputs - mean) / standard deviation, and that of d_outputs."""
    samples, positions, channels = inputs.shape
    _, chunks, _ = partial.shape
    for chunk in range(begin, end):
        products, sums = partial[0, chunk], partial[1, chunk]
        products[:] = 0
        sums[:] = 0
        for n in range(chunk * samples // chunks, (chunk + 1) * samples // chunks):
            for p in range(real_positions(n, positions, lengths)):
                numbers, gradients = inputs[n, p], d_outputs[n, p]
                centre, scale = inputs.dtype.type(moments[n, p, 0]), inputs.dtype.type(moments[n, p, 1])
                for c in range(channels):
                    products[c] += gradients[c] * ((numbers[c] - centre) * scale)
                    sums[c] += gradients[c]


@kernel(lambda inputs, *_: by_sample(len(inputs), 15.0 * inputs.shape[1] + 0.5 * inputs[0].size))
def _backward_inputs(
    begin: int,
    end: int,
    inputs: Array,
    d_outputs: Array,
    lengths: Array,
    moments: Array,
    weight: Array,
    d_inputs: Array,
) -> None:
    """With g = d_outputs x weight and x the normalised inputs: (g - mean of g - x mean of g x) / standard deviation.

    No product is fused with an addition: of a single channel, the result is exactly 0.
    """
    _, positions, channels = inputs.shape
    for n in range(begin, end):
        own = real_positions(n, positions, lengths)
        for p in range(own):
            numbers, gradients, out = inputs[n, p], d_outputs[n, p], d_inputs[n, p]
            mean, inverse_std = moments[n, p, 0], moments[n, p, 1]
            total = sum_of_products(gradients, weight)
            product = sum_of_products_with_deviations(gradients, weight, numbers, mean)
            centre, scale = inputs.dtype.type(mean), inputs.dtype.type(inverse_std)
            of_mean = inputs.dtype.type(total / channels)
            of_variance = inputs.dtype.type(product * inverse_std * inverse_std / channels)
            for c in range(channels):
                out[c] = (gradients[c] * weight[c] - of_mean - (numbers[c] - centre) * of_variance) * scale
        d_inputs[n, own:] = 0
