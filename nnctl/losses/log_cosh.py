"""The logarithm of the hyperbolic cosine of the error."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from nnctl.losses.loss import Array, Loss
from nnctl.targets import Targets


class LogCosh(Loss):
    """log(cosh(outputs - targets)), the mean over the outputs and over the batch.

    It is half the square of a small error, and the absolute value of a large one less log 2.
    """

    type: Literal["log_cosh"] = "log_cosh"
    targets: ClassVar[Targets] = "values"

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.log_cosh.evaluate(outputs, targets, count, losses, d_outputs)
