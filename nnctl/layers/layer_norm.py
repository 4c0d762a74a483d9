"""Layer normalisation."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.constant import Constant
from nnctl.initializers.initializer import OneInitializer, OptionalBias
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Array, Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext, size_of


class LayerNorm(Layer):
    """outputs = (inputs - mean) / sqrt(variance + eps) x weight + bias, with the moments of each row of features.

    inputs: (N, F), (N, T, F) or (N, H, W, C). Mean and variance are those of the last axis, of each step and each pixel
    by itself, in training and in evaluation. The variance is the biased one. Steps beyond a length are 0.
    Source: Ba, Kiros and Hinton 2016, equations 3 and 4.
    """

    type: Literal["layer_norm"] = "layer_norm"
    eps: float = Field(default=1e-5, gt=0.0)
    """Added to the variance."""
    weight: OneInitializer = Constant(value=1.0)
    """How the weight starts: an initializer, a number, or a list of numbers, one a feature."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if not inputs:
            raise ShapeError("needs features, at least one axis a sample")
        return _LayerNormOperation(inputs, self, device)


class _LayerNormOperation(Operation):
    def __init__(self, inputs: Shape, settings: LayerNorm, device: Device) -> None:
        positions, features = size_of(inputs[:-1]), inputs[-1]
        fans = features, features
        arrays = [ArraySpec("weight", (features,), "parameter", settings.weight, fans=fans)]
        if settings.bias is not None:
            arrays.append(ArraySpec("bias", (features,), "parameter", settings.bias, fans=fans))
        self.outputs = inputs
        self.arrays = (
            *arrays,
            ArraySpec("moments", (positions, 2), "per_sample", dtype="float64"),
            ArraySpec("partial", (2, device.kernels.sizes.SUM_CHUNKS, features), dtype="float64"),
        )
        self._shape = positions, features
        self._is_sequence = len(inputs) == 2
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
        kernels.backward_parameters(*both, lengths, moments, partial, gradients["weight"], gradients.get("bias"))
        if arrays.d_inputs is not None:
            weight, d_inputs = arrays.parameters["weight"], self._flat(arrays.d_inputs)
            kernels.backward_inputs(*both, lengths, moments, weight, d_inputs)

    def _flat(self, array: Array) -> Array:
        """As (N, positions, features)."""
        return array.reshape(-1, *self._shape)

    def _lengths(self, arrays: Arrays) -> Array | None:
        """Those of sequences; what else follows a sequence in a network has no steps."""
        return arrays.lengths if self._is_sequence else None
