"""Images turned, scaled and shifted at once, each at random, both directions. Between pixels it is bilinear."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.simd.cosine import cosine_and_sine
from nnctl.kernels.cpu.simd.exp import mul_add
from nnctl.kernels.cpu.splitmix import number_between
from nnctl.kernels.kernel import Array, by_sample, compiled, kernel

Corners = tuple[int, int, int, int]
Four = tuple[float, float, float, float]


@compiled
def _drawn(
    key: np.uint64, n: int, angle: float, smallest: float, largest: float, most_down: float, most_right: float
) -> Four:
    """Sample n's cosine and sine, both divided by its scale, and its shift in pixels, down and to the right."""
    cosine, sine = cosine_and_sine(number_between(key, 4 * n, -angle, angle))
    scale = number_between(key, 4 * n + 1, smallest, largest)
    moved_down = number_between(key, 4 * n + 2, -most_down, most_down)
    moved_right = number_between(key, 4 * n + 3, -most_right, most_right)
    return cosine / scale, sine / scale, moved_down, moved_right


@compiled
def _origin(row: int, column: int, height: int, width: int, drawn: Four) -> tuple[float, float]:
    """Where in its image a pixel of the output comes from: row and column, with fractions."""
    cosine, sine, moved_down, moved_right = drawn
    middle_y, middle_x = 0.5 * (height - 1), 0.5 * (width - 1)
    y, x = row - middle_y - moved_down, column - middle_x - moved_right
    return cosine * y + sine * x + middle_y, cosine * x - sine * y + middle_x


@compiled
def _is_outside(y: float, x: float, height: int, width: int) -> bool:
    """Whether no pixel is next to a place."""
    return y <= -1.0 or y >= height or x <= -1.0 or x >= width


@compiled
def _around(place: float, size: int) -> tuple[int, int, float, float]:
    """The two pixels along an axis that a place is between, with their shares: 0 for one beyond the edge."""
    first = int(place + 1.0) - 1  # rounded down
    behind = place - first
    before = 1.0 - behind if first >= 0 else 0.0
    return max(first, 0), min(first + 1, size - 1), before, behind if first + 1 < size else 0.0


@compiled
def _blend(image: Array, corners: Corners, shares: Four, out: Array, place: int, channels: int) -> None:
    """A pixel of out = the sum of four pixels of image, each by its share. image, out: (H W C,)."""
    first, second, third, fourth = corners
    upper_left, upper_right, lower_left, lower_right = shares
    for c in range(channels):
        above = mul_add(upper_right, image[second * channels + c], upper_left * image[first * channels + c])
        below = mul_add(lower_right, image[fourth * channels + c], lower_left * image[third * channels + c])
        out[place * channels + c] = above + below


@kernel(lambda inputs, *_: by_sample(len(inputs), inputs[0].size * (1.0 + 4.0 / inputs.shape[3])))
def forward(
    begin: int,
    end: int,
    inputs: Array,
    outputs: Array,
    angle: float,
    smallest: float,
    largest: float,
    most_down: float,
    most_right: float,
    key: np.uint64,
) -> None:
    """outputs[n] = inputs[n], turned counter-clockwise and scaled around its middle, then shifted. Both (N, H, W, C).

    angle, most_down, most_right: at most, both ways, in radians and pixels. Scales are from smallest to largest. The
    four numbers of sample n are outputs 4 n to 4 n + 3 of the SplitMix64 stream that starts at key. Outside is 0.
    """
    _, height, width, channels = inputs.shape
    share = inputs.dtype.type
    for n in range(begin, end):
        drawn = _drawn(key, n, angle, smallest, largest, most_down, most_right)
        own, out = inputs[n].reshape(-1), outputs[n].reshape(-1)
        for row in range(height):
            for column in range(width):
                place = row * width + column
                y, x = _origin(row, column, height, width, drawn)
                if _is_outside(y, x, height, width):
                    out[place * channels : (place + 1) * channels] = 0
                    continue
                top, bottom, upper, lower = _around(y, height)
                left, right, before, behind = _around(x, width)
                shares = share(upper * before), share(upper * behind), share(lower * before), share(lower * behind)
                above, below = top * width, bottom * width
                corners = above + left, above + right, below + left, below + right
                if channels == 1:  # where LLVM needs no loop; it is two to three times as fast
                    _blend(own, corners, shares, out, place, 1)
                elif channels == 3:
                    _blend(own, corners, shares, out, place, 3)
                else:
                    _blend(own, corners, shares, out, place, channels)


@kernel(lambda d_outputs, *_: by_sample(len(d_outputs), d_outputs[0].size * (3.0 + 4.0 / d_outputs.shape[3])))
def backward(
    begin: int,
    end: int,
    d_outputs: Array,
    d_inputs: Array,
    angle: float,
    smallest: float,
    largest: float,
    most_down: float,
    most_right: float,
    key: np.uint64,
) -> None:
    """Each gradient to the four pixels that its output is made of. Arguments: as for `forward`."""
    _, height, width, channels = d_inputs.shape
    share = d_inputs.dtype.type
    for n in range(begin, end):
        drawn = _drawn(key, n, angle, smallest, largest, most_down, most_right)
        d_inputs[n] = 0
        for row in range(height):
            for column in range(width):
                y, x = _origin(row, column, height, width, drawn)
                if _is_outside(y, x, height, width):
                    continue
                top, bottom, upper, lower = _around(y, height)
                left, right, before, behind = _around(x, width)
                for c in range(channels):
                    gradient = d_outputs[n, row, column, c]
                    d_inputs[n, top, left, c] += share(upper * before) * gradient
                    d_inputs[n, top, right, c] += share(upper * behind) * gradient
                    d_inputs[n, bottom, left, c] += share(lower * before) * gradient
                    d_inputs[n, bottom, right, c] += share(lower * behind) * gradient
