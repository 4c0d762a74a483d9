"""Cosine decay."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from nnctl.schedules.schedule import Schedule


class Cosine(Schedule):
    """Falls along half a cosine from the full learning rate to `minimum` of it, a little in every step.

    Source: Loshchilov and Hutter 2017, "SGDR", eq. 5, without restarts.
    """

    type: Literal["cosine"] = "cosine"
    minimum: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the learning rate that is left at the end."""

    def factor(self, epoch: float, epochs: float) -> float:
        done = min(1.0, epoch / epochs)
        return self.minimum + (1.0 - self.minimum) * 0.5 * (1.0 + math.cos(math.pi * done))
