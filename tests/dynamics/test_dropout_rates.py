"""Dropout behind layers that have become smaller."""

from __future__ import annotations

import math
from typing import Any

import pytest

from nnctl.dynamics.dropout_rates import dropout_rates
from nnctl.dynamics.select import select
from nnctl.model.plan import NetworkPlan
from tests.support.changing_networks import filled

IMAGE: list[Any] = [
    {"type": "dropout", "p": 0.3},
    {"type": "conv2d", "out_channels": 8, "kernel_size": 3, "padding": "same", "activation": "relu"},
    {"type": "spatial_dropout", "p": 0.2},
    "flatten",
    {"type": "linear", "out_features": 10},
    {"type": "residual", "layers": [{"type": "dropout", "p": 0.5}]},
    {"type": "linear", "out_features": 6},
    {"type": "dropout", "p": 0.5},
    {"type": "linear", "out_features": 2},
]


def rates(**kept: int) -> dict[str, float]:
    structure = filled(IMAGE, (4, 4, 1))
    before: NetworkPlan = structure.plan
    for layer, count in kept.items():
        structure = select(structure, layer.replace("_", "."), range(count))
    return dropout_rates(before, structure.plan)


def test_the_rate_goes_with_the_root_of_the_connections_of_the_layer_in_front() -> None:
    assert rates(layers_1=2) == {
        "layers.2": pytest.approx(0.2 * math.sqrt(2 / 8), abs=5e-4),
        "layers.5.layers.0": pytest.approx(0.5 * math.sqrt(2 / 8), abs=5e-4),  # the linear layer reads a quarter
    }
    assert rates(layers_6=3) == {"layers.7": pytest.approx(0.5 * math.sqrt(3 / 6), abs=5e-4)}


def test_nothing_changes_where_nothing_is_smaller() -> None:
    assert rates() == {}
