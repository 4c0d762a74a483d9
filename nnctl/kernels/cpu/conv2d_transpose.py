"""The transposed convolution, which is the gradient of a convolution's inputs. Images are channels last, (N, H, W, C).

Input h of the convolution is a term of output (h + before - kh dilation) / stride for every tap kh for which that is a
whole number. Which taps these are depends on the phase of h, (h + before) modulo stride: so the pixels of a phase are a
convolution of their own, with stride 1 and some of the taps, and no product has a term that is 0 by plan. Source:
Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", chapter 4, with the zeros left out.

Pairs are (height, width). Each item owns what it writes, and each element sums in a fixed order: the bits do not depend
on the threads.
"""

from __future__ import annotations

from math import gcd
from typing import Any

from nnctl.kernels.cpu.conv2d import taps_inside
from nnctl.kernels.cpu.gemm.gemm import Codes, bias_or_empty, gemm_code, window_gemm
from nnctl.kernels.cpu.matmul import MULTIPLY_ADD
from nnctl.kernels.cpu.simd.memory import address_of, copy_elements
from nnctl.kernels.kernel import Array, Partition, by_item, by_sample, compiled, kernel

Pair = tuple[int, int]


@kernel(lambda weight, out, *_: by_item(weight.shape[0] * weight.shape[1], 0.5 * weight[0, 0].size))
def by_phase(begin: int, end: int, weight: Array, out: Array, stride: Pair, dilation: Pair) -> None:
    """out = the weight with channels swapped and taps in the order in which `forward` reads them: along each axis phase
    by phase, and within one the last first. weight: (KH, KW, C / groups, O), out: (KH, KW, O, C / groups).
    """
    kernel_h, kernel_w, channels, out_channels = weight.shape
    for task in range(begin, end):
        kh, kw = task // kernel_w, task % kernel_w
        row, column = _place_of(kh, kernel_h, stride[0], dilation[0]), _place_of(kw, kernel_w, stride[1], dilation[1])
        for o in range(out_channels):
            for c in range(channels):
                out[row, column, o, c] = weight[kh, kw, c, o]


@compiled
def _place_of(tap: int, taps: int, stride: int, dilation: int) -> int:
    """How many taps come before this one."""
    phase, place = tap * dilation % stride, 0
    for other in range(taps):
        its = other * dilation % stride
        place += its < phase or (its == phase and other > tap)
    return place


@compiled
def taps_of(phase: int, taps: int, stride: int, dilation: int) -> tuple[int, int, int]:
    """The taps of a phase, as (place of the first, how many, the last of them in the kernel)."""
    place, count, last = 0, 0, 0
    for tap in range(taps):
        its = tap * dilation % stride
        place += its < phase
        if its == phase:
            count += 1
            last = tap
    return place, count, last


def _rows(
    code: Codes,
    padded: Array,
    weight: Array,
    bias: Array,
    d_inputs: Array,
    before: Pair,
    edge: int,
    stride: Pair,
    *_: Any,
) -> Partition:
    samples, height, width, _ = d_inputs.shape
    multiply_adds = weight.size * width / (stride[0] * stride[1])
    return by_sample(samples * height, MULTIPLY_ADD * multiply_adds, grain=1)


@kernel(_rows)
def _convolve(
    begin: int,
    end: int,
    code: Codes,
    padded: Array,
    weight: Array,
    bias: Array,
    d_inputs: Array,
    before: Pair,
    edge: int,
    stride: Pair,
    dilation: Pair,
    between: Pair,
    groups: int,
) -> None:
    """The items are rows of d_inputs. between: the distance of one tap of a phase from the next, in d_outputs."""
    _, height, width, channels = d_inputs.shape
    _, rows, columns, out_channels = padded.shape
    kernel_h, kernel_w, _, own = weight.shape
    made = out_channels // groups  # the gradients of a group's outputs, of which those of its own inputs are made
    size, tap = padded.itemsize, out_channels * own
    for task in range(begin, end):
        n, h = task // height, task % height
        place, count, last = taps_of((h + before[0]) % stride[0], kernel_h, stride[0], dilation[0])
        first_row = (h + before[0] - last * dilation[0]) // stride[0]
        row, row_end = taps_inside(first_row, between[0], count, (0, rows))
        image = address_of(padded) + size * (n * rows + first_row + row * between[0]) * columns * out_channels
        out = address_of(d_inputs) + size * task * width * channels
        if row == row_end:
            for w in range(width):
                copy_elements(d_inputs, address_of(bias) if bias.size else 0, out + size * w * channels, channels)
            continue
        for start in range(min(stride[1], width)):  # of the phase's pixels
            pixels = (width - start + stride[1] - 1) // stride[1]
            across, taps, last = taps_of((start + before[1]) % stride[1], kernel_w, stride[1], dilation[1])
            if taps == 0:
                for w in range(start, width, stride[1]):
                    copy_elements(d_inputs, address_of(bias) if bias.size else 0, out + size * w * channels, channels)
                continue
            first_column = edge + (start + before[1] - last * dilation[1]) // stride[1]
            together = taps if between[1] == 1 and groups == 1 else 1  # that are neighbours in d_outputs
            step = stride[1] * channels
            for group in range(groups):
                of_group = ((place + row) * kernel_w + across) * tap + group * made * own
                target = out + size * (start * channels + group * own)
                plus, plus_step = address_of(bias) + size * group * own if bias.size else 0, 0
                for kw in range(0, taps, together):
                    window_gemm(
                        d_inputs, code,
                        image + size * ((first_column + kw * between[1]) * out_channels + group * made),
                        out_channels, between[0] * columns * out_channels, 1,
                        address_of(weight) + size * (of_group + kw * tap),
                        kernel_w * tap, own,
                        target, step, plus, plus_step, pixels, row_end - row, together * made, own,
                    )  # fmt: skip
                    plus, plus_step = target, step


def forward(
    padded: Array,
    weight: Array,
    d_inputs: Array,
    before: Pair,
    edge: int,
    stride: Pair,
    dilation: Pair,
    groups: int = 1,
) -> None:
    """d_inputs: (N, H, W, C), from d_outputs with `edge` columns of zeros on the left and as many as it takes on the
    right, padded: (N, OH, edge + OW + ..., O). weight: (KH, KW, O, C / groups), made by `by_phase`.

    before: the padding above and to the left of the convolution whose gradient this is.
    """
    forward_bias(padded, weight, None, d_inputs, before, edge, stride, dilation, groups)


def forward_bias(
    padded: Array,
    weight: Array,
    bias: Array | None,
    d_inputs: Array,
    before: Pair,
    edge: int,
    stride: Pair,
    dilation: Pair,
    groups: int = 1,
) -> None:
    """As `forward`, plus bias: (C,), or None."""
    between = dilation[0] // gcd(stride[0], dilation[0]), dilation[1] // gcd(stride[1], dilation[1])
    code, own_bias = gemm_code(d_inputs.dtype, d_inputs.shape[3] // groups), bias_or_empty(bias, d_inputs.dtype)
    _convolve(code, padded, weight, own_bias, d_inputs, before, edge, stride, dilation, between, groups)
