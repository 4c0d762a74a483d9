"""Layer normalisation."""

from __future__ import annotations

from typing import Literal

from nnctl.kernels.device import Device
from nnctl.layers.norm import Norm, NormOperation
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext, size_of


class LayerNorm(Norm):
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, with the moments of each row of features.

    inputs: (N, F), (N, T, F) or (N, H, W, C). Mean and variance are those of the last axis, of each step and each pixel
    by itself, in training and in evaluation. The variance is the biased one. Steps beyond a length are 0.
    Source: Ba, Kiros and Hinton 2016, equations 3 and 4.
    """

    type: Literal["layer_norm"] = "layer_norm"

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if not inputs:
            raise ShapeError("needs features, at least one axis a sample")
        return _LayerNormOperation(inputs, self, device)


class _LayerNormOperation(NormOperation):
    def __init__(self, inputs: Shape, settings: LayerNorm, device: Device) -> None:
        positions, features = size_of(inputs[:-1]), inputs[-1]
        super().__init__(inputs)
        self.arrays = (
            *settings.parameters(features),
            ArraySpec("moments", (positions, 2), "per_sample", dtype="float64"),
            ArraySpec("partial", (2, device.kernels.sizes.SUM_CHUNKS, features), dtype="float64"),
        )
        self._eps, self._device = settings.eps, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        inputs, outputs = self._flat(arrays.inputs), self._flat(arrays.outputs)
        self._device.kernels.layer_norm.forward(
            inputs, self._lengths(arrays), weight, bias, self._eps, arrays.scratch["moments"], outputs
        )

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, moments, gradients = self._device.kernels.layer_norm, arrays.scratch["moments"], arrays.gradients
        both, lengths = (self._flat(arrays.inputs), self._flat(arrays.d_outputs)), self._lengths(arrays)
        partial = arrays.scratch["partial"]
        if gradients:
            kernels.backward_parameters(*both, lengths, moments, partial, gradients["weight"], gradients.get("bias"))
        if arrays.d_inputs is not None:
            weight, d_inputs = arrays.parameters["weight"], self._flat(arrays.d_inputs)
            kernels.backward_inputs(*both, lengths, moments, weight, d_inputs)
