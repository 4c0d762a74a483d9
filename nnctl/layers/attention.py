"""Multi-head self-attention."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from nnctl.initializers.initializer import MaybeInitializer, OptionalBias
from nnctl.initializers.xavier_uniform import XavierUniform
from nnctl.initializers.zeros import Zeros
from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, ShapeError, StepContext, rows
from nnctl.layers.over_steps import gradients_of_product, lengths_of, sequence
from nnctl.layers.regularization import WeightedLayer


class Attention(WeightedLayer):
    """Each step becomes a mean of all steps' values, by how well their keys fit its query; in several heads at once.

    inputs, outputs: (N, T, F). Parameters have the names of PyTorch's MultiheadAttention; weights are (in, out), those
    of queries, keys and values side by side. It knows no order of the steps: put `positions` in front of it. A block of
    a transformer is two residual layers, one around layer_norm and attention, one around layer_norm and linear layers.
    Source: Vaswani et al. 2017, "Attention is all you need", section 3.2.
    """

    type: Literal["attention"] = "attention"
    heads: int = Field(ge=1)
    """How many there are; each takes an equal part of the features."""
    causal: bool = False
    """Whether a step sees only itself and the steps before it."""
    weight: MaybeInitializer = None
    """How the weights start. Unset: xavier_uniform, for queries, keys and values each."""
    bias: OptionalBias = Zeros()
    """How the biases start: an initializer, a number, or false for no biases."""

    def plan(self, inputs: Shape, device: Device) -> Operation:
        steps, features = sequence(inputs)
        if features % self.heads:
            what = f"has {self.heads} heads, which cannot share {features} features equally"
            raise ShapeError(what, f"give it a number of heads that divides {features}, or put a linear layer in front")
        return _AttentionOperation(self, steps, features, device)


class _AttentionOperation(Operation):
    def __init__(self, settings: Attention, steps: int, features: int, device: Device) -> None:
        self.outputs = (steps, features)
        self.multiply_adds = steps * features * (4 * features + 2 * steps)
        self.arrays = (*_parameters(settings, features), *_scratch(settings.heads, steps, features))
        self._causal, self._device = settings.causal, device

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        kernels, parameters, scratch = self._device.kernels, arrays.parameters, arrays.scratch
        projected, context = scratch["projected"], scratch["context"]
        weight, bias = parameters["in_proj_weight"], parameters.get("in_proj_bias")
        kernels.matmul.matmul_bias(rows(arrays.inputs), weight, bias, rows(projected))
        kernels.attention.forward(
            projected,
            lengths_of(arrays, self._device),
            scratch["shares"],
            scratch["sums"],
            context,
            causal=self._causal,
        )
        weight, bias = parameters["out_proj_weight"], parameters.get("out_proj_bias")
        kernels.matmul.matmul_bias(rows(context), weight, bias, rows(arrays.outputs))

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        matmul, scratch = self._device.kernels.matmul, arrays.scratch
        parameters, gradients = arrays.parameters, arrays.gradients
        projected, context = scratch["projected"], scratch["context"]
        d_projected, d_context = scratch["d_projected"], scratch["d_context"]
        d_outputs, has_steps = arrays.d_outputs, arrays.lengths is not None
        weight = parameters["out_proj_weight"]
        matmul.matmul_transposed_b(rows(d_outputs), weight, rows(d_context), has_steps=has_steps)
        if gradients:
            own = gradients["out_proj_weight"], gradients.get("out_proj_bias")
            gradients_of_product(context, d_outputs, *own, self._device, has_steps=has_steps)
        self._device.kernels.attention.backward(
            projected, lengths_of(arrays, self._device), scratch["shares"], scratch["d_shares"], scratch["sums"],
            d_context, d_projected,
        )  # fmt: skip
        if arrays.d_inputs is not None:
            weight = parameters["in_proj_weight"]
            matmul.matmul_transposed_b(rows(d_projected), weight, rows(arrays.d_inputs), has_steps=has_steps)
        if gradients:
            own = gradients["in_proj_weight"], gradients.get("in_proj_bias")
            gradients_of_product(arrays.inputs, d_projected, *own, self._device, has_steps=has_steps)


def _parameters(settings: Attention, features: int) -> list[ArraySpec]:
    weight, bias, fans = settings.weight or XavierUniform(), settings.bias, (features, features)
    specs = [
        ArraySpec("in_proj_weight", (features, 3 * features), "parameter", weight, fans=fans),
        ArraySpec("out_proj_weight", (features, features), "parameter", weight, fans=fans),
    ]
    if bias is not None:
        specs.insert(1, ArraySpec("in_proj_bias", (3 * features,), "parameter", bias, fans=fans))
        specs.append(ArraySpec("out_proj_bias", (features,), "parameter", bias, fans=fans))
    return specs


def _scratch(heads: int, steps: int, features: int) -> list[ArraySpec]:
    shapes = {
        "projected": (steps, 3 * features),
        "d_projected": (steps, 3 * features),
        "context": (steps, features),
        "d_context": (steps, features),
        "shares": (heads, steps, steps),
        "d_shares": (heads, steps, steps),
        "sums": (heads, 2, steps),
    }
    return [ArraySpec(name, shape, "per_sample") for name, shape in shapes.items()]
