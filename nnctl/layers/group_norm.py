"""Group normalisation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.kernels.device import Device
from nnctl.layers.norm import Norm, NormOperation
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext


class GroupNorm(Norm):
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, with the moments of each group of channels.

    inputs: (N, C), (N, T, C) or (N, H, W, C). Mean and variance are those of a sample's group: C / groups channels in a
    row, over all steps or pixels; of a sequence, over its real steps, and the others are 0. They are the same in
    training and in evaluation. The variance is the biased one. weight and bias: one a channel.
    Source: Wu and He 2018, equations 1, 2, 6 and 7.
    """

    type: Literal["group_norm"] = "group_norm"
    groups: int = Field(ge=1)
    """Into how many groups the channels are divided."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if not inputs:
            raise ShapeError("needs channels, at least one axis a sample")
        if inputs[-1] % self.groups:
            what = f"cannot divide {inputs[-1]} channels into {self.groups} equal groups"
            raise ShapeError(what, f"give `groups: {_nearest_divisor(inputs[-1], self.groups)}`")
        return GroupNormOperation(inputs, self.groups, self, device)


def _nearest_divisor(channels: int, groups: int) -> int:
    return min((n for n in range(1, channels + 1) if channels % n == 0), key=lambda n: abs(n - groups))


class GroupNormOperation(NormOperation):
    """Group normalisation with so many groups: as many as channels is instance normalisation."""

    def __init__(self, inputs: Shape, groups: int, settings: Norm, device: Device) -> None:
        super().__init__(inputs)
        channels = inputs[-1]
        wide = device.kernels.sizes.side_by_side(channels)
        self.arrays = (
            *settings.parameters(channels),
            *(ArraySpec(name, (wide,), "per_sample") for name in ("sums", "products", "centres")),
            ArraySpec("partial", (2, channels), "per_sample", dtype="float64"),
            ArraySpec("moments", (2, groups), "per_sample", dtype="float64"),
            ArraySpec("factors", (5, wide), "per_sample"),
        )
        self._eps, self._device = settings.eps, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        scratch = arrays.scratch
        sums = scratch["sums"], scratch["products"], scratch["centres"], scratch["partial"]
        self._device.kernels.group_norm.forward(
            self._flat(arrays.inputs),
            self._lengths(arrays),
            arrays.parameters["weight"],
            arrays.parameters.get("bias"),
            self._eps,
            *sums,
            scratch["moments"],
            scratch["factors"],
            self._flat(arrays.outputs),
        )

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, scratch = self._device.kernels.group_norm, arrays.scratch
        both, lengths = (self._flat(arrays.inputs), self._flat(arrays.d_outputs)), self._lengths(arrays)
        kept, partial = (scratch["moments"], scratch["factors"]), scratch["partial"]
        gradients = arrays.gradients.get("weight"), arrays.gradients.get("bias")
        kernels.backward_parameters(*both, lengths, *kept, scratch["sums"], scratch["products"], partial, *gradients)
        if arrays.d_inputs is not None:
            kernels.backward_inputs(*both, lengths, *kept, partial, self._flat(arrays.d_inputs))
