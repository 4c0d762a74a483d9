"""RMSprop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.optimizer import Array, Optimizer, Shape


class RMSprop(Optimizer):
    """s = alpha s + (1 - alpha) g^2; p -= learning_rate g / (sqrt(s) + eps), with g += weight_decay p.

    With momentum: b = momentum b + g / (sqrt(s) + eps); p -= learning_rate b.
    Source: Tieleman and Hinton 2012, lecture 6.5, in the form that PyTorch uses.
    """

    type: Literal["rmsprop"] = "rmsprop"
    alpha: float = Field(default=0.99, ge=0.0, lt=1.0)
    """Share of the running mean of the squared gradient that is kept in a step."""
    eps: float = Field(default=1e-8, ge=0.0)
    """Added to the divisor."""
    momentum: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the last step's direction that is kept."""

    @property
    def slots(self) -> Mapping[str, int]:
        return {"square_avg": 2} | ({"velocity": 0} if self.momentum else {})

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
        settings = (learning_rate, self.alpha, self.eps, self.weight_decay)
        if self.momentum:
            device.kernels.rmsprop.momentum_step(parameters, gradients, slots[0], slots[1], *settings, self.momentum)
        else:
            device.kernels.rmsprop.step(parameters, gradients, slots[0], *settings)
