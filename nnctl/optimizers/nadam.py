"""Adam with Nesterov momentum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.moments import Moments
from nnctl.optimizers.optimizer import Array, Shape


class NAdam(Moments):
    """Adam that looks ahead along its running mean, whose share grows over the first steps, with g += weight_decay p.

    m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; with u = b1 (1 - 0.5 0.96^(momentum_decay step)), u' that of the
    next step and U the product of all u so far:
    p -= learning_rate ((1 - u) g / (1 - U) + u' m / (1 - U u')) / (sqrt(v / (1 - b2^step)) + eps).
    Source: Dozat 2016, "Incorporating Nesterov momentum into Adam", in the form that PyTorch uses.
    """

    type: Literal["nadam"] = "nadam"
    momentum_decay: float = Field(default=0.004, ge=0.0)
    """How fast the share of the running mean grows from half of the first beta to all of it."""
    decoupled_weight_decay: bool = False
    """Multiply the parameters by 1 - learning_rate weight_decay before each step, as adamw does, instead of g += …"""

    def update(
        self,
        parameters: Array,
        gradients: Array,
        slots: Array,
        shapes: Sequence[Shape],
        learning_rate: float | StepArgument,
        step: int | StepArgument,
        device: Device,
    ) -> None:
        beta1, beta2 = self.betas
        device.kernels.nadam.step(
            parameters,
            gradients,
            slots[0],
            slots[1],
            learning_rate,
            step,
            beta1,
            beta2,
            self.eps,
            self.momentum_decay,
            self.weight_decay,
            self.decoupled_weight_decay,
        )
