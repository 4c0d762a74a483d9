"""Values that the config gives."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class Values(Initializer):
    """The numbers themselves, nested lists in the shape of the array; for small networks."""

    type: Literal["values"] = "values"
    values: list[Any]
    """Numbers, or lists of lists of numbers: for a linear layer's weight one row an input."""

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        try:
            given = np.array(self.values, dtype=np.float64)
        except (ValueError, TypeError):
            raise ValueError("its rows must be numbers and equally long") from None
        if given.shape != shape:
            raise ValueError(f"has shape {given.shape}, {shape} was expected")
        return given
