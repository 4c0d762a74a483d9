"""Polynomial decay."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.schedules.schedule import Schedule


class Polynomial(Schedule):
    """Falls as (1 - the share of the run that is over)^power to `minimum`, a little in every step; in a line with 1."""

    type: Literal["polynomial"] = "polynomial"
    power: float = Field(default=1.0, gt=0.0)
    """The exponent: 1 is a line, above 1 it falls sooner."""
    minimum: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the learning rate that is left at the end."""

    def share(self, epoch: float, epochs: float, step: float) -> float:
        return self.minimum + float((1.0 - self.minimum) * max(0.0, 1.0 - epoch / epochs) ** self.power)
