"""All zeros: the usual start of a bias."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class Zeros(Initializer):
    """Every value is 0. For a weight it leaves all outputs alike, so only for a single layer."""

    type: Literal["zeros"] = "zeros"

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return np.zeros(shape)
