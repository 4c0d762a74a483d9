"""Xavier's uniform initialization."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class XavierUniform(Initializer):
    """U(-a, a), a = sqrt(6 / (fan_in + fan_out)). Source: Glorot and Bengio 2010, eq. 16."""

    type: Literal["xavier_uniform"] = "xavier_uniform"

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        bound = np.sqrt(6.0 / (fan_in + fan_out))
        return random.uniform(-bound, bound, shape)
