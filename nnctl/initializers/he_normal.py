"""He's normal initialization."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class HeNormal(Initializer):
    """N(0, 2 / fan_in). Source: He et al. 2015, eq. 10."""

    type: Literal["he_normal"] = "he_normal"

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return random.normal(0.0, np.sqrt(2.0 / fan_in), shape)
