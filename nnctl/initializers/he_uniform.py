"""He's uniform initialization."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class HeUniform(Initializer):
    """U(-a, a), a = sqrt(6 / fan_in): the variance of he_normal. Source: He et al. 2015, eq. 10."""

    type: Literal["he_uniform"] = "he_uniform"

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        bound = np.sqrt(6.0 / fan_in)
        return random.uniform(-bound, bound, shape)
