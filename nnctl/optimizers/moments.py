"""What adam and its kin share: running means of the gradient and of its square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.optimizers.optimizer import Array, Optimizer, Shape

Beta = Annotated[float, Field(ge=0.0, lt=1.0)]


class Moments(Optimizer):
    """Base of the optimizers that divide the gradient's running mean by the root of its square's running mean.

    m = b1 m + (1 - b1) g; v = b2 v + (1 - b2) g^2; p -= learning_rate m' / (sqrt(v') + eps), where
    m' = m / (1 - b1^step) and v' = v / (1 - b2^step).
    """

    decoupled: ClassVar[bool]  # whether the weight decay shrinks the parameters, not joins the gradient

    betas: list[Beta] = Field(default=[0.9, 0.999], min_length=2, max_length=2)
    """Shares of the running means of the gradient and of its square that are kept in a step."""
    eps: float = Field(default=1e-8, ge=0.0)
    """Added to the divisor."""

    @property
    def slots(self) -> Mapping[str, int]:
        return {"exp_avg": 1, "exp_avg_sq": 2}

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
        device.kernels.adam.step(
            parameters,
            gradients,
            slots[0],
            slots[1],
            learning_rate,
            step,
            beta1,
            beta2,
            self.eps,
            self.weight_decay,
            self.decoupled,
        )
