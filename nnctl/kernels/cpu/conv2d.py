"""Convolution as products whose rows overlap in memory. Images are channels last, (N, H, W, C).

The taps of one output lie side by side in a padded image, and those of its neighbour begin `stride` pixels further:
so an output row is a product of an address and strides, with nothing unrolled or copied but the padding. Weights are
(KH, KW, C, O). Pairs are (height, width).

Each iteration of a parallel loop owns what it writes, and each element sums in a fixed order: the bits do not depend
on the number of threads.
"""

from __future__ import annotations

from nnctl.kernels.cpu.matmul import fill_rows
from nnctl.kernels.cpu.product import window_product
from nnctl.kernels.jit import Array, parallel_kernel, prange

Pair = tuple[int, int]


@parallel_kernel
def pad(images: Array, out: Array, before: Pair, spread: Pair) -> None:
    """out = images with zeros around, and `spread` - 1 zeros between. images: (N, H, W, C), out: (N, H', W', C).

    before: where the first pixel goes; a negative place is outside, so that pixel is left out.
    """
    samples, height, width, channels = out.shape
    for task in prange(samples * height):
        n, row = task // height, task % height
        for w in range(width):
            for c in range(channels):
                out[n, row, w, c] = 0
        h = (row - before[0]) // spread[0]
        if row - before[0] == h * spread[0] and 0 <= h < images.shape[1]:
            for w in range(images.shape[2]):
                column = before[1] + w * spread[1]
                if 0 <= column < width:
                    for c in range(channels):
                        out[n, row, column, c] = images[n, h, w, c]


@parallel_kernel
def _convolve(padded: Array, weight: Array, outputs: Array, stride: Pair, dilation: Pair, add: bool) -> None:
    """outputs (+)= the convolution, an output row at a time. padded: (N, H', W', C), outputs: (N, OH, OW, O)."""
    samples, rows, columns, out_channels = outputs.shape
    kernel_h, kernel_w, channels, _ = weight.shape
    size, width = padded.itemsize, padded.shape[2] * channels
    image, taps, out = padded.ctypes.data, weight.ctypes.data, outputs.ctypes.data
    together = kernel_w if dilation[1] == 1 else 1  # taps of a kernel row that are neighbours in the image
    for task in prange(samples * rows):
        n, oh = task // rows, task % rows
        first = image + size * (n * padded.shape[1] + oh * stride[0]) * width
        for kw in range(0, kernel_w, together):
            window_product(
                padded, first + size * kw * dilation[1] * channels,
                stride[1] * channels, dilation[0] * width, 1,
                taps + size * kw * channels * out_channels, kernel_w * channels * out_channels, out_channels,
                out + size * task * columns * out_channels, out_channels,
                columns, kernel_h, together * channels, out_channels, add or kw > 0,
            )  # fmt: skip


def forward(padded: Array, weight: Array, outputs: Array, stride: Pair, dilation: Pair) -> None:
    """padded: (N, H', W', C), weight: (KH, KW, C, O), outputs: (N, OH, OW, O)."""
    _convolve(padded, weight, outputs, stride, dilation, False)


def forward_bias(padded: Array, weight: Array, bias: Array, outputs: Array, stride: Pair, dilation: Pair) -> None:
    """As `forward`, plus bias: (O,)."""
    fill_rows(outputs.reshape(-1, outputs.shape[3]), bias)
    _convolve(padded, weight, outputs, stride, dilation, True)


@parallel_kernel
def backward_weight(
    padded: Array, d_outputs: Array, partial: Array, d_weight: Array, stride: Pair, dilation: Pair
) -> None:
    """padded: (N, H', W', C), d_outputs: (N, OH, OW, O), d_weight: (KH, KW, C, O), summed over samples in order.

    partial: (chunks, KH, KW, C, O), to work in: a fixed number of chunks of the samples.
    """
    samples, rows, columns, outputs = d_outputs.shape
    kernel_h, kernel_w, channels, _ = d_weight.shape
    size, width, tap = padded.itemsize, padded.shape[2] * channels, channels * outputs
    image, gradient, out = padded.ctypes.data, d_outputs.ctypes.data, partial.ctypes.data
    together = kernel_w if dilation[1] == 1 else 1  # taps of a kernel row that are neighbours in the image
    chunks = partial.shape[0]
    for chunk in prange(chunks):
        begin, end = chunk * samples // chunks, (chunk + 1) * samples // chunks
        for n in range(begin, end):
            for kh in range(kernel_h):
                for kw in range(0, kernel_w, together):
                    first = (n * padded.shape[1] + kh * dilation[0]) * width + kw * dilation[1] * channels
                    window_product(
                        padded, image + size * first, 1, stride[0] * width, stride[1] * channels,
                        gradient + size * n * rows * columns * outputs, columns * outputs, outputs,
                        out + size * ((chunk * kernel_h + kh) * kernel_w + kw) * tap, outputs,
                        together * channels, rows, columns, outputs, n > begin,
                    )  # fmt: skip
    for kh in prange(kernel_h):
        for kw in range(kernel_w):
            for c in range(channels):
                for o in range(outputs):
                    total = d_weight.dtype.type(0)
                    for chunk in range(chunks):
                        if chunk * samples // chunks < (chunk + 1) * samples // chunks:  # the others hold nothing
                            total += partial[chunk, kh, kw, c, o]
                    d_weight[kh, kw, c, o] = total


@parallel_kernel
def flip(weight: Array, out: Array) -> None:
    """Turn the taps round and swap the channels. weight: (KH, KW, C, O), out: (KH, KW, O, C)."""
    kernel_h, kernel_w, channels, out_channels = weight.shape
    for task in prange(kernel_h * kernel_w):
        kh, kw = task // kernel_w, task % kernel_w
        for o in range(out_channels):
            for c in range(channels):
                out[kh, kw, o, c] = weight[kernel_h - 1 - kh, kernel_w - 1 - kw, c, o]
