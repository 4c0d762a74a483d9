"""What an optimizer is: one step over the flat vector of all parameters."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self

from numpy.typing import NDArray
from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.spec import Spec

Array = NDArray[Any]
Shape = tuple[int, ...]
Undecayed = Literal["bias", "norm"]


class Optimizer(Spec):
    """Base of all optimizers. The learning rate comes from the config and its schedule."""

    weight_decay: float = Field(default=0.0, ge=0.0)
    """Strength of the pull of every parameter towards zero (L2)."""
    exclude_from_weight_decay: list[Undecayed] = Field(default_factory=list)
    """Parameters without weight decay: `bias`, the biases of all layers; `norm`, all parameters of norms."""

    def with_weight_decay(self, weight_decay: float) -> Self:
        """The optimizer with another one."""
        return self.model_copy(update={"weight_decay": weight_decay})

    @property
    @abstractmethod
    def slots(self) -> Mapping[str, int]:
        """By name the vectors it keeps, each as long as the parameters and zero at the start, and their degrees: with
        gradients c times as large all along, a vector of degree d is c^d times as large.
        """

    @abstractmethod
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
        """Change parameters and slots in place. parameters, gradients: (P,). slots: (len(self.slots), P).

        They are those of some layers, or of all. shapes: of the arrays that lie in them one after the other.
        step: counts from 1. It and the learning rate go straight into a kernel, since a recorded one gets them anew
        in every step.
        """
