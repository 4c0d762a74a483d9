"""The learning rate as it is in the config."""

from __future__ import annotations

from typing import Literal

from nnctl.schedules.schedule import Schedule


class Constant(Schedule):
    """The same learning rate in every step."""

    type: Literal["constant"] = "constant"

    def factor(self, epoch: float, epochs: float) -> float:
        return 1.0
