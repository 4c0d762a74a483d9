"""The same layers several times in a row."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.default_weight import with_default_weights
from nnctl.layers.operation import ShapeError, StepContext
from nnctl.layers.repeat import Repeat
from tests.support.layer_check import Float64, LayerCheck, a_step, build
from tests.support.naive_chain import chain
from tests.support.specs import layers_of

CONV = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same"}


class TestRepeat(LayerCheck):
    kind = Repeat
    cases = (
        {"inputs": [7], "repeat": 1, "layers": ["tanh", {"type": "linear", "out_features": 3}]},
        {"inputs": [7], "repeat": 3, "layers": [{"type": "linear", "out_features": 7}, "tanh"]},
        {"inputs": [3, 4, 2], "repeat": 2, "layers": [{"type": "residual", "layers": [CONV]}]},
    )
    refused = ({"repeat": 2}, {"repeat": 0, "layers": ["tanh"]}, {"repeat": 2, "layers": []})
    without_pytorch = "it has no such layer; those inside have numbers of their own"

    @staticmethod
    def reference(layer: Repeat, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        for number in range(layer.repeat):
            inputs = chain(layer.layers, f"{number}.layers.", inputs, parameters, step)
        return inputs


LINEAR = {"type": "linear", "out_features": 7, "activation": "tanh"}


def test_it_stands_for_its_layers_written_several_times() -> None:
    """Each time with weights of its own; the bits are those of a chain in a chain."""
    repeated = build(TestRepeat().layer({"repeat": 3, "layers": [LINEAR]}), (7,))
    assert list(repeated.arrays.parameters) == [
        f"{number}.layers.0.{name}" for number in range(3) for name in ("weight", "bias")
    ]
    written = build(TestRepeat().layer({"repeat": 1, "layers": [LINEAR] * 3}), (7,))
    for one, other in zip(repeated.arrays.parameters.values(), written.arrays.parameters.values(), strict=True):
        np.testing.assert_array_equal(one, other)
    found = [built.both_ways(a_step()).results().values() for built in (repeated, written)]
    assert [result.tobytes() for result in found[0]] == [result.tobytes() for result in found[1]]


def test_a_mapping_that_says_repeat_needs_no_type() -> None:
    (layer,) = layers_of([{"repeat": 2, "layers": ["tanh"]}])
    assert layer == Repeat(repeat=2, layers=layer.layers)


def test_an_error_names_the_layer_and_the_repetition() -> None:
    pool = {"type": "max_pool2d", "kernel_size": 2}
    with pytest.raises(ShapeError) as raised:
        TestRepeat().layer({"repeat": 4, "layers": ["tanh", {"type": "residual", "layers": [pool]}]}).plan(
            (6, 6, 1), CPU()
        )
    assert raised.value.path == "layers.1.layers.0"
    assert raised.value.what == (
        "max_pool2d kernel_size 2 is larger than its inputs' height, 1; got inputs of shape (1, 1, 1)"
        " (repetition 3 of 4)"
    )


@pytest.mark.parametrize(
    ("inside", "behind", "expected"),
    [(["relu"], "tanh", "he_normal"), (["tanh"], "relu", "xavier_uniform"), ([], "relu", "he_normal")],
)
def test_a_weight_inside_starts_as_is_usual_for_what_follows(inside: list[str], behind: str, expected: str) -> None:
    linear = {"type": "linear", "out_features": 7}
    filled = with_default_weights(layers_of([{"repeat": 2, "layers": [linear, *inside]}, behind]))[0]
    assert isinstance(filled, Repeat)
    assert filled.layers[0].weight.type == expected
