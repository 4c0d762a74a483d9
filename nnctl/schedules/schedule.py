"""What a schedule is: the learning rate as a share of the config's, over the run."""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from nnctl.spec import Spec


class Schedule(Spec):
    """Base of all schedules, with a linear warm-up in front of any."""

    warmup: float = Field(default=0.0, ge=0.0)
    """Epochs over which the learning rate grows in a line from 0 to its full value."""

    @abstractmethod
    def share(self, epoch: float, epochs: float, step: float) -> float:
        """The share after `epoch` epochs of `epochs`, warm-up not counted in either. step: its length in epochs."""

    def learning_rate(self, base: float, step: int, steps_per_epoch: int, epochs: int) -> float:
        """The learning rate of a step. step: counts from 0 over the whole run."""
        done = step / steps_per_epoch
        if done < self.warmup:
            # the first step already moves, the last of the warm-up has the full rate
            return base * min(1.0, (step + 1) / (self.warmup * steps_per_epoch))
        return base * self.share(done - self.warmup, max(epochs - self.warmup, 1e-9), 1 / steps_per_epoch)

    def learning_rates(self, base: float, steps: NDArray[np.int64], steps_per_epoch: int, epochs: int) -> list[float]:
        """`learning_rate` of each of the steps."""
        return [self.learning_rate(base, int(step), steps_per_epoch, epochs) for step in steps]


def whole_epochs(epoch: float, period: float = 1.0) -> int:
    """How many epochs, or periods, are over. Of what a warm-up of a fraction of an epoch leaves, rounding may take a
    last bit.
    """
    return math.floor(epoch / period + 1e-9)
