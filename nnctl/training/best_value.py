"""The best value of a monitored number over the epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class BestValue:
    """The best value so far of the number `monitor`.

    min_delta: a value must be better by more than this.
    value: None before there is one.
    epoch: when it was measured, from 1.
    """

    monitor: str
    higher_is_better: bool
    min_delta: float = 0.0
    value: float | None = None
    epoch: int = 0

    def update(self, value: float, epoch: int) -> bool:
        """Take an epoch's value; True where it is the best by more than min_delta. NaN never beats a number."""
        gain = math.inf if self.value is None else (value - self.value) * (1 if self.higher_is_better else -1)
        if not gain > self.min_delta:
            return False
        self.value = None if math.isnan(value) else value
        self.epoch = epoch
        return True
