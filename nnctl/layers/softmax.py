"""Softmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.activation import Activation
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext, rows


class Softmax(Activation):
    """exp(x) over its sum along the last axis: positive numbers that add to 1. Source: Bridle 1990."""

    type: Literal["softmax"] = "softmax"
    keeps_channels: ClassVar[bool] = False

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _SoftmaxOperation(inputs, device)


@dataclass(frozen=True)
class _SoftmaxOperation(Operation):
    outputs: Shape
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self.device.kernels.softmax.forward(rows(arrays.inputs), rows(arrays.outputs))

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self.device.kernels.softmax.backward(rows(arrays.outputs), rows(arrays.d_outputs), rows(arrays.d_inputs))
