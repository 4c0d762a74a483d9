"""Mean squared error."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from nnctl.losses.loss import Array, Loss
from nnctl.targets import Targets


class MSE(Loss):
    """(outputs - targets)^2, the mean over the outputs and over the batch."""

    type: Literal["mse"] = "mse"
    targets: ClassVar[Targets] = "values"

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.mse.evaluate(outputs, targets, count, losses, d_outputs)
