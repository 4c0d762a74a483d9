"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.optimizer import Array, Optimizer, Shape


class SGD(Optimizer):
    """v = momentum v + g; p -= learning_rate v (nesterov: g + momentum v), with g += weight_decay p.

    Source: Sutskever et al. 2013, in the form that PyTorch uses.
    """

    type: Literal["sgd"] = "sgd"
    momentum: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the last step's direction that is kept."""
    nesterov: bool = False
    """Look ahead along the momentum."""

    @model_validator(mode="after")
    def _momentum_to_look_along(self) -> Self:
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov needs a momentum above 0; set momentum: 0.9, or remove nesterov")
        return self

    @property
    def slots(self) -> Mapping[str, int]:
        return {"velocity": 1} if self.momentum else {}

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
        if self.momentum:
            device.kernels.sgd.momentum_step(
                parameters,
                gradients,
                slots[0],
                learning_rate,
                self.momentum,
                self.nesterov,
                self.weight_decay,
            )
        else:
            device.kernels.sgd.step(parameters, gradients, learning_rate, self.weight_decay)
