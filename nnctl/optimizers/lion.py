"""Lion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.moments import Beta
from nnctl.optimizers.optimizer import Array, Optimizer, Shape


class Lion(Optimizer):
    """p -= learning_rate (sign(b1 m + (1 - b1) g) + weight_decay p); then m = b2 m + (1 - b2) g.

    Every step moves each parameter by as much as the learning rate, so that wants to be 3 to 10 times smaller than
    adamw's, and weight_decay as many times larger.
    Source: Chen et al. 2023, "Symbolic discovery of optimization algorithms", algorithm 2.
    """

    type: Literal["lion"] = "lion"
    weight_decay: float = Field(default=0.0, ge=0.0)
    """Strength of the pull of every parameter towards zero, apart from the gradient."""
    betas: list[Beta] = Field(default=[0.9, 0.99], min_length=2, max_length=2)
    """Shares of the running mean in the direction of a step, and of what is kept of it."""

    @property
    def slots(self) -> Mapping[str, int]:
        return {"exp_avg": 1}

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
        settings = (learning_rate, *self.betas, self.weight_decay)
        device.kernels.lion.step(parameters, gradients, slots[0], *settings)
