"""Cross-entropy of 0/1 targets, from logits."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.losses.loss import Array, Inside, Loss
from nnctl.targets import Targets


class BinaryCrossEntropy(Loss):
    """-t log p - (1 - t) log(1 - p) with p = sigmoid(outputs), the mean over the outputs and over the batch, in nats.

    The sigmoid is inside the loss. Source of the smoothing: Szegedy et al. 2016, "Rethinking the Inception
    architecture", section 7.
    """

    type: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    label_smoothing: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the target's probability that is spread evenly over 0 and 1: with 0.1, 1 becomes 0.95, and 0 0.05."""
    targets: ClassVar[Targets] = "binary"
    inside: ClassVar[Inside] = "sigmoid"
    threshold: ClassVar[float] = 0.0

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.binary_cross_entropy.evaluate(outputs, targets, count, losses, d_outputs, self.label_smoothing)
