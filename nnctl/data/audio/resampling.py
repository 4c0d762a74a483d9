"""Sound at another sample rate: band-limited interpolation by a windowed sinc.

Own code and no library: it is one weighted sum a sample, and the libraries for it bring compiled code of their own.

Source: Smith, "Digital Audio Resampling Home Page", https://ccrma.stanford.edu/~jos/resample/, with Kaiser's window.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from nnctl.data.source import Array

ZEROS = 32  # of the sinc on either side
BETA = 10.0  # of the window: about 100 dB between what passes and what is stopped
ROLLOFF = 0.94  # of half the lower rate: the edge of what passes, so that the slope ends near that half
BLOCK = 1 << 20  # products at a time


def resampled_length(samples: int, rate: int, new_rate: int) -> int:
    """How many samples at the new rate lie within so many at the old one; one or more."""
    return max(1, samples * new_rate // rate)


def needed_samples(samples: int, rate: int, new_rate: int) -> int:
    """How many samples at the old rate decide the first so many at the new one."""
    return samples * rate // new_rate + _half_width(rate, new_rate) + 2


def resample(signal: Array, rate: int, new_rate: int) -> Array:
    """The signal at another rate, (resampled_length,) float64. signal: (n,) float64, taken for 0 before and after.

    Each sample is a function of its neighbours alone: that more of the signal follows changes no bit.
    """
    if rate == new_rate:
        return signal
    up, down = _ratio(rate, new_rate)
    taps = 2 * _half_width(rate, new_rate)
    padded = np.concatenate([np.zeros(taps), signal, np.zeros(taps)])
    out = np.empty(resampled_length(len(signal), rate, new_rate))
    rows = max(1, BLOCK // taps)
    for start in range(0, len(out), rows):
        times = np.arange(start, min(start + rows, len(out))) * down  # in parts of a sample: up of them are one
        first = times // up - taps // 2 + 1 + taps
        windows = padded[first[:, np.newaxis] + np.arange(taps)]
        if up * taps <= BLOCK:
            weights = _all_weights(rate, new_rate)[times % up]
        else:
            parts, rows_of = np.unique(times % up, return_inverse=True)
            weights = _weights(rate, new_rate, parts)[rows_of]
        out[start : start + len(times)] = np.einsum("nt,nt->n", windows, weights)
    return out


def _ratio(rate: int, new_rate: int) -> tuple[int, int]:
    common = math.gcd(rate, new_rate)
    return new_rate // common, rate // common


def _half_width(rate: int, new_rate: int) -> int:
    """Samples at the old rate on either side that count."""
    return math.ceil(ZEROS * max(1.0, rate / new_rate) / ROLLOFF)


@functools.lru_cache(maxsize=2)
def _all_weights(rate: int, new_rate: int) -> Array:
    """(up, taps): of every place that a new sample may have between two old ones."""
    up, _ = _ratio(rate, new_rate)
    return _weights(rate, new_rate, np.arange(up))


def _weights(rate: int, new_rate: int, parts: Array) -> Array:
    """(n, taps): of the old samples around a new one. parts: (n,), how far it lies behind an old one; up are a sample.

    Each row is divided by its sum, so that a constant stays what it is.
    """
    up, _ = _ratio(rate, new_rate)
    half = _half_width(rate, new_rate)
    cutoff = ROLLOFF * min(1.0, new_rate / rate)
    times = np.arange(-half + 1, half + 1) - parts[:, np.newaxis] / up  # in samples at the old rate
    window = np.i0(BETA * np.sqrt(np.maximum(0.0, 1 - (times / half) ** 2))) / np.i0(BETA)
    weights = np.where(np.abs(times) < half, np.sinc(cutoff * times) * window, 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
