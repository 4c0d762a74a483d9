"""Maximum pooling, both directions. Images are channels last, (N, H, W, C)."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.kernel import Array, Share, by_sample, kernel

Pair = tuple[int, int]


def _samples(first: Array, *_: Any) -> Share:
    return by_sample(len(first), 0.4 * first[0].size)


@kernel(_samples)
def forward(
    begin: int, end: int, inputs: Array, outputs: Array, argmax: Array, kernel: Pair, stride: Pair, before: Pair
) -> None:
    """The largest input of each window, and where it is: argmax = h W + w. NaN counts as the largest.

    inputs: (N, H, W, C). outputs, argmax: (N, OH, OW, C), argmax int32. Pairs are (height, width); before is the
    padding above and to the left, smaller than the kernel.
    """
    _, height, width, channels = inputs.shape
    _, rows, columns, _ = outputs.shape
    for n in range(begin, end):
        for oh in range(rows):
            top = oh * stride[0] - before[0]
            for ow in range(columns):
                left = ow * stride[1] - before[1]
                best, where = outputs[n, oh, ow], argmax[n, oh, ow]
                first = inputs[n, max(top, 0), max(left, 0)]
                here = argmax.dtype.type(max(top, 0) * width + max(left, 0))
                for c in range(channels):
                    best[c] = first[c]
                    where[c] = here
                for h in range(max(top, 0), min(top + kernel[0], height)):
                    for w in range(max(left, 0), min(left + kernel[1], width)):
                        values, here = inputs[n, h, w], argmax.dtype.type(h * width + w)
                        for c in range(channels):
                            value, so_far = values[c], best[c]
                            larger = (value > so_far) | (value != value)  # no `or`: a branch is slower than both
                            best[c] = value if larger else so_far
                            where[c] = here if larger else where[c]


@kernel(_samples)
def backward(
    begin: int, end: int, d_inputs: Array, d_outputs: Array, argmax: Array, kernel: Pair, stride: Pair, before: Pair
) -> None:
    """Each gradient goes to the input that was the largest. d_outputs, argmax: (N, OH, OW, C), d_inputs: (N, H, W, C).

    Windows may overlap, so a sample belongs to one iteration.
    """
    _, height, width, channels = d_inputs.shape
    _, rows, columns, _ = d_outputs.shape
    zero = d_outputs.dtype.type(0)
    for n in range(begin, end):
        d_inputs[n] = 0
        for oh in range(rows):
            top = oh * stride[0] - before[0]
            for ow in range(columns):
                left = ow * stride[1] - before[1]
                where, d_output = argmax[n, oh, ow], d_outputs[n, oh, ow]
                for h in range(max(top, 0), min(top + kernel[0], height)):
                    for w in range(max(left, 0), min(left + kernel[1], width)):
                        here, d_input = argmax.dtype.type(h * width + w), d_inputs[n, h, w]
                        for c in range(channels):
                            d_input[c] += d_output[c] if where[c] == here else zero
