"""Augmentation of sequences: moved along their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Arrays, Operation, Shape, ShapeError, StepContext
from nnctl.layers.over_steps import sequence


class RandomShift(Layer):
    """In training each sequence is moved along its steps by a random whole number; in evaluation nothing changes.

    inputs: (N, T, F). All numbers from -steps to steps are equally likely. What is moved out at one end is lost, and
    what is free at the other is 0. A sequence is moved within its own length, which stays as it is: its steps keep
    their order, nothing of the padding gets in, and at least one step stays, so a short one is moved by less. The
    number is computed from (seed, epoch, step, layer) and the sample's number in the batch, never stored.
    """

    type: Literal["random_shift"] = "random_shift"
    steps: int = Field(ge=1)
    """By how many steps at most, in both directions."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        steps, _ = sequence(inputs, for_images="random_crop with `padding`")
        if self.steps >= steps:
            what = f"moves by up to {self.steps} steps, but a sequence has {steps}: nothing of it would be left"
            raise ShapeError(what, f"give `steps: {steps - 1}` or less" if steps > 1 else "leave this layer out")
        return _RandomShiftOperation(inputs, self.steps, device)


@dataclass(frozen=True)
class _RandomShiftOperation(Operation):
    outputs: Shape
    most_steps: int
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels = self.device.kernels
        if step.training:
            key = step.key("random_shift")
            kernels.random_shift.shift(arrays.inputs, arrays.lengths, arrays.outputs, self.most_steps, key, False)
        else:
            kernels.copy.copy(arrays.inputs.ravel(), arrays.outputs.ravel())

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels = self.device.kernels
        if arrays.d_inputs is None:
            return
        if step.training:
            key = step.key("random_shift")
            kernels.random_shift.shift(arrays.d_outputs, arrays.lengths, arrays.d_inputs, self.most_steps, key, True)
        else:
            kernels.copy.copy(arrays.d_outputs.ravel(), arrays.d_inputs.ravel())
