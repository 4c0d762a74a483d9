"""Every layer through the one check. A new layer adds its cases to the table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.layers.layer import Layer
from nnctl.layers.operation import Shape
from nnctl.spec import kinds
from tests.support.layer_check import a_step, build, check_contract, check_layer, check_outputs
from tests.support.naive import REFERENCES
from tests.support.specs import layers_of

ROW, IMAGE = (7,), (3, 4, 2)
ODD: Shape = (7, 6, 3)
STREET = [{"name": "street", "slots": 3, "size": 4}]
ROOF = [{"name": "roof", "slots": 2, "size": 1}]

CONV = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same"}
STRIDED = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": 1, "stride": [2, 3]}

CASES: list[tuple[dict[str, Any], Shape]] = [
    ({"type": "linear", "out_features": 4}, (5,)),
    ({"type": "linear", "out_features": 1, "bias": False}, (3,)),
    ({"type": "conv2d", "out_channels": 4, "kernel_size": 3}, ODD),
    ({"type": "conv2d", "out_channels": 2, "kernel_size": 3, "bias": False}, (5, 5, 1)),
    ({"type": "conv2d", "out_channels": 2, "kernel_size": 1}, ODD),
    ({"type": "conv2d", "out_channels": 3, "kernel_size": [2, 4], "padding": "same"}, ODD),
    ({"type": "conv2d", "out_channels": 2, "kernel_size": 5, "padding": 2, "stride": [2, 3]}, ODD),
    ({"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same", "stride": 2, "dilation": 2}, ODD),
    ({"type": "conv2d", "out_channels": 2, "kernel_size": 2, "padding": 3, "dilation": [1, 3]}, (2, 3, 2)),
    ({"type": "conv2d", "out_channels": 16, "kernel_size": 3, "padding": "same"}, (8, 8, 16)),  # and on, by Winograd
    ({"type": "conv2d", "out_channels": 17, "kernel_size": 3, "bias": False}, (9, 12, 16)),
    ({"type": "conv2d", "out_channels": 16, "kernel_size": 3, "padding": 3}, (3, 5, 19)),
    ({"type": "max_pool2d", "kernel_size": 2}, (4, 6, 3)),
    ({"type": "max_pool2d", "kernel_size": 3, "stride": 2, "padding": "same"}, ODD),
    ({"type": "max_pool2d", "kernel_size": [3, 2], "stride": 1, "padding": 1}, ODD),
    ({"type": "max_pool2d", "kernel_size": 3, "padding": 1}, (3, 3, 2)),  # rows that no window reaches
    ({"type": "avg_pool2d", "kernel_size": 2}, (4, 6, 3)),
    ({"type": "avg_pool2d", "kernel_size": 3, "stride": 2, "padding": "same"}, ODD),
    ({"type": "avg_pool2d", "kernel_size": [3, 2], "stride": 1, "padding": 1}, ODD),
    ({"type": "flatten"}, IMAGE),
    ({"type": "flatten"}, ROW),
    ({"type": "dropout"}, IMAGE),
    ({"type": "dropout", "p": 0.0}, ROW),
    ({"type": "dropout", "p": 0.9}, (40,)),
    ({"type": "embed_columns", "columns": STREET}, (4,)),
    ({"type": "embed_columns", "columns": STREET + ROOF}, (2,)),  # nothing but slots
    ({"type": "embed_columns", "columns": ROOF + STREET}, (12,)),
    ({"type": "relu"}, IMAGE),
    ({"type": "leaky_relu"}, IMAGE),
    ({"type": "leaky_relu", "slope": 0.3}, ROW),
    ({"type": "elu"}, IMAGE),
    ({"type": "elu", "alpha": 0.4}, ROW),
    ({"type": "gelu"}, IMAGE),
    ({"type": "silu"}, IMAGE),
    ({"type": "sigmoid"}, IMAGE),
    ({"type": "tanh"}, IMAGE),
    ({"type": "softplus"}, IMAGE),
    ({"type": "softmax"}, ROW),
    ({"type": "softmax"}, IMAGE),
    ({"type": "step", "gradient": "zero"}, IMAGE),
    ({"type": "sum_over_steps"}, (5, 3)),
    ({"type": "mean_over_steps"}, (5, 3)),
    ({"type": "residual", "layers": [{"type": "linear", "out_features": 7, "activation": "tanh"}]}, ROW),
    ({"type": "residual", "layers": ["tanh", {"type": "linear", "out_features": 3}]}, ROW),
    ({"type": "residual", "layers": [CONV], "shortcut": "projection"}, IMAGE),
    ({"type": "residual", "layers": [STRIDED, "tanh", CONV]}, ODD),
    ({"type": "parallel", "branches": [[CONV, "tanh"], [], ["sigmoid"]]}, IMAGE),
    ({"type": "parallel", "branches": [["tanh"], [], [CONV]], "join": "add"}, IMAGE),
    ({"type": "parallel", "branches": [["flatten"], ["flatten", {"type": "linear", "out_features": 3}]]}, IMAGE),
    ({"type": "repeat", "repeat": 3, "layers": [{"type": "linear", "out_features": 7}, "tanh"]}, ROW),
    ({"type": "repeat", "repeat": 2, "layers": [{"type": "residual", "layers": [CONV]}]}, IMAGE),
]


def layer_of(settings: dict[str, Any]) -> Layer:
    (layer,) = layers_of([settings])
    return layer


def name_of(value: Any) -> str:
    parts = value.items() if isinstance(value, dict) else [("", value)]
    return ",".join(str(part) if key in ("", "type") else f"{key}={part}" for key, part in parts).replace(" ", "")


@pytest.mark.parametrize(("settings", "shape"), CASES, ids=name_of)
def test_layer(settings: dict[str, Any], shape: Shape) -> None:
    check_layer(layer_of(settings), shape, REFERENCES[settings["type"]])


def test_every_kind_is_in_the_table() -> None:
    assert {settings["type"] for settings, _ in CASES} == set(kinds(Layer)) == set(REFERENCES)


def test_dropout_in_evaluation_changes_nothing() -> None:
    check_layer(layer_of({"type": "dropout"}), IMAGE, REFERENCES["dropout"], training=False)


def test_step_passes_the_gradient_straight_through() -> None:
    layer = layer_of({"type": "step"})
    check_outputs(layer, IMAGE, REFERENCES["step"], a_step())
    check_contract(layer, IMAGE, a_step())
    arrays = build(layer, IMAGE).both_ways(a_step()).arrays
    np.testing.assert_array_equal(arrays.d_inputs, arrays.d_outputs)
