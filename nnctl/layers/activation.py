"""The base of the activations, each one a layer and a value of `activation:`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Annotated, ClassVar

from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext
from nnctl.spec import OneOf


class Activation(Layer):
    """A layer whose outputs have the shape of its inputs."""

    keeps_channels: ClassVar[bool] = True
    initializer: ClassVar[str] = "xavier_uniform"  # the usual one for the weights in front of it


MaybeActivation = Annotated[Activation, OneOf()] | None


@dataclass(frozen=True)
class ElementwiseOperation(Operation):
    """outputs = f(inputs), each element by itself, by the `forward` and `backward` of one module of kernels.

    kernels: gives the module, which is loaded when it is needed. settings: what both kernels get as last arguments.
    derivative_of_outputs: whether `backward` computes the derivative from the outputs, else from the inputs.
    """

    outputs: Shape
    kernels: Callable[[], ModuleType]
    settings: tuple[float, ...] = ()
    derivative_of_outputs: bool = False
    commutes_with_maximum: bool = False

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self.kernels().forward(arrays.inputs.ravel(), arrays.outputs.ravel(), *self.settings)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            values = arrays.outputs if self.derivative_of_outputs else arrays.inputs
            self.kernels().backward(values.ravel(), arrays.d_outputs.ravel(), arrays.d_inputs.ravel(), *self.settings)
