"""Average pooling over the steps of sequences, (N, T, C), both directions.

window, lengths: as in `steps`; a window's padding is smaller than its reach.
"""

from __future__ import annotations

from nnctl.kernels.cpu.steps import Window, length_of, padding_before, windows_over
from nnctl.kernels.kernel import Array, by_sample, kernel


@kernel(lambda inputs, *_: by_sample(len(inputs), 5.0 + 0.5 * inputs[0].size))
def forward(begin: int, end: int, inputs: Array, lengths: Array, outputs: Array, window: Window) -> None:
    """The mean of the steps in each window; 0 where there is no window. inputs: (N, T, C), outputs: (N, T', C)."""
    _, steps, channels = inputs.shape
    for n in range(begin, end):
        length = length_of(n, lengths, steps)
        before, count = padding_before(length, window), windows_over(length, window)
        outputs[n] = 0
        for t in range(count):
            left, right = max(t * window[1] - before, 0), min(t * window[1] - before + window[0], length)
            share = inputs.dtype.type(1.0 / (right - left))
            mean = outputs[n, t]
            for own in range(left, right):
                for c in range(channels):
                    mean[c] += inputs[n, own, c]
            for c in range(channels):
                mean[c] *= share


@kernel(lambda d_outputs, lengths, d_inputs, *_: by_sample(len(d_inputs), 5.0 + 1.0 * d_inputs[0].size))
def backward(begin: int, end: int, d_outputs: Array, lengths: Array, d_inputs: Array, window: Window) -> None:
    """Each gradient is divided equally among its window's steps. d_outputs: (N, T', C), d_inputs: (N, T, C)."""
    _, steps, channels = d_inputs.shape
    for n in range(begin, end):
        length = length_of(n, lengths, steps)
        before = padding_before(length, window)
        d_inputs[n] = 0
        for t in range(windows_over(length, window)):
            left, right = max(t * window[1] - before, 0), min(t * window[1] - before + window[0], length)
            share = d_inputs.dtype.type(1.0 / (right - left))
            for own in range(left, right):
                for c in range(channels):
                    d_inputs[n, own, c] += share * d_outputs[n, t, c]
