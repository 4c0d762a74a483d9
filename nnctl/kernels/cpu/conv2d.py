"""Convolution as matrix products whose rows overlap in memory. Images are channels last, (N, H, W, C).

The inputs of one output are contiguous in a row of a padded image, and those of the next output begin `stride` pixels
further: so a row of outputs is a product addressed by strides, with nothing unrolled or copied but the padding. Weights
are (KH, KW, C / groups, O): a group of outputs is made of a group of inputs. Pairs are (height, width).

Each item owns what it writes, and each element sums in a fixed order: the bits do not depend on the threads.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.gemm.gemm import Codes, bias_or_empty, gemm_code, window_gemm
from nnctl.kernels.cpu.matmul import MULTIPLY_ADD
from nnctl.kernels.cpu.simd.memory import address_of, copy_elements
from nnctl.kernels.cpu.sum_rows import add_chunks, add_rows, add_up
from nnctl.kernels.kernel import Array, Partition, by_chunk, by_sample, compiled, kernel

Pair = tuple[int, int]


def _output_rows(code: Codes, padded: Array, weight: Array, bias: Array, outputs: Array, *_: Any) -> Partition:
    samples, rows, columns, channels = outputs.shape
    multiply_adds = weight[..., 0].size * columns * channels
    return by_sample(samples * rows, MULTIPLY_ADD * multiply_adds, grain=1)


@kernel(lambda images, out, *_: by_sample(out.shape[0] * out.shape[1], 0.2 * out.shape[2] * out.shape[3]))
def pad(begin: int, end: int, images: Array, out: Array, before: Pair) -> None:
    """out = images with zeros around them. images: (N, H, W, C), out: (N, H', W', C).

    before: the place of the first pixel in out.
    """
    _, height, width, channels = out.shape
    size, line = out.itemsize, width * channels
    start = before[1] * channels
    pixels = min(images.shape[2] * channels, line - start)
    for task in range(begin, end):
        n, h = task // height, task % height - before[0]
        target = address_of(out) + size * task * line
        if 0 <= h < images.shape[1]:
            source = address_of(images) + size * (n * images.shape[1] + h) * images.shape[2] * channels
            copy_elements(out, 0, target, start)
            copy_elements(out, source, target + size * start, pixels)
            copy_elements(out, 0, target + size * (start + pixels), line - start - pixels)
        else:
            copy_elements(out, 0, target, line)


@compiled
def taps_inside(first: int, step: int, taps: int, inside: Pair) -> Pair:
    """The taps whose rows, first, first + step, ..., are inside, as (first, end). taps: how many there are."""
    begin = max(0, (inside[0] - first + step - 1) // step)
    return begin, max(begin, min(taps, (inside[1] - first + step - 1) // step))


@kernel(_output_rows)
def _convolve(
    begin: int,
    end: int,
    code: Codes,
    padded: Array,
    weight: Array,
    bias: Array,
    outputs: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair,
    groups: int,
) -> None:
    """The items are rows of outputs. inside: the rows of `padded` with anything but zeros, as (first, end)."""
    _, rows, columns, out_channels = outputs.shape
    kernel_h, kernel_w, own, _ = weight.shape
    channels, made = padded.shape[3], out_channels // groups
    size, width = padded.itemsize, padded.shape[2] * channels
    together = kernel_w if dilation[1] == 1 and groups == 1 else 1  # taps of a kernel row that are neighbours
    row_of_taps = kernel_w * own * out_channels
    for task in range(begin, end):
        n, oh = task // rows, task % rows
        row, row_end = taps_inside(oh * stride[0], dilation[0], kernel_h, inside)
        if row == row_end:  # zeros alone, but a product has at least one term
            row, row_end = 0, 1
        image = address_of(padded) + size * (n * padded.shape[1] + oh * stride[0] + row * dilation[0]) * width
        for group in range(groups):
            first = image + size * group * own
            taps = address_of(weight) + size * (row * row_of_taps + group * made)
            out = address_of(outputs) + size * (task * columns * out_channels + group * made)
            plus, plus_row = address_of(bias) + size * group * made if bias.size else 0, 0
            for kw in range(0, kernel_w, together):
                window_gemm(
                    outputs, code, first + size * kw * dilation[1] * channels,
                    stride[1] * channels, dilation[0] * width, 1,
                    taps + size * kw * own * out_channels, row_of_taps, out_channels,
                    out, out_channels, plus, plus_row, columns, row_end - row, together * own, made,
                )  # fmt: skip
                plus, plus_row = out, out_channels


def forward(
    padded: Array,
    weight: Array,
    outputs: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair | None = None,
    groups: int = 1,
) -> None:
    """padded: (N, H', W', C), weight: (KH, KW, C / groups, O), outputs: (N, OH, OW, O).

    inside: the rows of `padded` with anything but zeros, as (first, end); None for all.
    """
    forward_bias(padded, weight, None, outputs, stride, dilation, inside, groups)


def forward_bias(
    padded: Array,
    weight: Array,
    bias: Array | None,
    outputs: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair | None = None,
    groups: int = 1,
) -> None:
    """As `forward`, plus bias: (O,), or None."""
    code, rows = gemm_code(outputs.dtype, outputs.shape[3] // groups), inside or (0, padded.shape[1])
    _convolve(code, padded, weight, bias_or_empty(bias, outputs.dtype), outputs, stride, dilation, rows, groups)


def backward_weight(
    padded: Array,
    d_outputs: Array,
    partial: Array,
    d_weight: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair | None = None,
    groups: int = 1,
) -> None:
    """padded: (N, H', W', C), d_outputs: (N, OH, OW, O), d_weight: (KH, KW, C / groups, O), summed over samples in
    order.

    partial: (chunks, *d_weight), scratch: a fixed number of chunks of the samples. inside: as in `forward`.
    """
    code = gemm_code(d_weight.dtype, d_weight.shape[3] // groups)
    no_bias, rows = partial[:, 0, 0, 0, :0], inside or (0, padded.shape[1])
    _weight_chunks(code, padded, d_outputs, partial, no_bias, stride, dilation, rows, groups)
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
    inside: Pair | None = None,
    groups: int = 1,
) -> None:
    """As `backward_weight`, and d_bias: (O,), while d_outputs are in the cache.

    bias_partial: (chunks, a multiple of O), scratch.
    """
    code, rows = gemm_code(d_weight.dtype, d_weight.shape[3] // groups), inside or (0, padded.shape[1])
    _weight_chunks(code, padded, d_outputs, partial, bias_partial, stride, dilation, rows, groups)
    add_chunks(partial.reshape(len(partial), -1), d_weight.ravel())
    add_chunks(bias_partial, d_bias)


def _chunks(code: Codes, padded: Array, d_outputs: Array, partial: Array, *_: Any) -> Partition:
    return by_chunk(len(partial), MULTIPLY_ADD * partial[0, ..., 0].size * d_outputs.size / len(partial))


@kernel(_chunks)
def _weight_chunks(
    begin: int,
    end: int,
    code: Codes,
    padded: Array,
    d_outputs: Array,
    partial: Array,
    bias_partial: Array,
    stride: Pair,
    dilation: Pair,
    inside: Pair,
    groups: int,
) -> None:
    samples, rows, columns, outputs = d_outputs.shape
    chunks, kernel_h, kernel_w, own, _ = partial.shape
    channels, made = padded.shape[3], outputs // groups
    size, width, tap = padded.itemsize, padded.shape[2] * channels, own * outputs
    together = kernel_w if dilation[1] == 1 and groups == 1 else 1  # taps of a kernel row that are neighbours
    for chunk in range(begin, end):
        first_sample, last_sample = chunk * samples // chunks, (chunk + 1) * samples // chunks
        bias_sums = bias_partial[chunk]
        bias_sums[:] = 0
        if first_sample == last_sample:
            partial[chunk] = 0
        for n in range(first_sample, last_sample):
            for kh in range(kernel_h):
                row, row_end = taps_inside(kh * dilation[0], stride[0], rows, inside)
                if row == row_end:  # zeros alone, but a product has at least one term
                    row, row_end = 0, 1
                first = (n * padded.shape[1] + kh * dilation[0] + row * stride[0]) * width
                for kw in range(0, kernel_w, together):
                    for group in range(groups):
                        tap_of = (chunk * kernel_h + kh) * kernel_w + kw
                        out = address_of(partial) + size * (tap_of * tap + group * made)
                        gradient = (n * rows + row) * columns * outputs + group * made
                        window_gemm(
                            partial, code,
                            address_of(padded) + size * (first + kw * dilation[1] * channels + group * own),
                            1, stride[0] * width, stride[1] * channels,
                            address_of(d_outputs) + size * gradient, columns * outputs, outputs,
                            out, outputs, out if n > first_sample else 0, outputs,
                            together * own, row_end - row, columns, made,
                        )  # fmt: skip
            if bias_sums.size:
                image = rows * columns * outputs
                add_rows(d_outputs.reshape(-1), n * image, (n + 1) * image, bias_sums)
        if bias_sums.size:
            add_up(bias_sums, outputs)
