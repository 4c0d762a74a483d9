"""A penalty on what passes, so that it stays small or sparse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext
from nnctl.layers.over_steps import lengths_of


class ActivityPenalty(Layer):
    """outputs = inputs; training also minimizes l1 sum |x| + l2 sum x^2 of a sample, as a mean over the batch.

    The loss that is shown is without it. Of sequences with lengths, real steps alone count.
    """

    type: Literal["activity_penalty"] = "activity_penalty"
    keeps_channels: ClassVar[bool] = True
    l1: float = Field(default=0.0, ge=0.0)
    """How much the absolute values count."""
    l2: float = Field(default=0.0, ge=0.0)
    """How much the squares count."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _ActivityPenaltyOperation(inputs, self.l1, self.l2, device)


@dataclass(frozen=True)
class _ActivityPenaltyOperation(Operation):
    outputs: Shape
    l1: float
    l2: float
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self.device.kernels.copy.copy(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is None:
            return
        if not step.training:  # its layer is frozen in this step
            self.device.kernels.copy.copy(arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
            return
        samples = len(arrays.inputs)
        all_samples = step.samples or samples
        inputs, d_outputs, d_inputs = (
            array.reshape(samples, -1) for array in (arrays.inputs, arrays.d_outputs, arrays.d_inputs)
        )
        lengths = lengths_of(arrays, self.device)
        penalty = self.device.kernels.penalty
        features = inputs.shape[1] // self.outputs[0]
        penalty.add_activity(
            inputs, d_outputs, lengths, features, d_inputs, self.l1 / all_samples, self.l2 / all_samples
        )
