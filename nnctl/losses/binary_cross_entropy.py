"""Cross-entropy of 0/1 targets, from logits."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from nnctl.losses.loss import Array, Inside, Loss
from nnctl.targets import Targets


class BinaryCrossEntropy(Loss):
    """-t log p - (1 - t) log(1 - p) with p = sigmoid(outputs), the mean over the outputs and over the batch, in nats.

    The sigmoid is inside the loss.
    """

    type: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    targets: ClassVar[Targets] = "binary"
    inside: ClassVar[Inside] = "sigmoid"
    threshold: ClassVar[float] = 0.0

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        kernels.binary_cross_entropy.evaluate(outputs, targets, count, losses, d_outputs)
