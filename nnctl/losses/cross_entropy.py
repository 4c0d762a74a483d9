"""Cross-entropy of class numbers, from logits."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.losses.loss import Array, Inside, Loss
from nnctl.targets import Targets


class CrossEntropy(Loss):
    """-log softmax(outputs)[target], the mean over the batch, in nats. The softmax is inside the loss.

    Source of the smoothing: Szegedy et al. 2016, "Rethinking the Inception architecture", section 7.
    """

    type: Literal["cross_entropy"] = "cross_entropy"
    label_smoothing: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the target's probability that is spread evenly over all classes."""
    targets: ClassVar[Targets] = "classes"
    inside: ClassVar[Inside] = "softmax"
    threshold: ClassVar[float] = 0.0

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.cross_entropy.evaluate(outputs, targets, count, losses, d_outputs, self.label_smoothing)
