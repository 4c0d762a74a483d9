"""The convolution of each channel by itself. Images are channels last, (N, H, W, C); weights are (KH, KW, 1, C).

The functions have the names and arguments of `conv2d`'s, and the same order of sums: bits do not depend on the threads.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.conv2d import taps_inside
from nnctl.kernels.cpu.gemm.gemm import bias_or_empty
from nnctl.kernels.cpu.simd.channel_sums import channel_sums
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.cpu.sum_rows import add_chunks, add_rows, add_up
from nnctl.kernels.kernel import Array, Partition, by_chunk, by_sample, kernel

Pair = tuple[int, int]
MULTIPLY_ADD = 0.05  # nanoseconds, roughly


def _output_rows(padded: Array, weight: Array, bias: Array, outputs: Array, *_: Any) -> Partition:
    samples, rows, columns, _ = outputs.shape
    return by_sample(samples * rows, MULTIPLY_ADD * weight.size * columns)


@kernel(_output_rows)
def _convolve(
    begin: int,
    end: int,
    padded: Array,
    weight: Array,
    bias: Array,
    outputs: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair,
) -> None:
    """The items are rows of outputs. inside: the rows of `padded` with anything but zeros, as (first, end)."""
    _, rows, columns, channels = outputs.shape
    kernel_h, kernel_w = weight.shape[:2]
    size, width = padded.itemsize, padded.shape[2] * channels
    for task in range(begin, end):
        n, oh = task // rows, task % rows
        row, row_end = taps_inside(oh * stride[0], dilation[0], kernel_h, inside)
        first = (n * padded.shape[1] + oh * stride[0] + row * dilation[0]) * width
        channel_sums(
            outputs, address_of(padded) + size * first, stride[1] * channels, dilation[0] * width,
            dilation[1] * channels,
            address_of(weight) + size * row * kernel_w * channels, kernel_w * channels, channels,
            address_of(outputs) + size * task * columns * channels, channels,
            address_of(bias) if bias.size else 0, 0, columns, row_end - row, kernel_w, channels,
        )  # fmt: skip


def forward_bias(
    padded: Array,
    weight: Array,
    bias: Array | None,
    outputs: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair,
    groups: int,
) -> None:
    """As `conv2d.forward_bias`, with as many groups as channels."""
    _convolve(padded, weight, bias_or_empty(bias, outputs.dtype), outputs, stride, dilation, inside)


def backward_weight(
    padded: Array,
    d_outputs: Array,
    partial: Array,
    d_weight: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair,
    groups: int,
) -> None:
    """As `conv2d.backward_weight`, with as many groups as channels."""
    _weight_chunks(padded, d_outputs, partial, partial[:, 0, 0, 0, :0], stride, dilation, inside)
    add_chunks(partial.reshape(len(partial), -1), d_weight.ravel())


def backward_weight_bias(
    padded: Array,
    d_outputs: Array,
    partial: Array,
    bias_partial: Array,
    d_weight: Array,
    d_bias: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair,
    groups: int,
) -> None:
    """As `conv2d.backward_weight_bias`, with as many groups as channels."""
    _weight_chunks(padded, d_outputs, partial, bias_partial, stride, dilation, inside)
    add_chunks(partial.reshape(len(partial), -1), d_weight.ravel())
    add_chunks(bias_partial, d_bias)


def _chunks(padded: Array, d_outputs: Array, partial: Array, *_: Any) -> Partition:
    return by_chunk(len(partial), MULTIPLY_ADD * partial[0, ..., 0].size * d_outputs.size / len(partial))


@kernel(_chunks)
def _weight_chunks(
    begin: int,
    end: int,
    padded: Array,
    d_outputs: Array,
    partial: Array,
    bias_partial: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair,
) -> None:
    samples, rows, columns, channels = d_outputs.shape
    chunks, kernel_h, kernel_w = partial.shape[:3]
    size, width, line = padded.itemsize, padded.shape[2] * channels, columns * channels
    for chunk in range(begin, end):
        first_sample, last_sample = chunk * samples // chunks, (chunk + 1) * samples // chunks
        bias_sums = bias_partial[chunk]
        bias_sums[:] = 0
        if first_sample == last_sample:
            partial[chunk] = 0
        for n in range(first_sample, last_sample):
            for kh in range(kernel_h):
                row, row_end = taps_inside(kh * dilation[0], stride[0], rows, inside)
                first = (n * padded.shape[1] + kh * dilation[0] + row * stride[0]) * width
                out = address_of(partial) + size * (chunk * kernel_h + kh) * kernel_w * channels
                channel_sums(
                    partial, address_of(padded) + size * first, dilation[1] * channels, stride[0] * width,
                    stride[1] * channels,
                    address_of(d_outputs) + size * (n * rows + row) * line, line, channels,
                    out, channels, out if n > first_sample else 0, channels,
                    kernel_w, row_end - row, columns, channels,
                )  # fmt: skip
            if bias_sums.size:
                add_rows(d_outputs.reshape(-1), n * rows * line, (n + 1) * rows * line, bias_sums)
        if bias_sums.size:
            add_up(bias_sums, channels)
