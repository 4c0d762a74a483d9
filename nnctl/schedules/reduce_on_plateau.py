"""Reduction on a plateau."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from nnctl.schedules.measured_schedule import MeasuredSchedule, Tracker
from nnctl.schedules.schedule import whole_epochs


class ReduceOnPlateau(MeasuredSchedule):
    """The learning rate is multiplied by `factor` when a monitored number has not improved for some epochs.

    Epochs of the warm-up do not count. The rules are those of PyTorch's ReduceLROnPlateau.
    """

    type: Literal["reduce_on_plateau"] = "reduce_on_plateau"
    factor: float = Field(default=0.1, gt=0.0, lt=1.0)
    """What the learning rate is multiplied by."""
    patience: int = Field(default=10, ge=0)
    """Epochs in a row without an improvement that are waited for; the next one reduces the learning rate."""
    threshold: float = Field(default=1e-4, ge=0.0, lt=1.0)
    """By what share of the best value so far another must be better to count as an improvement."""
    cooldown: int = Field(default=0, ge=0)
    """Epochs after a reduction that do not count as ones without an improvement."""
    minimum: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the learning rate that is left at the least."""

    def tracker(self) -> Tracker:
        return Plateau(self)


class Plateau(Tracker):
    """The best value, the epochs in a row that did not improve it, and those left of the cooldown."""

    def __init__(self, schedule: ReduceOnPlateau) -> None:
        self._schedule = schedule
        self._best: float | None = None
        self._waited = self._cooldown = 0

    def update(self, value: float, epoch: int) -> None:
        schedule = self._schedule
        if whole_epochs(epoch - schedule.warmup) < 1:
            return
        if self._is_better(value):
            self._best, self._waited = value, 0
        else:
            self._waited += 1
        if self._cooldown:
            self._cooldown -= 1
            self._waited = 0
        if self._waited > schedule.patience:
            self.share = max(self.share * schedule.factor, schedule.minimum)
            self._waited, self._cooldown = 0, schedule.cooldown

    def _is_better(self, value: float) -> bool:
        if self._best is None:
            return not math.isnan(value)
        return value < self._best * (1.0 - math.copysign(self._schedule.threshold, self._best))
