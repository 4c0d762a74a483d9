"""Images made larger, both directions. Images are channels last, (N, H, W, C); pairs are (height, width)."""

from __future__ import annotations

from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.cpu.simd.memory import address_of, copy_elements
from nnctl.kernels.kernel import Array, Partition, by_sample, compiled, kernel

Pair = tuple[int, int]


def _rows(images: Array, nanoseconds: float) -> Partition:
    return by_sample(images.shape[0] * images.shape[1], nanoseconds * images.shape[2] * images.shape[3])


@kernel(lambda inputs, outputs, *_: _rows(outputs, 0.3))
def forward_nearest(begin: int, end: int, inputs: Array, outputs: Array, scale: Pair) -> None:
    """Each pixel as a block of scale. inputs: (N, H, W, C), outputs: (N, H scale, W scale, C)."""
    _, height, width, channels = inputs.shape
    _, rows, columns, _ = outputs.shape
    size = inputs.itemsize
    for task in range(begin, end):
        n, h = task // rows, task % rows // scale[0]
        source = address_of(inputs) + size * (n * height + h) * width * channels
        target = address_of(outputs) + size * task * columns * channels
        for w in range(columns):
            place = target + size * w * channels
            copy_elements(outputs, source + size * (w // scale[1]) * channels, place, channels)


@kernel(lambda d_outputs, d_inputs, scale: _rows(d_inputs, 0.5 * scale[0] * scale[1]))
def backward_nearest(begin: int, end: int, d_outputs: Array, d_inputs: Array, scale: Pair) -> None:
    """Each pixel gets the sum of its block. d_outputs: (N, H scale, W scale, C), d_inputs: (N, H, W, C)."""
    _, height, width, channels = d_inputs.shape
    for task in range(begin, end):
        n, h = task // height, task % height
        for w in range(width):
            total = d_inputs[n, h, w]
            total[:] = 0
            for row in range(h * scale[0], (h + 1) * scale[0]):
                for column in range(w * scale[1], (w + 1) * scale[1]):
                    for c in range(channels):
                        total[c] += d_outputs[n, row, column, c]


@compiled
def _between(place: int, scale: int, size: int) -> tuple[int, int, float]:
    """The pixels along an axis that an output is between, and how near it is to the second, from 0 to 1."""
    source = max((place + 0.5) / scale - 0.5, 0.0)
    first = int(source)
    return first, min(first + 1, size - 1), source - first


@compiled
def _shares(like: Array, down: float, across: float) -> tuple[float, float, float, float]:
    """The shares of the four pixels around an output, in the dtype of like: upper left, upper right, lower ones."""
    share = like.dtype.type
    upper, before = 1.0 - down, 1.0 - across
    return share(upper * before), share(upper * across), share(down * before), share(down * across)


@kernel(lambda inputs, outputs, *_: _rows(outputs, 0.6))
def forward_bilinear(begin: int, end: int, inputs: Array, outputs: Array, scale: Pair) -> None:
    """Each output from the four pixels around its centre. inputs: (N, H, W, C), outputs: (N, H scale, W scale, C)."""
    _, height, width, channels = inputs.shape
    _, rows, columns, _ = outputs.shape
    for task in range(begin, end):
        n, row = task // rows, task % rows
        top, bottom, down = _between(row, scale[0], height)
        for column in range(columns):
            left, right, across = _between(column, scale[1], width)
            upper_left, upper_right, lower_left, lower_right = _shares(outputs, down, across)
            for c in range(channels):
                upper = mul_add(upper_right, inputs[n, top, right, c], upper_left * inputs[n, top, left, c])
                lower = mul_add(lower_right, inputs[n, bottom, right, c], lower_left * inputs[n, bottom, left, c])
                outputs[n, row, column, c] = upper + lower


@kernel(lambda d_outputs, d_inputs, *_: by_sample(len(d_outputs), 1.5 * d_outputs[0].size))
def backward_bilinear(begin: int, end: int, d_outputs: Array, d_inputs: Array, scale: Pair) -> None:
    """Each gradient to the four pixels around its centre. d_outputs: (N, H scale, W scale, C), d_inputs: (N, H, W, C).

    An item is a whole sample, as outputs share pixels.
    """
    _, height, width, channels = d_inputs.shape
    _, rows, columns, _ = d_outputs.shape
    for n in range(begin, end):
        d_inputs[n] = 0
        for row in range(rows):
            top, bottom, down = _between(row, scale[0], height)
            for column in range(columns):
                left, right, across = _between(column, scale[1], width)
                upper_left, upper_right, lower_left, lower_right = _shares(d_inputs, down, across)
                for c in range(channels):
                    gradient = d_outputs[n, row, column, c]
                    d_inputs[n, top, left, c] += upper_left * gradient
                    d_inputs[n, top, right, c] += upper_right * gradient
                    d_inputs[n, bottom, left, c] += lower_left * gradient
                    d_inputs[n, bottom, right, c] += lower_right * gradient
