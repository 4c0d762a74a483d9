"""The fully connected layer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.layers.activation import MaybeActivation
from nnctl.layers.layer import (
    Arrays,
    Layer,
    LayerPlan,
    Parameter,
    Pass,
    Scratch,
    Shape,
    ShapeError,
)

LARGE_WEIGHT = 1 << 14  # elements, from which on it pays that a thread reads what it has updated itself
MOST_PARTIAL = 1 << 16  # elements that are for this made in parts: they stay in the second-level caches


class Linear(Layer):
    """outputs = inputs weight + bias. inputs: (N, in_features), weight: (in_features, out_features)."""

    type: Literal["linear"] = "linear"
    out_features: int = Field(ge=1)
    """Number of outputs."""
    weight: MaybeInitializer = None
    """How the weight starts: an initializer, or rows of numbers, one row an input."""
    bias: OptionalBias = Zeros()
    """How the bias starts: an initializer, a number, a list of numbers, or false for no bias."""
    activation: MaybeActivation = None
    """Applied to the outputs."""

    def plan(self, inputs: Shape) -> LayerPlan:
        if len(inputs) != 1:
            raise ShapeError("needs a row of features, one axis a sample", "put `- flatten` in front of it")
        fan_in, fan_out = inputs[0], self.out_features
        parameters = [Parameter("weight", (fan_in, fan_out), fan_in, fan_out, self.weight or XavierUniform())]
        if self.bias is not None:
            parameters.append(Parameter("bias", (fan_out,), fan_in, fan_out, self.bias))
        size = fan_in * fan_out
        partial = Scratch("partial", (min(size, MOST_PARTIAL),), per_sample=False)
        return LayerPlan(
            outputs=(fan_out,),
            parameters=tuple(parameters),
            scratch=(partial,) if size >= LARGE_WEIGHT else (),
            multiply_adds=size,
            rows=fan_in + (self.bias is not None),
        )

    def forward(self, arrays: Arrays, run: Pass) -> None:
        matmul, partial = run.kernels.matmul, arrays.scratch.get("partial")
        weight, bias = arrays.parameters["weight"], arrays.parameters.get("bias")
        if bias is None:
            bias = weight[0, :0]
        if partial is None:
            matmul.matmul_bias(arrays.inputs, weight, bias, arrays.outputs)
        else:
            matmul.matmul_large(arrays.inputs, weight, bias, partial, arrays.outputs)

    def backward(self, arrays: Arrays, run: Pass) -> None:
        matmul = run.kernels.matmul
        if arrays.d_inputs is not None:
            matmul.matmul_transposed_b(arrays.d_outputs, arrays.parameters["weight"], arrays.d_inputs)
        d_weight, d_bias = arrays.gradients["weight"], arrays.gradients.get("bias")
        if d_bias is None:
            matmul.matmul_transposed_a(arrays.inputs, arrays.d_outputs, d_weight)
        else:
            matmul.matmul_transposed_a_sum(arrays.inputs, arrays.d_outputs, d_weight, d_bias)
