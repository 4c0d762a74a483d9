"""Dropout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, Operation, Shape, StepContext


class Dropout(Layer):
    """In training each input is 0 with probability p, else input / (1 - p); in evaluation nothing changes.

    The mask is computed from (seed, epoch, step, layer), never stored. Source: Srivastava et al. 2014, section 10.
    """

    type: Literal["dropout"] = "dropout"
    keeps_channels: ClassVar[bool] = True
    p: float = Field(default=0.5, ge=0.0, lt=1.0)
    """Probability that an input is dropped."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _DropoutOperation(inputs, self.p, device)


def mask(
    source: Array, target: Array, p: float, key: np.uint64 | StepArgument, lengths: Array | None, device: Device
) -> None:
    """target = source with some elements dropped, both (N, ...). lengths: (N,), where samples may be sequences."""
    kernels = device.kernels.dropout
    if lengths is not None and source.ndim > 2:
        kernels.mask_sequences(source.reshape(len(source), -1), target.reshape(len(target), -1), p, key)
    else:
        kernels.mask(source.ravel(), target.ravel(), p, key)


@dataclass(frozen=True)
class _DropoutOperation(Operation):
    outputs: Shape
    p: float
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self._mask(arrays.inputs, arrays.outputs, arrays.lengths, step)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self._mask(arrays.d_outputs, arrays.d_inputs, arrays.lengths, step)

    def _mask(self, source: Array, target: Array, lengths: Array | None, step: StepContext) -> None:
        kernels = self.device.kernels
        if step.training:
            mask(source, target, self.p, step.key("dropout"), lengths, self.device)
        else:
            kernels.copy.copy(source.ravel(), target.ravel())
