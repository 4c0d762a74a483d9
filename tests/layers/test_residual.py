"""The residual block."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.kernels.device import CPU
from nnctl.layers.chain import in_words
from nnctl.layers.default_weight import with_default_weights
from nnctl.layers.operation import Operation, Shape, ShapeError, StepContext
from nnctl.layers.residual import Residual
from tests.support.layer_check import Float64, LayerCheck, a_step, build
from tests.support.naive_chain import chain
from tests.support.specs import layers_of

SAME = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same"}
STRIDED = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1, "stride": [2, 3]}


class TestResidual(LayerCheck):
    kind = Residual
    cases = (
        {"inputs": [7], "layers": [{"type": "linear", "out_features": 7, "activation": "tanh"}]},
        {"inputs": [7], "layers": ["tanh", {"type": "linear", "out_features": 3}]},
        {"inputs": [3, 4, 2], "layers": [SAME], "shortcut": "projection"},
        {"inputs": [7, 6, 3], "layers": [STRIDED, "tanh", SAME]},
        {
            "inputs": [7, 3],
            "layers": [{"type": "conv1d", "out_channels": 2, "kernel_size": 3, "stride": 2, "padding": "same"}],
        },
    )
    refused = ({}, {"layers": []}, {"layers": ["tanh"], "shortcut": "none"}, {"layers": "tanh"})
    without_pytorch = "it has no such layer; those inside have numbers of their own"

    @staticmethod
    def reference(layer: Residual, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        outputs = chain(layer.layers, "layers.", inputs, parameters, step)
        if "shortcut.weight" not in parameters:
            return outputs + inputs
        weight, bias = parameters["shortcut.weight"], parameters["shortcut.bias"]
        if inputs.ndim == 2:
            return np.asarray(outputs + inputs @ weight + bias)
        if inputs.ndim == 3:
            stride = math.ceil(inputs.shape[1] / outputs.shape[1])
            return np.asarray(outputs + inputs[:, ::stride] @ weight[0] + bias)
        strides = [math.ceil(inputs.shape[axis] / outputs.shape[axis]) for axis in (1, 2)]
        return np.asarray(outputs + inputs[:, :: strides[0], :: strides[1]] @ weight[0, 0] + bias)


def plan(shape: Shape, *layers: Any, shortcut: str | None = None) -> Operation:
    return TestResidual().layer({"layers": list(layers), "shortcut": shortcut}).plan(shape, CPU())


def linear(out_features: int) -> dict[str, Any]:
    return {"type": "linear", "out_features": out_features}


@pytest.mark.parametrize(
    ("shape", "layers", "what", "help"),
    [
        (
            (7,),
            [linear(3)],
            "has an identity shortcut, but its layers make (3,) of (7,)",
            "leave `shortcut` out for a projection, or keep the shape",
        ),
        (
            (3, 4, 2),
            ["flatten"],
            "has an identity shortcut, but its layers make (24,) of (3, 4, 2)",
            "leave `shortcut` out for a projection, or keep the shape",
        ),
    ],
)
def test_an_identity_that_does_not_fit(shape: Shape, layers: list[Any], what: str, help: str) -> None:
    with pytest.raises(ShapeError) as raised:
        plan(shape, *layers, shortcut="identity")
    assert (raised.value.what, raised.value.help, raised.value.path) == (what, help, "")


@pytest.mark.parametrize(
    ("shape", "layers", "outputs"),
    [
        ((7, 6, 3), [{**SAME, "padding": "valid"}], "(5, 4, 2)"),  # no stride of 1x1 windows leaves 5 of 7
        ((3, 4, 2), ["flatten"], "(24,)"),
        ((3, 4, 2), ["flatten", linear(5)], "(5,)"),
    ],
)
@pytest.mark.parametrize("shortcut", [None, "projection"])
def test_a_projection_that_there_is_not(shape: Shape, layers: list[Any], outputs: str, shortcut: str | None) -> None:
    with pytest.raises(ShapeError) as raised:
        plan(shape, *layers, shortcut=shortcut)
    assert raised.value.what == f"has no projection from {in_words(shape)} to {outputs}"
    assert raised.value.help


@pytest.mark.slow
@given(st.integers(1, 40), st.integers(1, 9))
def test_there_is_a_projection_for_every_stride(size: int, stride: int) -> None:
    strided = {**SAME, "stride": stride}
    operation = plan((size, 1, 1), strided)
    assert operation.outputs == (math.ceil(size / stride), 1, 2)


def test_the_shortcut_is_a_projection_only_where_it_must_be() -> None:
    for shortcut, expected in ((None, False), ("identity", False), ("projection", True)):
        names = {spec.name for spec in plan((7,), linear(7), shortcut=shortcut).arrays}
        assert ("shortcut.weight" in names) == expected
    assert "shortcut.weight" in {spec.name for spec in plan((7,), linear(3)).arrays}


@pytest.mark.parametrize(
    ("inside", "own", "behind", "expected"),
    [
        (["relu"], None, "tanh", "he_normal"),
        ([], "relu", "tanh", "he_normal"),
        ([], "tanh", "relu", "xavier_uniform"),
        ([], None, "relu", "he_normal"),
        ([], None, None, "xavier_uniform"),
    ],
)
def test_a_weight_inside_starts_as_is_usual_for_what_follows(
    inside: list[str], own: str | None, behind: str | None, expected: str
) -> None:
    """An activation inside, then that of the block, then the layer behind the block."""
    block = {"type": "residual", "layers": [linear(7), *inside], "activation": own}
    filled = with_default_weights(layers_of([block, *([behind] if behind else [])]))[0]
    assert isinstance(filled, Residual)
    assert filled.layers[0].weight.type == expected


def test_with_layers_that_give_zeros_it_is_the_identity() -> None:
    """The inputs get past the layers as they are, and so does the gradient."""
    built = build(TestResidual().layer({"layers": [linear(7)]}), (7,))
    arrays = built.arrays
    for parameter in arrays.parameters.values():
        parameter[...] = 0
    built.both_ways(a_step())
    np.testing.assert_array_equal(arrays.outputs, arrays.inputs)
    np.testing.assert_array_equal(arrays.d_inputs, arrays.d_outputs)
