"""Half the squared error, summed over the outputs."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from nnctl.losses.loss import Array, Loss
from nnctl.targets import Targets


class SquaredError(Loss):
    """(outputs - targets)^2 / 2, the sum over the outputs and the mean over the batch: the textbooks' form."""

    type: Literal["squared_error"] = "squared_error"
    targets: ClassVar[Targets] = "values"

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.squared_error.evaluate(outputs, targets, count, losses, d_outputs)
