"""Adagrad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.optimizer import Array, Optimizer, Shape


class Adagrad(Optimizer):
    """s += g^2; p -= learning_rate g / (sqrt(s) + eps), with g += weight_decay p.

    Source: Duchi, Hazan and Singer 2011, in the form that PyTorch uses.
    """

    type: Literal["adagrad"] = "adagrad"
    eps: float = Field(default=1e-10, ge=0.0)
    """Added to the divisor."""

    @property
    def slots(self) -> Mapping[str, int]:
        return {"square_sum": 2}

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
        device.kernels.adagrad.step(parameters, gradients, slots[0], learning_rate, self.eps, self.weight_decay)
