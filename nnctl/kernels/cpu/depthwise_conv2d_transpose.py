"""The gradient of the inputs of a depthwise convolution: `conv2d_transpose` for channels that are by themselves."""

from __future__ import annotations

from math import gcd
from typing import Any

from nnctl.kernels.cpu.conv2d import taps_inside
from nnctl.kernels.cpu.conv2d_transpose import taps_of
from nnctl.kernels.cpu.depthwise_conv2d import MULTIPLY_ADD
from nnctl.kernels.cpu.simd.channel_sums import channel_sums
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.kernel import Array, Partition, by_sample, kernel

Pair = tuple[int, int]


def _rows(padded: Array, weight: Array, d_inputs: Array, before: Pair, edge: int, stride: Pair, *_: Any) -> Partition:
    samples, height, width, _ = d_inputs.shape
    return by_sample(samples * height, MULTIPLY_ADD * weight.size * width / (stride[0] * stride[1]))


@kernel(_rows)
def _convolve(
    begin: int,
    end: int,
    padded: Array,
    weight: Array,
    d_inputs: Array,
    before: Pair,
    edge: int,
    stride: Pair,
    dilation: Pair,
    between: Pair,
) -> None:
    """The items are rows of d_inputs. between: the distance of one tap of a phase from the next, in d_outputs."""
    _, height, width, channels = d_inputs.shape
    _, rows, columns, _ = padded.shape
    kernel_h, kernel_w = weight.shape[:2]
    size = padded.itemsize
    for task in range(begin, end):
        n, h = task // height, task % height
        place, count, last = taps_of((h + before[0]) % stride[0], kernel_h, stride[0], dilation[0])
        first_row = (h + before[0] - last * dilation[0]) // stride[0]
        row, row_end = taps_inside(first_row, between[0], count, (0, rows))
        image = (n * rows + first_row + row * between[0]) * columns
        for start in range(min(stride[1], width)):  # of the phase's pixels
            pixels = (width - start + stride[1] - 1) // stride[1]
            across, taps, last = taps_of((start + before[1]) % stride[1], kernel_w, stride[1], dilation[1])
            first_column = edge + (start + before[1] - last * dilation[1]) // stride[1]
            channel_sums(
                d_inputs, address_of(padded) + size * (image + first_column) * channels,
                channels, between[0] * columns * channels, between[1] * channels,
                address_of(weight) + size * ((place + row) * kernel_w + across) * channels,
                kernel_w * channels, channels,
                address_of(d_inputs) + size * (task * width + start) * channels, stride[1] * channels, 0, 0,
                pixels, row_end - row, taps, channels,
            )  # fmt: skip


def forward(
    padded: Array,
    weight: Array,
    d_inputs: Array,
    before: Pair,
    edge: int,
    stride: Pair,
    dilation: Pair,
    groups: int,
) -> None:
    """As `conv2d_transpose.forward`, with as many groups as channels."""
    between = dilation[0] // gcd(stride[0], dilation[0]), dilation[1] // gcd(stride[1], dilation[1])
    _convolve(padded, weight, d_inputs, before, edge, stride, dilation, between)
