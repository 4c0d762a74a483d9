"""Augmentation of sequences: steps and features masked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, Operation, Shape, ShapeError, StepContext
from nnctl.layers.over_steps import sequence


class RandomMask(Layer):
    """In training some steps in a row and some features in a row of each sequence are 0; in evaluation nothing changes.

    inputs: (N, T, F). How many, from 0 to `steps` and to `features`, and the first of them are random, all equally
    likely. Only real steps are masked, and at least one of a sequence stays. For several masks, write the layer several
    times. They are computed from (seed, epoch, step, layer) and the sample's number in the batch, never stored.
    Source: Park et al. 2019, "SpecAugment", section 2.
    """

    type: Literal["random_mask"] = "random_mask"
    steps: int = Field(ge=0)
    """How many steps at most; 0 for none."""
    features: int = Field(default=0, ge=0)
    """How many features at most."""

    @model_validator(mode="after")
    def _masks_something(self) -> RandomMask:
        if not self.steps and not self.features:
            raise ValueError("masks nothing; give `steps`, `features` or both")
        return self

    def plan(self, inputs: Shape, device: Device) -> Operation:
        there = dict(zip(("steps", "features"), sequence(inputs, for_images="cutout"), strict=True))
        asked = {"steps": self.steps, "features": self.features}
        for name, most in asked.items():
            if most >= there[name]:
                what = f"masks up to {most} {name}, but a sequence has {there[name]}: nothing of it would be left"
                raise ShapeError(what, _remedy(name, there[name], is_alone=most == sum(asked.values())))
        return _RandomMaskOperation(inputs, self.steps, self.features, device)


def _remedy(name: str, there: int, *, is_alone: bool) -> str:
    """is_alone: whether the layer masks nothing else."""
    if there > 1:
        return f"give `{name}: {there - 1}` or less"
    return "leave this layer out" if is_alone else f"leave `{name}` out"


@dataclass(frozen=True)
class _RandomMaskOperation(Operation):
    outputs: Shape
    most_steps: int
    most_features: int
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self._mask(arrays.inputs, arrays, arrays.outputs, step)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self._mask(arrays.d_outputs, arrays, arrays.d_inputs, step)

    def _mask(self, source: Array, arrays: Arrays, target: Array, step: StepContext) -> None:
        kernels = self.device.kernels
        if step.training:
            key = step.key("random_mask")
            kernels.random_mask.mask(source, arrays.lengths, target, self.most_steps, self.most_features, key)
        else:
            kernels.copy.copy(source.ravel(), target.ravel())
