"""Cross-entropy that counts samples less, the surer the network is of them."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.losses.loss import Array, Inside, Loss
from nnctl.targets import Targets


class Focal(Loss):
    """-(1 - p)^gamma log p with p = softmax(outputs)[target], the mean over the batch, in nats.

    The softmax is inside the loss. Source: Lin et al. 2017, "Focal loss for dense object detection", equation 4.
    """

    type: Literal["focal"] = "focal"
    gamma: float = Field(default=2.0, ge=0.0, le=100.0)
    """How much less a sure sample counts; 0 is cross_entropy."""
    label_smoothing: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the target's probability that is spread evenly over all classes, each of which then has such a loss."""
    targets: ClassVar[Targets] = "classes"
    inside: ClassVar[Inside] = "softmax"
    threshold: ClassVar[float] = 0.0

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        arrays = outputs, targets, count, losses, d_outputs
        if self.label_smoothing:
            kernels.focal.evaluate_smoothed(*arrays, self.gamma, self.label_smoothing)
        else:
            kernels.focal.evaluate(*arrays, self.gamma)
