"""Bytes as a network takes them: kept as bytes in memory, scaled where a batch is gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class Scaling:
    """precision(((float64(byte) / scale) - mean) / std), or precision(float64(byte) / scale) without mean and std.

    Every operation is one of float64, in this order; only the result is rounded to the precision.
    """

    precision: str
    """float32 or float64."""
    scale: float
    mean: Array | None = None
    """(C,) float64, one a number of the last axis; std likewise. Both or neither."""
    std: Array | None = None

    def apply(self, inputs: Array) -> Array:
        """The scaled inputs, (N, ..., C), in the precision. inputs: (N, ..., C) uint8."""
        values = inputs.astype(np.float64) / self.scale
        if self.mean is not None and self.std is not None:
            values = (values - self.mean) / self.std
        with np.errstate(over="ignore"):
            return values.astype(self.precision)

    def undone(self, inputs: Array) -> Array:
        """What `apply` gave these numbers for, in float64, as near as they tell. inputs: (N, ..., C)."""
        values = inputs.astype(np.float64)
        if self.mean is not None and self.std is not None:
            values = values * self.std + self.mean
        return values * self.scale

    def table(self) -> Array:
        """All that `apply` can give: [b, c] for the byte b at number c of the last axis. (256, C), or (256, 1)."""
        width = 1 if self.mean is None else len(self.mean)
        return self.apply(np.broadcast_to(np.arange(256, dtype=np.uint8)[:, np.newaxis], (256, width)))
