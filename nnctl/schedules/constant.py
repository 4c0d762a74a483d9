"""The learning rate as it is in the config."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.schedules.schedule import Schedule


class Constant(Schedule):
    """The same learning rate in every step."""

    type: Literal["constant"] = "constant"

    def share(self, epoch: float, epochs: float, step: float) -> float:
        return 1.0

    def learning_rates(self, base: float, steps: NDArray[np.int64], steps_per_epoch: int, epochs: int) -> list[float]:
        if self.warmup:
            return super().learning_rates(base, steps, steps_per_epoch, epochs)
        return [base] * len(steps)
