"""A normal distribution of a given width."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.initializers.initializer import Initializer


class Normal(Initializer):
    """N(0, std^2), whatever the shape."""

    type: Literal["normal"] = "normal"
    std: float = Field(default=0.01, gt=0.0)
    """Standard deviation."""

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        return random.normal(0.0, self.std, shape)
