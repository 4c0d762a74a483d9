"""Log-mel features: held against sums written out, and against librosa's numbers."""

from __future__ import annotations

import cmath
import math
from dataclasses import replace

import numpy as np
import pytest

from nnctl.data.audio.log_mel import LogMel
from nnctl.errors import DataError
from tests.golden import make_log_mel as golden
from tests.support.sounds import Array, tone
from tests.support.sources import refusal

MEL = LogMel(rate=8000, frame=50, hop=20, n_fft=64, n_mels=5, f_min=100.0, f_max=3500.0, floor=1e-6)


def naive(signal: Array, mel: LogMel, frame: int, band: int) -> float:
    """One feature by the definitions."""
    lowest, highest = (2595 * math.log10(1 + f / 700) for f in (mel.f_min, mel.f_max))
    left, centre, right = (
        700 * (10 ** ((lowest + (highest - lowest) * (band + k) / (mel.n_mels + 1)) / 2595) - 1) for k in range(3)
    )
    total = 0.0
    for k in range(mel.n_fft // 2 + 1):
        frequency = k * mel.rate / mel.n_fft
        weight = min((frequency - left) / (centre - left), (right - frequency) / (right - centre))
        if weight <= 0:
            continue
        value = 0j
        for n in range(mel.frame):
            window = 0.5 - 0.5 * math.cos(2 * math.pi * n / mel.frame)
            place = frame * mel.hop + n
            sample = signal[place] if place < len(signal) else 0.0
            value += window * sample * cmath.exp(-2j * math.pi * k * n / mel.n_fft)
        total += weight * abs(value) ** 2
    return math.log(max(total, mel.floor))


def test_the_definition() -> None:
    signal = tone(700, 0.02)
    found = MEL.features(signal, MEL.frames(len(signal)))
    assert (found.dtype, found.shape) == (np.dtype(np.float32), (6, 5))
    expected = [[naive(signal, MEL, frame, band) for band in range(5)] for frame in range(6)]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_librosa() -> None:
    with np.load(golden.FILE) as stored:
        signal, expected = stored["signal"], stored["features"]
    mel = LogMel(
        golden.RATE, golden.FRAME, golden.HOP, golden.FRAME, golden.BANDS, golden.LOW, golden.HIGH, golden.FLOOR
    )
    found = mel.features(signal, mel.frames(len(signal)))
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6)


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (49, 1), (50, 1), (69, 1), (70, 2), (90, 3)])
def test_frames_lie_within_the_sound(samples: int, frames: int) -> None:
    assert MEL.frames(samples) == frames
    if samples >= MEL.frame:
        assert MEL.samples(frames) <= samples < MEL.samples(frames + 1)


def test_a_sound_shorter_than_a_frame_has_zeros_behind_it() -> None:
    signal = tone(700, 0.002)
    np.testing.assert_array_equal(MEL.features(signal, 1), MEL.features(np.pad(signal, (0, 34)), 1))


def test_silence_is_the_floor() -> None:
    np.testing.assert_array_equal(MEL.features(np.zeros(100), 3), np.float32(math.log(1e-6)))


def test_the_first_frames_are_the_same_whatever_follows() -> None:
    signal = tone(700, 40.0)
    whole = MEL.features(signal, MEL.frames(len(signal)))
    for frames in (1, 2, 7, 1024, 1025):
        np.testing.assert_array_equal(MEL.features(signal, frames), whole[:frames])


def test_a_tone_is_loudest_in_its_band() -> None:
    loudest = [int(MEL.features(tone(hertz, 0.1), 10).mean(axis=0).argmax()) for hertz in (200, 600, 1000, 1700, 2600)]
    assert loudest == [0, 1, 2, 3, 4]


def test_bands_without_a_frequency_are_refused_with_a_remedy() -> None:
    mel = replace(MEL, n_mels=40)
    with pytest.raises(DataError) as caught:
        mel.filters()
    assert "of the 40 bands would be empty" in refusal(caught)
    help = caught.value.problems[0].help
    n_mels, n_fft = (int(word) for word in help.replace("`", " ").replace(",", " ").split() if word.isdigit())
    for fixed in (replace(mel, n_mels=n_mels), replace(mel, n_fft=n_fft)):
        assert (fixed.filters().max(axis=0) > 0).all()
