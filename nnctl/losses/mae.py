"""Mean absolute error."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from nnctl.losses.loss import Array, Loss
from nnctl.targets import Targets


class MAE(Loss):
    """|outputs - targets|, the mean over the outputs and over the batch. The derivative at 0 is 0."""

    type: Literal["mae"] = "mae"
    targets: ClassVar[Targets] = "values"

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.mae.evaluate(outputs, targets, count, losses, d_outputs)
