"""The hinge loss of linear classifiers."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from nnctl.losses.loss import Array, Loss
from nnctl.targets import Targets


class Hinge(Loss):
    """max(0, 1 - s outputs), s = -1 for a target of 0 and +1 for a target of 1; an output above 0 is read as 1.

    The mean over the outputs and over the batch. The derivative at the kink is 0.
    Source: Cortes and Vapnik 1995, "Support-vector networks".
    """

    type: Literal["hinge"] = "hinge"
    targets: ClassVar[Targets] = "binary"
    threshold: ClassVar[float] = 0.0

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.hinge.evaluate(outputs, targets, count, losses, d_outputs)
