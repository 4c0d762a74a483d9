"""The threshold of the perceptron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext


class Step(Activation):
    """1 where x >= 0, else 0. Source: Rosenblatt 1958.

    Its derivative is zero everywhere, so training passes the gradient straight through, as if this were the identity
    (Bengio, Léonard and Courville 2013). On the last layer with squared_error that is the perceptron rule.
    """

    type: Literal["step"] = "step"
    gradient: Literal["straight_through", "zero"] = "straight_through"
    """What training takes for its derivative: 1 (`straight_through`), or the true `zero`, with which nothing learns."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _StepOperation(inputs, self.gradient, device)


@dataclass(frozen=True)
class _StepOperation(Operation):
    outputs: Shape
    gradient: str
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self.device.kernels.step.forward(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is None:
            return
        if self.gradient == "straight_through":
            self.device.kernels.copy.copy(arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
        else:
            self.device.kernels.copy.zero(arrays.d_inputs.ravel())
