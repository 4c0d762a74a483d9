"""Windows over images, written as plainly as can be: what the layers over images are checked against."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def both(size: int | list[int]) -> list[int]:
    return [size, size] if isinstance(size, int) else size


def padding_along(size: int, kernel: int, stride: int, dilation: int, padding: str | int) -> tuple[int, int]:
    """Padding before and after: `same` is found by adding one at a time, first at the end, until it is enough."""
    if padding != "same":
        number = padding if isinstance(padding, int) else 0
        return number, number
    before = after = 0
    while (before + size + after - (kernel - 1) * dilation - 1) // stride + 1 < math.ceil(size / stride):
        if after > before:
            before += 1
        else:
            after += 1
    return before, after


def patches(
    image: Float64, kernel: list[int], stride: list[int], dilation: list[int], padding: str | int, fill: float
) -> Iterator[tuple[int, int, Float64]]:
    """Each window of an image (H, W, C): its row, its column, and (KH, KW, C) with `fill` outside the image."""
    edges = [padding_along(image.shape[axis], kernel[axis], stride[axis], dilation[axis], padding) for axis in (0, 1)]
    padded = np.pad(image, [*edges, (0, 0)], constant_values=fill)
    reach = [(kernel[axis] - 1) * dilation[axis] + 1 for axis in (0, 1)]
    for row, top in enumerate(range(0, padded.shape[0] - reach[0] + 1, stride[0])):
        for column, left in enumerate(range(0, padded.shape[1] - reach[1] + 1, stride[1])):
            yield (
                row,
                column,
                padded[top : top + reach[0] : dilation[0], left : left + reach[1] : dilation[1]],
            )


def assembled(windows: list[tuple[int, int, Float64]]) -> Float64:
    """An image (rows, columns, channels) of one vector a window."""
    rows, columns = windows[-1][0] + 1, windows[-1][1] + 1
    return np.array([values for _, _, values in windows]).reshape(rows, columns, -1)


def pooled(layer: Any, inputs: Float64, reduce: Callable[..., Float64]) -> Float64:
    """One number for each window of each channel: reduce(window, axis=(0, 1)), with NaN outside the image."""
    kernel = both(layer.kernel_size)
    stride = kernel if layer.stride is None else both(layer.stride)
    return np.array(
        [
            assembled(
                [
                    (row, column, reduce(patch, axis=(0, 1)))
                    for row, column, patch in patches(image, kernel, stride, [1, 1], layer.padding, math.nan)
                ]
            )
            for image in inputs
        ]
    )


def pooled_steps(layer: Any, inputs: Float64, reduce: Callable[..., Float64]) -> Float64:
    """One number for each window over steps (N, T, C), of each channel: reduce(window, axis=0), with NaN outside."""
    kernel = layer.kernel_size
    stride = layer.stride or kernel
    edges = padding_along(inputs.shape[1], kernel, stride, 1, layer.padding)
    padded = np.pad(inputs, [(0, 0), edges, (0, 0)], constant_values=math.nan)
    starts = range(0, padded.shape[1] - kernel + 1, stride)
    return np.array([[reduce(sample[first : first + kernel], axis=0) for first in starts] for sample in padded])
