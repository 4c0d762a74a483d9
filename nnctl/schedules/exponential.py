"""Exponential decay."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.schedules.schedule import Schedule, whole_epochs


class Exponential(Schedule):
    """The learning rate is multiplied by `gamma` after every epoch."""

    type: Literal["exponential"] = "exponential"
    gamma: float = Field(gt=0.0)
    """What the learning rate is multiplied by, e.g. 0.95."""

    def share(self, epoch: float, epochs: float, step: float) -> float:
        return float(self.gamma ** whole_epochs(epoch))
