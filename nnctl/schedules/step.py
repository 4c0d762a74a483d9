"""Decay in steps."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.schedules.schedule import Schedule, whole_epochs


class Step(Schedule):
    """The learning rate is multiplied by `gamma` after every `every` epochs."""

    type: Literal["step"] = "step"
    every: int = Field(ge=1)
    """Epochs between two changes."""
    gamma: float = Field(default=0.1, gt=0.0)
    """What the learning rate is multiplied by."""

    def share(self, epoch: float, epochs: float, step: float) -> float:
        return float(self.gamma ** (whole_epochs(epoch) // self.every))
