"""Average pooling, both directions. Images are channels last, (N, H, W, C)."""

from __future__ import annotations

from typing import Any

from nnctl.kernels.kernel import Array, Partition, by_sample, kernel

Pair = tuple[int, int]


def _rows(inputs: Array, outputs: Array, *_: Any) -> Partition:
    samples, rows, columns, channels = outputs.shape
    return by_sample(samples * rows, 0.5 * columns * channels)


def _samples(d_outputs: Array, *_: Any) -> Partition:
    return by_sample(len(d_outputs), 1.5 * d_outputs[0].size)


@kernel(_rows)
def forward(begin: int, end: int, inputs: Array, outputs: Array, kernel: Pair, stride: Pair, before: Pair) -> None:
    """The mean of the inputs in each window, without the padding. inputs: (N, H, W, C), outputs: (N, OH, OW, C).

    Pairs are (height, width); before is the padding above and to the left, smaller than the kernel.
    """
    _, height, width, channels = inputs.shape
    _, rows, columns, _ = outputs.shape
    for task in range(begin, end):
        n, oh = task // rows, task % rows
        top = oh * stride[0] - before[0]
        first_h, last_h = max(top, 0), min(top + kernel[0], height)
        for ow in range(columns):
            left = ow * stride[1] - before[1]
            first_w, last_w = max(left, 0), min(left + kernel[1], width)
            share = inputs.dtype.type(1.0 / ((last_h - first_h) * (last_w - first_w)))
            mean = outputs[n, oh, ow]
            mean[:] = 0
            for h in range(first_h, last_h):
                for w in range(first_w, last_w):
                    for c in range(channels):
                        mean[c] += inputs[n, h, w, c]
            for c in range(channels):
                mean[c] *= share


@kernel(_samples)
def backward(begin: int, end: int, d_outputs: Array, d_inputs: Array, kernel: Pair, stride: Pair, before: Pair) -> None:
    """Each gradient is divided equally among its window's inputs. d_outputs: (N, OH, OW, C), d_inputs: (N, H, W, C).

    Windows may overlap, so an item is a whole sample.
    """
    _, rows, columns, channels = d_outputs.shape
    _, height, width, _ = d_inputs.shape
    for n in range(begin, end):
        d_inputs[n] = 0
        for oh in range(rows):
            top = oh * stride[0] - before[0]
            first_h, last_h = max(top, 0), min(top + kernel[0], height)
            for ow in range(columns):
                left = ow * stride[1] - before[1]
                first_w, last_w = max(left, 0), min(left + kernel[1], width)
                share = d_inputs.dtype.type(1.0 / ((last_h - first_h) * (last_w - first_w)))
                for h in range(first_h, last_h):
                    for w in range(first_w, last_w):
                        for c in range(channels):
                            d_inputs[n, h, w, c] += share * d_outputs[n, oh, ow, c]
