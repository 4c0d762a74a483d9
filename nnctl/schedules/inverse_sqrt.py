"""Decay with the inverse square root."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from nnctl.schedules.schedule import Schedule


class InverseSqrt(Schedule):
    """Falls as 1 / sqrt(1 + epoch / timescale) after the warm-up, however long the run is.

    With the warm-up's length as timescale it is 1 / sqrt(epochs so far / warmup), the form of the Transformer.
    Source: Vaswani et al. 2017, "Attention is all you need", eq. 3, with its peak as the learning rate.
    """

    type: Literal["inverse_sqrt"] = "inverse_sqrt"
    warmup: float = Field(default=1.0, ge=0.0)
    """Epochs over which the learning rate grows in a line from 0 to its full value."""
    timescale: float | None = Field(default=None, gt=0.0)
    """Epochs, after the warm-up, in which it falls to 1 / sqrt(2); unset, those of `warmup`."""

    @model_validator(mode="after")
    def _scaled(self) -> Self:
        if self.timescale is None and not self.warmup:
            raise ValueError("inverse_sqrt without a warm-up needs a timescale; set timescale: 1, or remove warmup")
        return self

    def share(self, epoch: float, epochs: float, step: float) -> float:
        return 1.0 / math.sqrt(1.0 + epoch / (self.timescale or self.warmup))
