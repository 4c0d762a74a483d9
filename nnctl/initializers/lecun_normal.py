"""LeCun's normal initialization."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.initializers.initializer import Initializer


class LecunNormal(Initializer):
    """N(0, 1 / fan_in). Source: LeCun et al. 1998, "Efficient BackProp", eq. 16."""

    type: Literal["lecun_normal"] = "lecun_normal"

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return random.normal(0.0, np.sqrt(1.0 / fan_in), shape)
