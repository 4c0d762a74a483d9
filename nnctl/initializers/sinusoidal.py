"""Sines and cosines of a position, at many wavelengths."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.initializers.initializer import Initializer


class Sinusoidal(Initializer):
    """Row t holds sin(t / period^(j/F)) at each even j and the cosine of the same at j + 1, for F columns.

    Source: Vaswani et al. 2017, "Attention is all you need", section 3.5.
    """

    type: Literal["sinusoidal"] = "sinusoidal"
    period: float = Field(default=10_000.0, gt=1.0)
    """2 pi times it is the longest wavelength, in rows."""

    def fill(
        self, shape: tuple[int, ...], fan_in: int, fan_out: int, random: np.random.Generator
    ) -> NDArray[np.float64]:
        columns = np.arange(shape[-1])
        position = np.arange(int(np.prod(shape[:-1])))[:, np.newaxis]
        angles = position / self.period ** ((columns - columns % 2) / shape[-1])
        return np.where(columns % 2, np.cos(angles), np.sin(angles)).reshape(shape)
