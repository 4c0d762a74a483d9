"""Parts of images, each at a random place, both directions."""

from __future__ import annotations

import numpy as np

from nnctl.kernels.cpu.splitmix import integer_below
from nnctl.kernels.kernel import Array, by_sample, compiled, kernel

Pair = tuple[int, int]


@compiled
def _first(key: np.uint64, number: int, whole: int, part: int, padding: int, is_random: bool) -> int:
    """Where a part begins along an axis, negative in the padding. number: of the random number that decides it."""
    return integer_below(key, number, whole + 2 * padding - part + 1) - padding if is_random else (whole - part) // 2


@kernel(lambda inputs, outputs, *_: by_sample(len(outputs), 20.0 + 0.4 * outputs[0].size))
def forward(
    begin: int, end: int, inputs: Array, outputs: Array, padding: Pair, is_random: bool, key: np.uint64
) -> None:
    """outputs[n] = a part of inputs[n] with padding of 0 on every side. inputs: (N, H, W, C), outputs: (N, h, w, C).

    is_random: anywhere, its first row and column are outputs 2 n and 2 n + 1 of the SplitMix64 stream that starts at
    key; else in the middle.
    """
    _, height, width, channels = inputs.shape
    _, rows, columns, _ = outputs.shape
    for n in range(begin, end):
        top = _first(key, 2 * n, height, rows, padding[0], is_random)
        left = _first(key, 2 * n + 1, width, columns, padding[1], is_random)
        _copy(inputs[n].reshape(-1), outputs[n].reshape(-1), height, width, rows, columns, channels, top, left)


@kernel(lambda d_outputs, d_inputs, *_: by_sample(len(d_inputs), 20.0 + 0.4 * d_inputs[0].size))
def backward(
    begin: int, end: int, d_outputs: Array, d_inputs: Array, padding: Pair, is_random: bool, key: np.uint64
) -> None:
    """d_inputs[n] = d_outputs[n] where the part was, else 0. Arguments: as for `forward`."""
    _, height, width, channels = d_inputs.shape
    _, rows, columns, _ = d_outputs.shape
    for n in range(begin, end):
        top = _first(key, 2 * n, height, rows, padding[0], is_random)
        left = _first(key, 2 * n + 1, width, columns, padding[1], is_random)
        _copy(d_outputs[n].reshape(-1), d_inputs[n].reshape(-1), rows, columns, height, width, channels, -top, -left)


@compiled
def _copy(
    source: Array,
    target: Array,
    height: int,
    width: int,
    rows: int,
    columns: int,
    channels: int,
    top: int,
    left: int,
) -> None:
    """target[r, c] = source[r + top, c + left], 0 where that is outside. Flat, of (height, width), (rows, columns)."""
    first, last = max(-left, 0), min(width - left, columns)  # the columns of the target that have one in the source
    for row in range(rows):
        out = target[row * columns * channels : (row + 1) * columns * channels]
        if row + top < 0 or row + top >= height:
            out[:] = 0
            continue
        out[: first * channels] = 0
        own = source[((row + top) * width + first + left) * channels : ((row + top) * width + last + left) * channels]
        some = out[first * channels : last * channels]
        for i in range(some.size):
            some[i] = own[i]
        out[last * channels :] = 0
