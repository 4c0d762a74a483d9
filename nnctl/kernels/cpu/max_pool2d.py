"""Maximum pooling, both directions. Images are channels last, (N, H, W, C)."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.kernel import Array, Share, by_sample, kernel

Pair = tuple[int, int]


def _rows(inputs: Array, outputs: Array, *_: Any) -> Share:
    samples, rows, columns, channels = outputs.shape
    return by_sample(samples * rows, 0.5 * columns * channels)


def _samples(d_outputs: Array, *_: Any) -> Share:
    return by_sample(len(d_outputs), 1.5 * d_outputs[0].size)


@kernel(_rows)
def forward(
    begin: int, end: int, inputs: Array, outputs: Array, argmax: Array, kernel: Pair, stride: Pair, before: Pair
) -> None:
    """The largest input of each window, and where it is: argmax = h W + w. NaN counts as the largest.

    inputs: (N, H, W, C). outputs, argmax: (N, OH, OW, C), argmax int32. Pairs are (height, width); before is the
    padding above and to the left, smaller than the kernel.
    """
    _, height, width, channels = inputs.shape
    _, rows, columns, _ = outputs.shape
    for task in range(begin, end):
        n, oh = task // rows, task % rows
        top = oh * stride[0] - before[0]
        for ow in range(columns):
            left = ow * stride[1] - before[1]
            best, where = outputs[n, oh, ow], argmax[n, oh, ow]
            best[:] = inputs[n, max(top, 0), max(left, 0)]
            where[:] = max(top, 0) * width + max(left, 0)
            for h in range(max(top, 0), min(top + kernel[0], height)):
                for w in range(max(left, 0), min(left + kernel[1], width)):
                    here = argmax.dtype.type(h * width + w)
                    for c in range(channels):
                        value, so_far, there = inputs[n, h, w, c], best[c], where[c]
                        larger = (value > so_far) | (value != value)  # no `or`: a branch is slower than both
                        best[c] = value if larger else so_far
                        where[c] = here if larger else there


@kernel(_samples)
def backward(begin: int, end: int, d_outputs: Array, argmax: Array, d_inputs: Array) -> None:
    """Each gradient goes to the input that was the largest. d_outputs, argmax: (N, OH, OW, C), d_inputs: (N, H, W, C).

    Windows may overlap, so a sample belongs to one iteration.
    """
    _, rows, columns, channels = d_outputs.shape
    width = d_inputs.shape[2]
    for n in range(begin, end):
        d_inputs[n] = 0
        for oh in range(rows):
            for ow in range(columns):
                for c in range(channels):
                    where = argmax[n, oh, ow, c]
                    d_inputs[n, where // width, where % width, c] += d_outputs[n, oh, ow, c]
