"""Values that the config gives."""

from __future__ import annotations

import sys
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class Values(Initializer):
    """The numbers themselves, nested lists in the shape of the array; for small networks."""

    type: Literal["values"] = "values"
    values: list[Any]
    """Numbers, or lists of lists of numbers: for a linear layer's weight one row an input."""

    def check(self, shape: tuple[int, ...]) -> None:
        if not _are_finite_numbers(self.values):
            raise ValueError("the values must be finite numbers")
        try:
            given = np.array(self.values, dtype=np.float64)
        except ValueError:
            raise ValueError("the values must be in rows of equal length") from None
        if given.shape != shape:
            raise ValueError(f"expected values of shape {shape}, got {given.shape}")

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        self.check(shape)
        return np.array(self.values, dtype=np.float64)


def _are_finite_numbers(value: Any) -> bool:
    """Whether nested lists hold nothing but finite numbers: NumPy would also take true and "3"."""
    if isinstance(value, list):
        return all(_are_finite_numbers(item) for item in value)
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
