"""Dropout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, Operation, Shape, StepContext


class Dropout(Layer):
    """In training each input is 0 with probability p, else input / (1 - p); in evaluation nothing changes.

    The mask is computed from (seed, epoch, step, layer), never stored. Source: Srivastava et al. 2014, section 10.
    """

    type: Literal["dropout"] = "dropout"
    p: float = Field(default=0.5, ge=0.0, lt=1.0)
    """Probability that an input is dropped."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _DropoutOperation(inputs, self.p, device)


@dataclass(frozen=True)
class _DropoutOperation(Operation):
    outputs: Shape
    p: float
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self._mask(arrays.inputs, arrays.outputs, step)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self._mask(arrays.d_outputs, arrays.d_inputs, step)

    def _mask(self, source: Array, target: Array, step: StepContext) -> None:
        kernels = self.device.kernels
        if step.training:
            kernels.dropout.mask(source.ravel(), target.ravel(), self.p, step.key("dropout"))
        else:
            kernels.copy.copy(source.ravel(), target.ravel())
