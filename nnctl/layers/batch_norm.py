"""Batch normalisation."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.initializers.constant import Constant
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.norm import Norm, NormOperation
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Role, Shape, ShapeError, StepContext, size_of


class BatchNorm(Norm):
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, for each channel, the last axis.

    inputs: (N, F), (N, T, F) or (N, H, W, C). In training mean and variance are those of the batch over all other axes,
    and `running_mean` and `running_var` follow them; in evaluation those are used. The variance is the biased one;
    `running_var` follows the unbiased one, and the biased one (0) where the batch has only one value of each channel.
    Source: Ioffe and Szegedy 2015, algorithms 1 and 2.
    """

    type: Literal["batch_norm"] = "batch_norm"
    keeps_channels: ClassVar[bool] = True
    momentum: float = Field(default=0.1, ge=0.0, le=1.0)
    """How far the running statistics go towards a batch's: running = (1 - momentum) x running + momentum x batch."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if not inputs:
            raise ShapeError("needs channels, at least one axis a sample")
        return _BatchNormOperation(inputs, self, device)


class _BatchNormOperation(NormOperation):
    """relu: whether relu of the outputs is a part of it, so that they need not be written and read once more."""

    def __init__(self, inputs: Shape, settings: BatchNorm, device: Device, *, relu: bool = False) -> None:
        positions, channels = size_of(inputs[:-1]), inputs[-1]
        sizes = device.kernels.sizes
        wide = sizes.side_by_side(channels)
        is_sequence, by_sample = len(inputs) == 2, sizes.sums_by_sample(positions)
        groups: Shape = () if by_sample or is_sequence else (sizes.SUM_CHUNKS,)
        role: Role = "per_sample" if by_sample or is_sequence else "scratch"
        super().__init__(inputs)
        self.arrays = (
            *settings.parameters(channels),
            ArraySpec("running_mean", (channels,), "buffer", Zeros()),
            ArraySpec("running_var", (channels,), "buffer", Constant(value=1.0)),
            ArraySpec("sums", (*groups, wide), role),
            ArraySpec("products", (*groups, wide), role),
            ArraySpec("centres", (*groups, wide), role),
            ArraySpec("partial", (*groups, 2, channels), role, dtype="float64"),
            ArraySpec("moments", (2, channels), dtype="float64"),
            ArraySpec("factors", (3, wide)),
            ArraySpec("d_factors", (2, wide)),
        )
        self._by_sample = by_sample
        self._relu = relu
        self._settings, self._device = settings, device

    def absorb(self, kind: str) -> Operation | None:
        if self._relu or kind != "relu":
            return None
        return _BatchNormOperation(self.outputs, self._settings, self._device, relu=True)

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, settings, scratch = self._device.kernels.batch_norm, self._settings, arrays.scratch
        inputs, lengths = self._flat(arrays.inputs), self._lengths(arrays)
        mean, variance, moments = arrays.buffers["running_mean"], arrays.buffers["running_var"], scratch["moments"]
        if step.training:
            sums = self._groups(arrays, "sums", "products", "centres", "partial")
            momentum = settings.momentum if step.momentum is None else step.momentum
            kernels.batch_statistics(inputs, lengths, mean, variance, momentum, settings.eps, *sums, moments)
        else:
            kernels.running_statistics(mean, variance, settings.eps, moments)
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        outputs = self._flat(arrays.outputs)
        kernels.forward(inputs, lengths, moments, weight, bias, scratch["factors"], outputs, self._relu)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, scratch = self._device.kernels.batch_norm, arrays.scratch
        both, lengths = (self._flat(arrays.inputs), self._flat(arrays.d_outputs)), self._lengths(arrays)
        factors, d_factors = scratch["factors"], scratch["d_factors"]
        if arrays.gradients:
            sums = self._groups(arrays, "sums", "products", "partial")
            gradients = arrays.gradients["weight"], arrays.gradients.get("bias")
            kernels.backward_parameters(
                *both, lengths, scratch["moments"], factors, *sums, d_factors, *gradients, step.training, self._relu
            )
        else:  # the moments are the running ones, and do not depend on the inputs
            self._device.kernels.copy.zero(d_factors.ravel())
        if arrays.d_inputs is not None:
            d_inputs = self._flat(arrays.d_inputs)
            kernels.backward_inputs(*both, lengths, factors, d_factors, d_inputs, self._relu)

    def _groups(self, arrays: Arrays, *names: str) -> list[Array]:
        """Scratch of the groups in which sums are made.

        With lengths a group is a sample: how many steps there are may change no bit, as some are padding.
        """
        own = [arrays.scratch[name] for name in names]
        if self._by_sample or self._lengths(arrays) is not None:
            return own
        return [array[: self._device.kernels.sizes.SUM_CHUNKS] for array in own]
