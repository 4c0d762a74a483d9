"""Augmentation: samples mixed with others, and their losses with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, Mixing, Operation, Shape, ShapeError, StepContext


class Mixup(Layer):
    """In training each sample is mixed with another of its batch; in evaluation nothing changes. inputs: (N, ...).

    outputs = l inputs + (1 - l) others, and the loss of a sample is l times that of its own target, plus 1 - l times
    that of the other's. In each step one l is drawn from the Beta distribution (alpha, alpha), or 1 - l in its place
    where that is larger, so that scores of training, which are of the samples' own targets, tell something; and so is
    who is mixed with whom. Both from (seed, epoch, step, layer), never stored. Source: Zhang et al. 2018, "mixup:
    beyond empirical risk minimization".
    """

    type: Literal["mixup"] = "mixup"
    keeps_channels: ClassVar[bool] = True
    alpha: float = Field(default=0.2, gt=0.0)
    """Small ones mix little most of the time; with 1.0 all shares are equally likely."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _MixupOperation(inputs, self.alpha, device)


@dataclass(frozen=True)
class _MixupOperation(Operation):
    outputs: Shape
    alpha: float
    device: Device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self._mix(arrays.inputs, arrays.outputs, step, is_reversed=False)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self._mix(arrays.d_outputs, arrays.d_inputs, step, is_reversed=True)

    def mixing(self, samples: int, step: StepContext) -> Mixing | None:
        if not step.training:
            return None
        return Mixing(
            step.drawn("float64", "mixup share", lambda random: _larger(random.beta(self.alpha, self.alpha))),
            step.drawn("int64", "mixup partner", lambda random: int(random.integers(1, samples)) if samples > 1 else 0),
        )

    def steps(self, lengths: Array) -> Array:
        what = "needs samples of one size, and its inputs are sequences with a length each"
        raise ShapeError(what, "leave this layer out, or save the samples without `lengths`")

    def _mix(self, source: Array, target: Array, step: StepContext, *, is_reversed: bool) -> None:
        kernels, samples = self.device.kernels, len(source)
        mixing = self.mixing(samples, step)
        if mixing is None:
            kernels.copy.copy(source.ravel(), target.ravel())
        else:
            flat = source.reshape(samples, -1), target.reshape(samples, -1)
            kernels.mixup.mix(*flat, mixing.share, mixing.offset, is_reversed)


def _larger(share: float) -> float:
    return max(share, 1.0 - share)
