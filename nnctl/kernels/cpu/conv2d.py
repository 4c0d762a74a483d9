"""Convolution as products whose rows overlap in memory. Images are channels last, (N, H, W, C).

The taps of one output lie side by side in a padded image, and those of its neighbour begin `stride` pixels further:
so an output row is a product of an address and strides, with nothing unrolled or copied but the padding. Weights are
(KH, KW, C, O). Pairs are (height, width).

Each iteration of a parallel loop owns what it writes, and each element sums in a fixed order: the bits do not depend
on the number of threads.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.matmul import MULTIPLY_ADD, fill_rows, sum_chunks
from nnctl.kernels.cpu.product import window_product
from nnctl.kernels.cpu.tile import tile_code
from nnctl.kernels.cpu.vector import add_chunks
from nnctl.kernels.kernel import Array, Share, by_chunk, by_sample, kernel, shared

Pair = tuple[int, int]


def _output_rows(code: int, padded: Array, weight: Array, outputs: Array, *_: Any) -> Share:
    samples, rows, columns, channels = outputs.shape
    multiply_adds = weight[..., 0].size * columns * channels
    return by_sample(samples * rows, MULTIPLY_ADD * multiply_adds, least=1)


@kernel(lambda images, out, *_: by_sample(out.shape[0] * out.shape[1], 0.2 * out.shape[2] * out.shape[3]))
def pad(begin: int, end: int, images: Array, out: Array, before: Pair, spread: Pair) -> None:
    """out = images with zeros around, and `spread` - 1 zeros between. images: (N, H, W, C), out: (N, H', W', C).

    before: where the first pixel goes; a negative place is outside, so that pixel is left out.
    """
    _, height, width, channels = out.shape
    for task in range(begin, end):
        n, row = task // height, task % height
        line = out[n, row].reshape(-1)
        h = (row - before[0]) // spread[0]
        inside = row - before[0] == h * spread[0] and 0 <= h < images.shape[1]
        if inside and spread[1] == 1:  # pixels that are neighbours stay neighbours
            image = images[n, h].reshape(-1)
            first = max(0, -before[1])
            pixels = image[first * channels : min(images.shape[2], width - before[1]) * channels]
            start = (first + before[1]) * channels
            for i in range(start):
                line[i] = 0
            target = line[start : start + len(pixels)]
            for i in range(len(pixels)):
                target[i] = pixels[i]
            rest = line[start + len(pixels) :]
            for i in range(len(rest)):
                rest[i] = 0
        else:
            for i in range(len(line)):
                line[i] = 0
            if inside:
                for w in range(images.shape[2]):
                    column = before[1] + w * spread[1]
                    if 0 <= column < width:
                        for c in range(channels):
                            out[n, row, column, c] = images[n, h, w, c]


@kernel(_output_rows)
def _convolve(
    begin: int,
    end: int,
    code: int,
    padded: Array,
    weight: Array,
    outputs: Array,
    stride: Pair,
    dilation: Pair,
    add: bool,
) -> None:
    """outputs (+)= the convolution, an output row at a time. padded: (N, H', W', C), outputs: (N, OH, OW, O)."""
    _, rows, columns, out_channels = outputs.shape
    kernel_h, kernel_w, channels, _ = weight.shape
    size, width = padded.itemsize, padded.shape[2] * channels
    image, taps, out = padded.ctypes.data, weight.ctypes.data, outputs.ctypes.data
    together = kernel_w if dilation[1] == 1 else 1  # taps of a kernel row that are neighbours in the image
    for task in range(begin, end):
        n, oh = task // rows, task % rows
        first = image + size * (n * padded.shape[1] + oh * stride[0]) * width
        for kw in range(0, kernel_w, together):
            window_product(
                code, size, first + size * kw * dilation[1] * channels,
                stride[1] * channels, dilation[0] * width, 1,
                taps + size * kw * channels * out_channels, kernel_w * channels * out_channels, out_channels,
                out + size * task * columns * out_channels, out_channels,
                columns, kernel_h, together * channels, out_channels, add or kw > 0,
            )  # fmt: skip


def forward(padded: Array, weight: Array, outputs: Array, stride: Pair, dilation: Pair) -> None:
    """padded: (N, H', W', C), weight: (KH, KW, C, O), outputs: (N, OH, OW, O)."""
    _convolve(tile_code(outputs.dtype), padded, weight, outputs, stride, dilation, False)


def forward_bias(padded: Array, weight: Array, bias: Array, outputs: Array, stride: Pair, dilation: Pair) -> None:
    """As `forward`, plus bias: (O,)."""
    fill_rows(outputs.reshape(-1, outputs.shape[3]), bias)
    _convolve(tile_code(outputs.dtype), padded, weight, outputs, stride, dilation, True)


def backward_weight(
    padded: Array, d_outputs: Array, partial: Array, d_weight: Array, stride: Pair, dilation: Pair
) -> None:
    """padded: (N, H', W', C), d_outputs: (N, OH, OW, O), d_weight: (KH, KW, C, O), summed over samples in order.

    partial: (chunks, KH, KW, C, O), to work in: a fixed number of chunks of the samples.
    """
    _weight_chunks(tile_code(d_weight.dtype), padded, d_outputs, partial, stride, dilation)
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
) -> None:
    """As `backward_weight`, and d_bias: (O,), while the gradient is in the cache. bias_partial: as `sum_rows`."""
    _weight_chunks(tile_code(d_weight.dtype), padded, d_outputs, partial, stride, dilation)
    sum_chunks(d_outputs.ravel(), len(d_bias), bias_partial)
    add_chunks(partial.reshape(len(partial), -1), d_weight.ravel())
    add_chunks(bias_partial, d_bias)


def _chunks(code: int, padded: Array, d_outputs: Array, partial: Array, *_: Any) -> Share:
    return by_chunk(len(partial), MULTIPLY_ADD * partial[0, ..., 0].size * d_outputs.size / len(partial))


@kernel(_chunks)
def _weight_chunks(
    begin: int,
    end: int,
    code: int,
    padded: Array,
    d_outputs: Array,
    partial: Array,
    stride: Pair,
    dilation: Pair,
) -> None:
    samples, rows, columns, outputs = d_outputs.shape
    chunks, kernel_h, kernel_w, channels, _ = partial.shape
    size, width, tap = padded.itemsize, padded.shape[2] * channels, channels * outputs
    image, gradient, out = padded.ctypes.data, d_outputs.ctypes.data, partial.ctypes.data
    together = kernel_w if dilation[1] == 1 else 1  # taps of a kernel row that are neighbours in the image
    for chunk in range(begin, end):
        first_sample, last_sample = chunk * samples // chunks, (chunk + 1) * samples // chunks
        if first_sample == last_sample:
            partial[chunk] = 0
        for n in range(first_sample, last_sample):
            for kh in range(kernel_h):
                for kw in range(0, kernel_w, together):
                    first = (n * padded.shape[1] + kh * dilation[0]) * width + kw * dilation[1] * channels
                    window_product(
                        code, size, image + size * first, 1, stride[0] * width, stride[1] * channels,
                        gradient + size * n * rows * columns * outputs, columns * outputs, outputs,
                        out + size * ((chunk * kernel_h + kh) * kernel_w + kw) * tap, outputs,
                        together * channels, rows, columns, outputs, n > first_sample,
                    )  # fmt: skip


@kernel(lambda weight, out: shared(weight.shape[0] * weight.shape[1], 0.5 * weight[0, 0].size))
def flip(begin: int, end: int, weight: Array, out: Array) -> None:
    """Turn the taps round and swap the channels. weight: (KH, KW, C, O), out: (KH, KW, O, C)."""
    kernel_h, kernel_w, channels, out_channels = weight.shape
    for task in range(begin, end):
        kh, kw = task // kernel_w, task % kernel_w
        for o in range(out_channels):
            for c in range(channels):
                out[kh, kw, o, c] = weight[kernel_h - 1 - kh, kernel_w - 1 - kw, c, o]
