"""The one check for every initializer."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter

from nnctl import random
from nnctl.initializers.initializer import Initializer, OneInitializer
from tests.support.kind_check import KindCheck

SHAPE = (200, 300)
FAN_IN, FAN_OUT = 200, 300


def make(value: Any) -> Initializer:
    """What the value of a config stands for."""
    found: Initializer = TypeAdapter(OneInitializer).validate_python(value)
    return found


def fill(value: Any, shape: tuple[int, ...] = SHAPE, seed: int = 5) -> NDArray[np.float64]:
    return make(value).fill(shape, FAN_IN, FAN_OUT, random.generator(seed, "initializer test"))


class InitializerCheck(KindCheck):
    """What is refused; the values of one that draws nothing are its own test's business."""


class RandomCheck(InitializerCheck):
    """Mean, variance, the same values for the same stream."""

    variance: ClassVar[float]
    """Of values for an array of SHAPE, FAN_IN and FAN_OUT."""

    @property
    def name(self) -> str:
        return str(self.kind.model_fields["type"].default)

    def test_mean_and_variance(self) -> None:
        filled, deviation = fill(self.name), math.sqrt(self.variance)
        assert filled.shape == SHAPE
        assert filled.dtype == np.float64
        assert abs(filled.mean()) < 4 * deviation / math.sqrt(filled.size)
        assert filled.std() == pytest.approx(deviation, rel=0.015)

    def test_the_values_depend_on_the_stream_alone(self) -> None:
        np.testing.assert_array_equal(fill(self.name), fill(self.name))
        assert (fill(self.name) != fill(self.name, seed=6)).all()


class UniformCheck(RandomCheck):
    def test_uniform_values_fill_their_range_evenly(self) -> None:
        filled, bound = fill(self.name), math.sqrt(3 * self.variance)
        assert np.abs(filled).max() <= bound
        counts, _ = np.histogram(filled, 10, (-bound, bound))
        np.testing.assert_allclose(counts / filled.size, 0.1, atol=0.006)


class NormalCheck(RandomCheck):
    def test_normal_values_are_not_truncated(self) -> None:
        scaled = np.abs(fill(self.name)) / math.sqrt(self.variance)
        for distance in (1.0, 2.0, 3.0):
            assert (scaled > distance).mean() == pytest.approx(math.erfc(distance / math.sqrt(2)), abs=0.006)
        assert scaled.max() > 3.5
