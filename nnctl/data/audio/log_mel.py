"""Log-mel features: how much sound there is in each of some bands, in short frames one after the other.

Source: Davis, Mermelstein 1980, "Comparison of parametric representations for monosyllabic word recognition"; the mel
scale is that of HTK (Young et al., "The HTK Book", 5.4), 2595 log10(1 + f / 700), with triangles of height 1.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace

import numpy as np

from nnctl.data.source import Array
from nnctl.errors import DataError, Problem

FRAMES = 1024  # at a time
LARGEST_FFT = 1 << 16


@dataclass(frozen=True)
class LogMel:
    """How features are computed."""

    rate: int
    """Samples per second."""
    frame: int
    """Samples of a frame."""
    hop: int
    """Samples from the beginning of a frame to that of the next."""
    n_fft: int
    """Samples of the transform: those of a frame, and zeros behind them."""
    n_mels: int
    f_min: float
    f_max: float
    floor: float
    """The least power of a band."""

    def frames(self, samples: int) -> int:
        """How many frames lie within so many samples; a shorter recording is one frame, with zeros behind it."""
        return max(1, 1 + (samples - self.frame) // self.hop)

    def samples(self, frames: int) -> int:
        """How many samples so many frames reach over."""
        return self.frame + (frames - 1) * self.hop

    def features(self, signal: Array, frames: int) -> Array:
        """log(max(band powers, floor)), (frames, n_mels) float32. signal: (n,) float64.

        A frame times a Hann window, its power spectrum, and the triangles' weighted sums over that.
        """
        signal = np.pad(signal, (0, max(0, self.samples(frames) - len(signal))))
        windows = np.lib.stride_tricks.sliding_window_view(signal, self.frame)[:: self.hop][:frames]
        window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(self.frame) / self.frame)
        filters = self.filters()
        out = np.empty((frames, self.n_mels), np.float32)
        for start in range(0, frames, FRAMES):
            spectrum = np.fft.rfft(windows[start : start + FRAMES] * window, self.n_fft)
            power = spectrum.real**2 + spectrum.imag**2
            bands = np.einsum("tf,fm->tm", power, filters)  # its own loops: a BLAS may sum in another order
            out[start : start + FRAMES] = np.log(np.maximum(bands, self.floor))
        return out

    def filters(self) -> Array:
        """The triangles, (n_fft / 2 + 1, n_mels) float64. Raises DataError for one without any frequency."""
        if empty := _empty(self):
            what = f"{empty:,} of the {self.n_mels:,} bands would be empty: they lie between two steps of the spectrum"
            raise DataError(Problem(what, path="data.n_mels", help=self._remedy()))
        return _filters(self)

    def _remedy(self) -> str:
        n_fft, n_mels = self.n_fft, self.n_mels
        while n_fft < LARGEST_FFT and _empty(replace(self, n_fft=n_fft)):
            n_fft *= 2
        while n_mels > 1 and _empty(replace(self, n_mels=n_mels)):
            n_mels -= 1
        return f"use {n_mels}, or set `n_fft: {n_fft}`"


def _empty(mel: LogMel) -> int:
    return int((_filters(mel).max(axis=0) == 0).sum())


@functools.lru_cache(maxsize=16)
def _filters(mel: LogMel) -> Array:
    edges = _hertz(np.linspace(_mel(mel.f_min), _mel(mel.f_max), mel.n_mels + 2))
    frequencies = np.arange(mel.n_fft // 2 + 1)[:, np.newaxis] * (mel.rate / mel.n_fft)
    rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def _hertz(mel: Array) -> Array:
    return np.asarray(700 * (10 ** (mel / 2595) - 1))
