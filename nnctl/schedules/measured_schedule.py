"""What a schedule is that depends on what training measures."""

from __future__ import annotations

from abc import ABC, abstractmethod

from nnctl.schedules.schedule import Schedule


class Tracker(ABC):
    """What such a schedule makes of the measured numbers so far.

    share: of the learning rate, in the epoch to come. All that it knows follows from the numbers, so that a run that is
    resumed gives them to a new one.
    """

    share: float = 1.0

    @abstractmethod
    def update(self, value: float, epoch: int) -> None:
        """Take what an epoch has measured. value: lower is better; NaN where there is none. epoch: from 1."""


class MeasuredSchedule(Schedule):
    """Base of the schedules that depend on a measured number, which may change their share after every epoch."""

    monitor: str | None = None
    """loss, val_loss, <metric> or val_<metric>; unset, what the run monitors."""

    @abstractmethod
    def tracker(self) -> Tracker:
        """As it is before the first epoch."""

    def share(self, epoch: float, epochs: float, step: float) -> float:
        """Apart from what the tracker says."""
        return 1.0
