"""Xavier's normal initialization."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class XavierNormal(Initializer):
    """N(0, 2 / (fan_in + fan_out)). Source: Glorot and Bengio 2010, eq. 12."""

    type: Literal["xavier_normal"] = "xavier_normal"

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return random.normal(0.0, np.sqrt(2.0 / (fan_in + fan_out)), shape)
