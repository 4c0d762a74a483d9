"""The loss of a quantile, also called the pinball loss."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.losses.loss import Array, Loss
from nnctl.targets import Targets


class Quantile(Loss):
    """quantile e where e = targets - outputs is above 0, else (quantile - 1) e.

    The mean over the outputs and over the batch. With 0.9 the output is what nine targets of ten do not exceed, with
    0.5 it is the median. The derivative at 0 is that of an output that is too large. Source: Koenker and Bassett 1978,
    "Regression quantiles".
    """

    type: Literal["quantile"] = "quantile"
    quantile: float = Field(default=0.5, gt=0.0, lt=1.0)
    """The share of the targets that the output is to exceed."""
    targets: ClassVar[Targets] = "values"

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.quantile.evaluate(outputs, targets, count, losses, d_outputs, self.quantile)
