"""Binary cross-entropy that counts targets less, the surer the network is of them."""

from __future__ import annotations

from types import ModuleType
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.losses.loss import Array, Inside, Loss
from nnctl.targets import Targets


class BinaryFocal(Loss):
    """-(1 - p)^gamma log p, p the probability of what the target is: sigmoid(outputs) of 1, the rest of 0.

    The mean over the outputs and over the batch, in nats. The sigmoid is inside the loss. Source: Lin et al. 2017,
    "Focal loss for dense object detection", equation 4.
    """

    type: Literal["binary_focal"] = "binary_focal"
    gamma: float = Field(default=2.0, ge=0.0, le=100.0)
    """How much less a sure target counts; 0 is binary_cross_entropy."""
    label_smoothing: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the target's probability that is spread evenly over 0 and 1, each of which then has such a loss."""
    targets: ClassVar[Targets] = "binary"
    inside: ClassVar[Inside] = "sigmoid"
    threshold: ClassVar[float] = 0.0

    def evaluate(
        self, outputs: Array, targets: Array, count: Array, losses: Array, d_outputs: Array, kernels: ModuleType
    ) -> None:
        arrays = outputs, targets, count, losses, d_outputs
        if self.label_smoothing:
            kernels.binary_focal.evaluate_smoothed(*arrays, self.gamma, self.label_smoothing)
        else:
            kernels.binary_focal.evaluate(*arrays, self.gamma)
