"""The fully connected layer."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext, rows, size_of
from nnctl.layers.over_steps import gradients_of_product
from nnctl.layers.regularization import WeightedLayer


class Linear(WeightedLayer):
    """outputs = inputs weight + bias. inputs: (N, in_features), weight: (in_features, out_features).

    Of sequences (N, T, in_features), each step by itself: outputs (N, T, out_features).
    """

    type: Literal["linear"] = "linear"
    makes_channels: ClassVar[str] = "out_features"
    out_features: int = Field(ge=1)
    """Number of outputs."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, or rows of numbers, one row an input."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        if len(inputs) not in (1, 2):
            what = "needs a row of features, or one a step: one axis a sample, or two"
            raise ShapeError(what, "put `- flatten` in front of it")
        return _LinearOperation(inputs, self, device)


class _LinearOperation(Operation):
    def __init__(self, inputs: Shape, settings: Linear, device: Device) -> None:
        in_features, out_features = inputs[-1], settings.out_features
        fans = in_features, out_features
        weight = settings.weight or XavierUniform()
        arrays = [ArraySpec("weight", (in_features, out_features), "parameter", weight, fans=fans)]
        if settings.bias is not None:
            arrays.append(ArraySpec("bias", (out_features,), "parameter", settings.bias, fans=fans))
        scratch = device.kernels.sizes.matmul_scratch(in_features, out_features)
        if scratch:
            arrays.append(ArraySpec("partial", (scratch,)))
        self.outputs = (*inputs[:-1], out_features)
        self.arrays = tuple(arrays)
        self.multiply_adds = size_of(inputs) * out_features
        self._device = device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        matmul, partial = self._device.kernels.matmul, arrays.scratch.get("partial")
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        if partial is None:
            matmul.matmul_bias(rows(arrays.inputs), weight, bias, rows(arrays.outputs))
        else:
            matmul.matmul_large(rows(arrays.inputs), weight, bias, partial, rows(arrays.outputs))

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        matmul, d_outputs = self._device.kernels.matmul, rows(arrays.d_outputs)
        has_steps = arrays.lengths is not None and arrays.inputs.ndim == 3
        if arrays.d_inputs is not None:
            weight = arrays.parameters["weight"]
            matmul.matmul_transposed_b(d_outputs, weight, rows(arrays.d_inputs), has_steps=has_steps)
        if arrays.gradients:
            own = arrays.gradients["weight"], arrays.gradients.get("bias")
            gradients_of_product(arrays.inputs, arrays.d_outputs, *own, self._device, has_steps=has_steps)
