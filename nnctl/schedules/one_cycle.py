"""One cycle."""

from __future__ import annotations

import math
from typing import Literal, Self

from pydantic import Field, model_validator

from nnctl.schedules.schedule import Schedule


class OneCycle(Schedule):
    """Rises from `start` of the learning rate to all of it, then falls to `minimum` in the last step of the run.

    The paper's momentum, which falls and rises against it, is left out: it stays as the optimizer has it.
    Source: Smith and Topin 2018, "Super-convergence", in the two phases of PyTorch.
    """

    type: Literal["one_cycle"] = "one_cycle"
    rise: float = Field(default=0.3, ge=0.0, lt=1.0)
    """Share of the run in which it rises."""
    start: float = Field(default=0.04, gt=0.0, le=1.0)
    """Share of the learning rate in the first step."""
    minimum: float = Field(default=4e-6, ge=0.0, le=1.0)
    """Share of the learning rate that is left in the last step."""
    annealing: Literal["cosine", "linear"] = "cosine"
    """Along half a cosine or in a line, both up and down."""

    @model_validator(mode="after")
    def _one_warmup(self) -> Self:
        if self.warmup:
            raise ValueError("one_cycle warms up by itself; set rise, or remove warmup")
        return self

    def share(self, epoch: float, epochs: float, step: float) -> float:
        peak, last = self.rise * epochs - step, epochs - step
        if epoch < peak:
            return self._between(self.start, 1.0, epoch / peak)
        return self._between(1.0, self.minimum, min(1.0, (epoch - peak) / (last - peak)))

    def _between(self, first: float, last: float, done: float) -> float:
        """done: from 0, where it is the first, to 1, where it is the last."""
        if self.annealing == "cosine":
            return last + (first - last) * 0.5 * (1.0 + math.cos(math.pi * done))
        return first + (last - first) * done
