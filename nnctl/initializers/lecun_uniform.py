"""LeCun's uniform initialization."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class LecunUniform(Initializer):
    """U(-a, a), a = sqrt(3 / fan_in). Source: LeCun et al. 1998, "Efficient BackProp", eq. 16."""

    type: Literal["lecun_uniform"] = "lecun_uniform"

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        bound = np.sqrt(3.0 / fan_in)
        return random.uniform(-bound, bound, shape)
