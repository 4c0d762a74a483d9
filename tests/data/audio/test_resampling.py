"""Another sample rate: held against sums written out, and against sines, which are known at every moment."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnctl.data.audio.resampling import BETA, ROLLOFF, ZEROS, needed_samples, resample, resampled_length
from tests.support.sounds import Array

RATES = [(16000, 8000), (44100, 8000), (8000, 16000), (11025, 8000), (8001, 8000), (44101, 8000)]


def sine(hertz: float, rate: int, seconds: float = 0.2) -> Array:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)


def naive(signal: Array, rate: int, new_rate: int, number: int) -> float:
    """One sample by the definition."""
    half = math.ceil(ZEROS * max(1.0, rate / new_rate) / ROLLOFF)
    cutoff = ROLLOFF * min(1.0, new_rate / rate)
    time = number * rate / new_rate
    total = norm = 0.0
    for k in range(math.floor(time) - half + 1, math.floor(time) + half + 1):
        away = k - time
        if abs(away) >= half:
            continue
        x = math.pi * cutoff * away
        weight = (math.sin(x) / x if x else 1.0) * np.i0(BETA * math.sqrt(1 - (away / half) ** 2)) / np.i0(BETA)
        norm += weight
        total += weight * (signal[k] if 0 <= k < len(signal) else 0.0)
    return total / norm


@pytest.mark.parametrize(("rate", "new_rate"), RATES)
def test_the_definition(rate: int, new_rate: int) -> None:
    signal = np.random.default_rng(0).normal(size=rate // 20)
    found = resample(signal, rate, new_rate)
    assert len(found) == resampled_length(len(signal), rate, new_rate)
    numbers = [0, 1, 7, len(found) // 2, len(found) - 1]
    expected = [naive(signal, rate, new_rate, number) for number in numbers]
    np.testing.assert_allclose(found[numbers], expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize(("rate", "new_rate"), RATES)
def test_a_sine_below_half_of_both_rates_stays_one(rate: int, new_rate: int) -> None:
    found = resample(sine(1000, rate), rate, new_rate)
    inside = slice(len(found) // 4, -len(found) // 4)
    np.testing.assert_allclose(found[inside], sine(1000, new_rate)[: len(found)][inside], rtol=0, atol=1e-4)


def test_a_sine_above_half_the_new_rate_is_gone() -> None:
    """It would be heard as one of 3,000 Hz."""
    found = resample(sine(5000, 16000), 16000, 8000)
    assert np.abs(found[400:-400]).max() < 1e-4


def test_a_constant_stays_what_it_is() -> None:
    found = resample(np.full(4000, 0.25), 11025, 8000)
    np.testing.assert_allclose(found[500:-500], 0.25, rtol=1e-12)


def test_the_same_rate_changes_nothing() -> None:
    signal = sine(1000, 8000)
    assert resample(signal, 8000, 8000) is signal


@pytest.mark.parametrize(("rate", "new_rate"), RATES)
def test_the_beginning_needs_no_more_than_it_says(rate: int, new_rate: int) -> None:
    signal = np.random.default_rng(0).normal(size=rate // 5)
    needed = needed_samples(300, rate, new_rate)
    assert needed < len(signal)
    beginning = resample(signal[:needed], rate, new_rate)[:300]
    np.testing.assert_array_equal(beginning, resample(signal, rate, new_rate)[:300])


def test_a_single_sample() -> None:
    assert resample(np.ones(1), 44100, 8000).shape == (1,)
