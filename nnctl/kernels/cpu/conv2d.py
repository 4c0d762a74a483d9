"""Convolution as products whose rows overlap in memory. Images are channels last, (N, H, W, C).

The taps of one output lie side by side in a padded image, and those of its neighbour begin `stride` pixels further:
so an output row is a product of an address and strides, with nothing unrolled or copied but the padding. Weights are
(KH, KW, C, O). Pairs are (height, width).

Each iteration of a parallel loop owns what it writes, and each element sums in a fixed order: the bits do not depend
on the number of threads.
"""

from __future__ import annotations

from nnctl.kernels.cpu.product import window_product
from nnctl.kernels.jit import Array, kernel, parallel_kernel, prange

Pair = tuple[int, int]


@parallel_kernel
def pad(images: Array, out: Array, before: Pair, spread: Pair) -> None:
    """out = images with zeros around, and `spread` - 1 zeros between. images: (N, H, W, C), out: (N, H', W', C).

    before: where the first pixel goes; a negative place is outside, so that pixel is left out.
    """
    samples, height, width, channels = out.shape
    for task in prange(samples * height):
        n, row = task // height, task % height - before[0]
        target = out[n, task % height]
        target[:] = 0
        h = row // spread[0]
        if row == h * spread[0] and 0 <= h < images.shape[1]:
            source = images[n, h]
            for w in range(source.shape[0]):
                column = before[1] + w * spread[1]
                if 0 <= column < width:
                    for c in range(channels):
                        target[column, c] = source[w, c]


@kernel
def _add_row(image: int, width: int, weight: Array, row: Array, start: int, stride: Pair, dilation: Pair) -> None:
    """row += one output row. image: address of the padded row of its first tap; width: of the image in elements."""
    kernel_h, kernel_w, channels, outputs = weight.shape
    size, taps, step = weight.itemsize, kernel_w * channels, stride[1] * channels
    if dilation[1] == 1:  # the taps of a kernel row are neighbours: all rows at once
        window_product(
            weight, image, step, dilation[0] * width, 1, weight.ctypes.data, taps * outputs, outputs,
            start, outputs, row.shape[0], kernel_h, taps, outputs, True,
        )  # fmt: skip
    else:
        for kh in range(kernel_h):
            window_product(
                weight, image + size * kh * dilation[0] * width, step, dilation[1] * channels, 1,
                weight.ctypes.data + size * kh * taps * outputs, channels * outputs, outputs,
                start, outputs, row.shape[0], kernel_w, channels, outputs, True,
            )  # fmt: skip


@parallel_kernel
def _convolve(padded: Array, weight: Array, outputs: Array, stride: Pair, dilation: Pair) -> None:
    """outputs += the convolution. padded: (N, H', W', C), outputs: (N, OH, OW, O)."""
    samples, rows = outputs.shape[:2]
    size, width = padded.itemsize, padded.shape[2] * padded.shape[3]
    image, start, row_size = padded.ctypes.data, outputs.ctypes.data, outputs.shape[2] * outputs.shape[3]
    for task in prange(samples * rows):
        n, oh = task // rows, task % rows
        first = image + size * (n * padded.shape[1] + oh * stride[0]) * width
        _add_row(first, width, weight, outputs[n, oh], start + size * task * row_size, stride, dilation)


@kernel
def forward(padded: Array, weight: Array, outputs: Array, stride: Pair, dilation: Pair) -> None:
    """padded: (N, H', W', C), weight: (KH, KW, C, O), outputs: (N, OH, OW, O)."""
    outputs[:] = 0
    _convolve(padded, weight, outputs, stride, dilation)


@kernel
def forward_bias(padded: Array, weight: Array, bias: Array, outputs: Array, stride: Pair, dilation: Pair) -> None:
    """As `forward`, plus bias: (O,)."""
    outputs[:] = bias
    _convolve(padded, weight, outputs, stride, dilation)


@kernel
def _add_weight_gradient(
    image: int, width: int, gradient: int, shape: Pair, out: Array, stride: Pair, dilation: Pair, add: bool
) -> None:
    """out (+)= one sample's gradient of the weight. image, gradient: addresses; shape: rows, columns of d_outputs."""
    kernel_h, kernel_w, channels, outputs = out.shape
    size = out.itemsize
    together = kernel_w if dilation[1] == 1 else 1  # taps of a kernel row that are neighbours
    for kh in range(kernel_h):
        for kw in range(0, kernel_w, together):
            window_product(
                out, image + size * (kh * dilation[0] * width + kw * dilation[1] * channels),
                1, stride[0] * width, stride[1] * channels, gradient, shape[1] * outputs, outputs,
                out.ctypes.data + size * (kh * kernel_w + kw) * channels * outputs, outputs,
                together * channels, shape[0], shape[1], outputs, add,
            )  # fmt: skip


@parallel_kernel
def backward_weight(
    padded: Array, d_outputs: Array, partial: Array, d_weight: Array, stride: Pair, dilation: Pair
) -> None:
    """padded: (N, H', W', C), d_outputs: (N, OH, OW, O), d_weight: (KH, KW, C, O), summed over samples in order.

    partial: (chunks, KH, KW, C, O), to work in: a fixed number of chunks of the samples.
    """
    samples, rows, columns, outputs = d_outputs.shape
    size, width = padded.itemsize, padded.shape[2] * padded.shape[3]
    image, gradient = padded.ctypes.data, d_outputs.ctypes.data
    chunks = partial.shape[0]
    for chunk in prange(chunks):
        begin, end = chunk * samples // chunks, (chunk + 1) * samples // chunks
        if begin == end:
            partial[chunk] = 0
        for n in range(begin, end):
            _add_weight_gradient(
                image + size * n * padded.shape[1] * width,
                width,
                gradient + size * n * rows * columns * outputs,
                (rows, columns),
                partial[chunk],
                stride,
                dilation,
                n > begin,
            )
    taps = d_weight.shape[0] * d_weight.shape[1]
    for tap in prange(taps):
        kh, kw = tap // d_weight.shape[1], tap % d_weight.shape[1]
        d_weight[kh, kw] = partial[0, kh, kw]
        for chunk in range(1, chunks):
            d_weight[kh, kw] += partial[chunk, kh, kw]


@parallel_kernel
def flip(weight: Array, out: Array) -> None:
    """Turn the taps round and swap the channels. weight: (KH, KW, C, O), out: (KH, KW, O, C)."""
    kernel_h, kernel_w, channels, out_channels = weight.shape
    for task in prange(kernel_h * kernel_w):
        kh, kw = task // kernel_w, task % kernel_w
        for o in range(out_channels):
            for c in range(channels):
                out[kh, kw, o, c] = weight[kernel_h - 1 - kh, kernel_w - 1 - kw, c, o]
