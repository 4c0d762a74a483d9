"""How numbers look."""

from __future__ import annotations

import math

import pytest

from nnctl.cli.output import column, number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.0000"),
        (0.98765, "0.9877"),
        (-12.3456789, "-12.3457"),
        (999.9, "999.9000"),
        (18_660.4, "18,660"),
        (-755_000.6, "-755,001"),
        (0.00012345, "0.0001234"),
        (1.5e12, "1.5e+12"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_a_number(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ([0.5, 0.00021, -0.25], ["0.5000", "0.0002", "-0.2500"]),
        ([12.3456, 0.5], ["12.346", "0.500"]),
        ([-512.25, 3.0], ["-512.25", "3.00"]),
        ([14_634.2, 914.1098, 0.2], ["14,634", "914", "0"]),
        ([None, math.nan, 1.0], ["–", "–", "1.0000"]),
        ([0.0002, 0.0], ["0.0002", "0.0000"]),
        ([2e12, 3.0], ["2e+12", "3.0000"]),
        ([], []),
    ],
)
def test_a_column_has_the_digits_that_its_largest_number_needs(values: list[float | None], shown: list[str]) -> None:
    assert column(values) == shown
