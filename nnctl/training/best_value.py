"""The best value of a monitored number over the epochs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnctl.metrics.measured import higher_is_better

if TYPE_CHECKING:  # `nnctl runs` does without it
    from nnctl.config.run_config import RunConfig


@dataclass
class BestValue:
    """The best value so far of the number `monitor`.

    min_delta: a value must be better by more than this.
    value: None before there is one.
    epoch: when it was measured, from 1.
    threshold: a value as good as this one is good enough, and an improvement where none was before.
    """

    monitor: str
    higher_is_better: bool
    min_delta: float = 0.0
    value: float | None = None
    epoch: int = 0
    threshold: float | None = None

    @property
    def is_good_enough(self) -> bool:
        """Whether the threshold is reached."""
        return self.value is not None and self._reaches_threshold(self.value)

    def update(self, value: float, epoch: int) -> bool:
        """Take an epoch's value; True where it is the best by more than min_delta. NaN never beats a number."""
        gain = math.inf if self.value is None else (value - self.value) * (1 if self.higher_is_better else -1)
        reached = self._reaches_threshold(value) and not self.is_good_enough
        if not gain > self.min_delta and not reached:
            return False
        self.value = None if math.isnan(value) else value
        self.epoch = epoch
        return True

    def _reaches_threshold(self, value: float) -> bool:
        if self.threshold is None:
            return False
        return value >= self.threshold if self.higher_is_better else value <= self.threshold


def best_value(config: RunConfig) -> BestValue:
    """Of what decides the best checkpoint, before the first epoch."""
    monitor = config.monitor or "loss"
    return BestValue(monitor, higher_is_better(monitor, config.metrics))


def early_value(config: RunConfig) -> BestValue | None:
    """Of what early stopping looks at, before the first epoch; None where the config has none."""
    early = config.early_stopping
    if early is None:
        return None
    monitor = early.monitor or "loss"
    return BestValue(
        monitor, higher_is_better(monitor, config.metrics), early.min_delta, threshold=early.stopping_threshold
    )


def must_stop(config: RunConfig, early: BestValue | None, epoch: int) -> bool:
    """Whether early stopping ends the run after this epoch."""
    if early is None or (epoch - early.epoch < patience_of(config) and not early.is_good_enough):
        return False
    return not any(rule.is_ahead(epoch) for rule in config.dynamics)


def patience_of(config: RunConfig) -> int:
    """Epochs without an improvement that early stopping waits for, at least 1."""
    return 1 if config.early_stopping is None else max(1, config.early_stopping.patience)
