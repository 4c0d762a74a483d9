"""Cosine decay, once or with restarts."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from nnctl.schedules.schedule import Schedule, whole_epochs


class Cosine(Schedule):
    """Falls along half a cosine from the full learning rate to `minimum` of it, a little in every step.

    With a `period` it falls so within each period, and restarts with the full learning rate.
    Source: Loshchilov and Hutter 2017, "SGDR: stochastic gradient descent with warm restarts", eq. 5.
    """

    type: Literal["cosine"] = "cosine"
    minimum: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the learning rate that is left at the end."""
    period: float | None = Field(default=None, gt=0.0)
    """Epochs until it restarts; unset, it does not, and falls over the whole run."""
    multiplier: float = Field(default=1.0, ge=1.0)
    """How many times longer than the one before each period is."""

    @model_validator(mode="after")
    def _period_to_multiply(self) -> Self:
        if self.multiplier > 1.0 and self.period is None:
            raise ValueError("multiplier needs a period; set period: 10, or remove multiplier")
        return self

    def share(self, epoch: float, epochs: float, step: float) -> float:
        done = min(1.0, epoch / epochs) if self.period is None else self._done(epoch, self.period)
        return self.minimum + (1.0 - self.minimum) * 0.5 * (1.0 + math.cos(math.pi * done))

    def _done(self, epoch: float, period: float) -> float:
        """What share of the period under way is over after so many epochs. period: the first one."""
        if self.multiplier == 1.0:
            start = whole_epochs(epoch, period) * period
        else:  # periods before this one: the largest n with period (1 + multiplier + … + multiplier^(n - 1)) <= epoch
            growth = self.multiplier - 1.0
            number = math.floor(math.log1p(growth * epoch / period) / math.log1p(growth) + 1e-9)
            grown = self.multiplier**number
            start, period = period * (grown - 1.0) / growth, period * grown
        return max(0.0, epoch - start) / period
