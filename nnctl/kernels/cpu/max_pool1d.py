"""Maximum pooling over the steps of sequences, (N, T, C), both directions.

window, lengths: as in `steps`; a window's padding is smaller than its reach.
"""

from __future__ import annotations

from nnctl.kernels.cpu.max_pool2d import largest, scatter
from nnctl.kernels.cpu.simd.memory import address_of
from nnctl.kernels.cpu.steps import Window, length_of, padding_before, windows_over
from nnctl.kernels.kernel import Array, Partition, by_sample, kernel


def _samples(sequences: Array) -> Partition:
    return by_sample(len(sequences), 5.0 + 0.25 * sequences[0].size)


@kernel(lambda inputs, *_: _samples(inputs))
def forward(begin: int, end: int, inputs: Array, lengths: Array, outputs: Array, argmax: Array, window: Window) -> None:
    """The largest input of each window, and its step; 0 where there is no window. NaN counts as the largest.

    inputs: (N, T, C). outputs, argmax: (N, T', C), argmax int32.
    """
    (_, steps, channels), size = inputs.shape, inputs.itemsize
    for n in range(begin, end):
        length = length_of(n, lengths, steps)
        before, count = padding_before(length, window), windows_over(length, window)
        outputs[n, count:] = 0
        for t in range(count):
            left, right = max(t * window[1] - before, 0), min(t * window[1] - before + window[0], length)
            place = (n * outputs.shape[1] + t) * channels
            largest(
                inputs, address_of(inputs) + size * (n * steps + left) * channels,
                address_of(outputs) + size * place, address_of(argmax) + argmax.itemsize * place,
                left, 0, 1, right - left, channels,
            )  # fmt: skip


@kernel(lambda d_outputs, lengths, argmax, d_inputs, *_: _samples(d_inputs))
def backward(
    begin: int, end: int, d_outputs: Array, lengths: Array, argmax: Array, d_inputs: Array, window: Window
) -> None:
    """Each gradient goes to the largest input of its window. d_outputs, argmax: (N, T', C), d_inputs: (N, T, C)."""
    (_, steps, channels), size = d_inputs.shape, d_inputs.itemsize
    overlap = window[1] < window[0]
    for n in range(begin, end):
        length = length_of(n, lengths, steps)
        before = padding_before(length, window)
        d_inputs[n] = 0
        for t in range(windows_over(length, window)):
            left, right = max(t * window[1] - before, 0), min(t * window[1] - before + window[0], length)
            place = (n * d_outputs.shape[1] + t) * channels
            scatter(
                d_inputs, address_of(d_inputs) + size * (n * steps + left) * channels,
                address_of(d_outputs) + size * place, address_of(argmax) + argmax.itemsize * place,
                left, 0, 1, right - left, channels, overlap,
            )  # fmt: skip
