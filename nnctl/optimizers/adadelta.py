"""Adadelta."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.optimizer import Array, Optimizer, Shape


class Adadelta(Optimizer):
    """s = rho s + (1 - rho) g^2; d = g sqrt(a + eps) / sqrt(s + eps); a = rho a + (1 - rho) d^2; p -= learning_rate d.

    With g += weight_decay p. It finds the size of its steps itself, so the paper's learning_rate is 1.
    Source: Zeiler 2012, algorithm 1, in the form that PyTorch uses.
    """

    type: Literal["adadelta"] = "adadelta"
    rho: float = Field(default=0.9, ge=0.0, lt=1.0)
    """Share of both running means that is kept in a step."""
    eps: float = Field(default=1e-6, gt=0.0)
    """Added to both running means under their roots; the first steps are as small as its root."""

    @property
    def slots(self) -> Mapping[str, int]:
        return {"square_avg": 2, "acc_delta": 0}

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
        settings = (learning_rate, self.rho, self.eps, self.weight_decay)
        device.kernels.adadelta.step(parameters, gradients, slots[0], slots[1], *settings)
