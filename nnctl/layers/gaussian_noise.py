"""Gaussian noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext


class GaussianNoise(Layer):
    """In training a normal number of mean 0 is added to each input; in evaluation nothing changes.

    The noise is computed from (seed, epoch, step, layer), never stored. Source: Bishop 1995, "Training with noise is
    equivalent to Tikhonov regularization".
    """

    type: Literal["gaussian_noise"] = "gaussian_noise"
    keeps_channels: ClassVar[bool] = True
    std: float = Field(default=0.1, ge=0.0)
    """Standard deviation of the noise, in the inputs' own units: those of a table are scaled to a deviation of 1."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _GaussianNoiseOperation(inputs, self.std, device)


@dataclass(frozen=True)
class _GaussianNoiseOperation(Operation):
    outputs: Shape
    std: float
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, inputs, outputs = self.device.kernels, arrays.inputs, arrays.outputs
        if not step.training:
            kernels.copy.copy(inputs.ravel(), outputs.ravel())
            return
        key = step.key("gaussian_noise")
        if arrays.lengths is not None and inputs.ndim > 2:
            both = [array.reshape(len(array), -1) for array in (inputs, outputs)]
            kernels.gaussian_noise.add_to_sequences(*both, self.std, key)
        else:
            kernels.gaussian_noise.add(inputs.ravel(), outputs.ravel(), self.std, key)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self.device.kernels.copy.copy(arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
