"""Sines and cosines of positions."""

from __future__ import annotations

import math

import pytest

from nnctl.initializers.sinusoidal import Sinusoidal
from tests.support.initializer_check import InitializerCheck, fill


class TestSinusoidal(InitializerCheck):
    kind = Sinusoidal
    refused = ({"period": 1.0}, {"period": "long"})

    @pytest.mark.parametrize("columns", [1, 4, 5])
    def test_each_number_is_that_of_the_paper(self, columns: int) -> None:
        filled = fill("sinusoidal", (7, columns))
        for position in range(7):
            for column in range(columns):
                angle = position / 10_000 ** (2 * (column // 2) / columns)
                expected = math.cos(angle) if column % 2 else math.sin(angle)
                assert filled[position, column] == pytest.approx(expected, abs=1e-15)

    def test_period(self) -> None:
        assert fill({"type": "sinusoidal", "period": 100.0}, (2, 4))[1, 2] == pytest.approx(math.sin(1 / 10))
