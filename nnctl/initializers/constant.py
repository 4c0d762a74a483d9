"""One number everywhere."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class Constant(Initializer):
    """Every value is the same number; a bare number in the config means this."""

    type: Literal["constant"] = "constant"
    value: float
    """The number."""

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return np.full(shape, self.value)
