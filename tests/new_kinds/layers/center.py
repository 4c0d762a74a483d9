"""A gain for each feature, and in evaluation the features' running mean taken off: it has a parameter and a buffer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.constant import Constant
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.freezable import Freezable
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext


class Center(Freezable):
    """outputs = gain * inputs in training, gain * (inputs - mean) in evaluation. inputs: (N, F)."""

    type: Literal["center"] = "center"
    momentum: float = Field(default=0.9, ge=0.0, lt=1.0)
    """How much of the running mean a step keeps."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) != 1:
            raise ShapeError("needs a row of features, one axis a sample", "put `- flatten` in front of it")
        return _CenterOperation(inputs, self.momentum, device)


class _CenterOperation(Operation):
    def __init__(self, outputs: Shape, momentum: float, device: Device) -> None:
        self.outputs = outputs
        self.arrays = (
            ArraySpec("gain", outputs, "parameter", Constant(value=1.0)),
            ArraySpec("mean", outputs, "buffer", Zeros()),
        )
        self.multiply_adds = outputs[0]
        self.momentum = momentum
        self.device = device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, gain, mean = self.device.kernels.center, arrays.parameters["gain"], arrays.buffers["mean"]
        if step.training:
            kernels.update(arrays.inputs, mean, self.momentum)
            kernels.scale(arrays.inputs, gain, arrays.outputs)
        else:
            kernels.center(arrays.inputs, gain, mean, arrays.outputs)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels = self.device.kernels.center
        if arrays.gradients:
            kernels.gradient(arrays.inputs, arrays.d_outputs, arrays.gradients["gain"])
        if arrays.d_inputs is not None:
            kernels.scale(arrays.d_outputs, arrays.parameters["gain"], arrays.d_inputs)
