"""Huber's loss: squared for small errors, absolute for large ones."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.losses.loss import Array, Loss
from nnctl.targets import Targets


class Huber(Loss):
    """e^2 / 2 where |e| <= delta, else delta (|e| - delta / 2), e = outputs - targets.

    The mean over the outputs and over the batch. Source: Huber 1964, "Robust estimation of a location parameter".
    """

    type: Literal["huber"] = "huber"
    delta: float = Field(default=1.0, gt=0.0)
    """The size of an error from which on it counts in proportion, not squared."""
    targets: ClassVar[Targets] = "values"

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.huber.evaluate(outputs, targets, count, losses, d_outputs, self.delta)
