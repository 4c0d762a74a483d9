"""Windows over sequences, (N, T, C), each with a length of its own.

How the windows of a sample lie follows from its length alone, as if it stood alone. A window is what says so: (reach,
stride, extra, before). reach: from its first step to its last, both counted. extra: the padding on both sides, minus
the reach. before: the padding in front; -1 for as much as makes ceil(length / stride) windows, where extra is -1, too.

lengths: (N,) int64 in 1..T, or (0,) where all steps are real.
"""

from __future__ import annotations

from typing import Any

from nnctl.kernels.cpu.simd.memory import address_of, copy_elements
from nnctl.kernels.kernel import Array, Partition, by_sample, compiled, kernel

Window = tuple[int, int, int, int]


@compiled
def windows_over(length: int, window: Window) -> int:
    """How many windows there are over so many steps, at least one."""
    return max(length + window[2], 0) // window[1] + 1


@compiled
def padding_before(length: int, window: Window) -> int:
    """How many steps of padding the first window over so many steps begins with."""
    if window[3] >= 0:
        return window[3]
    return max((windows_over(length, window) - 1) * window[1] + window[0] - length, 0) // 2


@compiled
def length_of(n: int, lengths: Array, steps: int) -> int:
    """How many steps of a sample are real."""
    return lengths[n] if lengths.size else steps


def _samples(source: Array, lengths: Array, target: Array, *_: Any) -> Partition:
    return by_sample(len(source), 5.0 + 0.15 * max(source[0].size, target[0].size))


@kernel(lambda lengths, *_: by_sample(len(lengths), 2.0))
def count_windows(begin: int, end: int, lengths: Array, out: Array, window: Window) -> None:
    """out = how many windows there are over each sample. lengths, out: (N,) int64."""
    for n in range(begin, end):
        out[n] = windows_over(lengths[n], window)


@kernel(_samples)
def pad(begin: int, end: int, inputs: Array, lengths: Array, out: Array, window: Window) -> None:
    """out = the real steps, after the padding of their first window, and zeros. inputs: (N, T, C), out: (N, T', C)."""
    (_, steps, channels), size = inputs.shape, out.itemsize
    for n in range(begin, end):
        length = length_of(n, lengths, steps)
        first = padding_before(length, window)
        before, real, line = first * channels, length * channels, out.shape[1] * channels
        target = address_of(out) + size * n * line
        copy_elements(out, 0, target, before)
        copy_elements(out, address_of(inputs) + size * n * steps * channels, target + size * before, real)
        copy_elements(out, 0, target + size * (before + real), line - before - real)


@kernel(_samples)
def unpad(begin: int, end: int, padded: Array, lengths: Array, out: Array, window: Window) -> None:
    """The gradient of `pad`: out = the real steps of padded, and zeros. padded: (N, T', C), out: (N, T, C)."""
    (_, steps, channels), size = out.shape, out.itemsize
    for n in range(begin, end):
        length = length_of(n, lengths, steps)
        first = padding_before(length, window)
        real, line = length * channels, steps * channels
        target = address_of(out) + size * n * line
        copy_elements(out, address_of(padded) + size * (n * padded.shape[1] + first) * channels, target, real)
        copy_elements(out, 0, target + size * real, line - real)
