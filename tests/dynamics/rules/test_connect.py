from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.data.batches import order
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rules.connect import Connect, _by_gradient
from nnctl.dynamics.structure import Structure
from nnctl.errors import ConfigError
from nnctl.model.preparation import Prepared
from tests.support.changing_networks import outputs_of
from tests.support.rule_check import RuleCheck

NETWORK: list[Any] = [
    {"type": "sparse_linear", "out_features": 6, "connections": 8, "activation": "tanh"},
    {"type": "dropout", "p": 0.1},
    {"type": "residual", "layers": [{"type": "sparse_linear", "out_features": 6, "connections": 12, "bias": False}]},
    {"type": "linear", "out_features": 3},
]
FIRST, INNER = {"layer": "layers.0"}, {"layer": "layers.2.layers.0"}


class TestConnect(RuleCheck):
    kind = Connect
    network = NETWORK
    cases = (
        {**FIRST, "by": 3, "limit": 13, "at": [1, 2]},
        {**INNER, "by": 30, "every": 2},
    )
    refused = (
        {"by": 3, "at": [1]},
        {**FIRST, "by": -1, "at": [1]},
        {**FIRST, "drop": 1.0, "at": [1]},
        {**FIRST, "by": 1, "limit": 0, "at": [1]},
    )
    mistakes = (
        ({"layer": "layers.3", "by": 1, "at": [1]}, "layer", "a `linear` layer has all connections"),
        ({"layer": "layers.1", "by": 1, "at": [1]}, "layer", "is layers.1, which is no layer that is `sparse_linear`"),
        ({**FIRST, "at": [1]}, "by", "is 0, and so is `drop`"),
        ({**FIRST, "drop": 0.5, "limit": 9, "at": [1]}, "limit", "never more connections"),
        ({**FIRST, "by": 1, "limit": 8, "at": [1]}, "limit", "begins with 8 connections"),
        ({**FIRST, "by": 1, "limit": 25, "at": [1]}, "limit", "can have 24 connections"),
        ({**FIRST, "drop": 0.1, "at": [1]}, "drop", "not one of 8 connections"),
    )

    def test_the_absent_ones_of_the_largest_gradients_are_new(self, tmp_path: Path) -> None:
        settings = self.cases[0]
        before, change = self.changed(tmp_path, settings)
        after = change.structure
        assert change.facts == {"layer": "layers.0", "connections": [8, 11], "dropped": 0, "new": 3}
        gradients = difference_quotients(self.prepared(tmp_path, settings, precision="float64"), before)
        expected = set(sorted(gradients, key=lambda place: -abs(gradients[place]))[:3])
        assert set(dense(after)) - set(dense(before)) == expected
        for place, weight in dense(before).items():
            assert dense(after)[place] == weight
        assert all(dense(after)[place] == 0.0 for place in expected)
        for slot in before.slots:
            own, was = slots_of(after, slot), slots_of(before, slot)
            assert own == was | dict.fromkeys(expected, 0.0)

    def test_limits(self, tmp_path: Path) -> None:
        _, change = self.changed(tmp_path, self.cases[1])
        assert change.facts["connections"] == [12, 36]
        inner = change.structure.layers[2].layers[0]  # type: ignore[attr-defined]
        assert inner.connections == 36

    @pytest.mark.parametrize("settings", [{**FIRST, "by": 1, "at": [1]}])
    def test_what_can_get_none_is_refused(self, settings: dict[str, Any], tmp_path: Path) -> None:
        for own, words in (({"freeze": True}, "is frozen"), ({"connections": 24}, "has all 24 connections")):
            layers = [NETWORK[0] | own, *NETWORK[1:]]
            with pytest.raises(ConfigError, match=words):
                self.prepared(tmp_path, settings, layers=layers)


class TestConnectAndDrop(RuleCheck):
    kind = Connect
    network = NETWORK
    keeps_function = False
    cases = (
        {**FIRST, "drop": 0.5, "every": 1, "end": 2},
        {**INNER, "drop": 0.3, "by": 2, "limit": 15, "at": [1, 3]},
    )
    refused = ({**FIRST, "drop": -0.1, "at": [1]},)

    def test_the_smallest_go(self, tmp_path: Path) -> None:
        settings = self.cases[0]
        before, change = self.changed(tmp_path, settings)
        assert change.facts == {"layer": "layers.0", "connections": [8, 8], "dropped": 4, "new": 4}
        weights, after = dense(before), dense(change.structure)
        gone = set(sorted(weights, key=lambda place: abs(weights[place]))[:4])
        gradients = difference_quotients(self.prepared(tmp_path, settings, precision="float64"), before)
        new = set(sorted(gradients, key=lambda place: -abs(gradients[place]))[:4])
        assert set(after) == set(weights) - gone | new
        assert not new & gone

    def test_no_more_go_than_can_come(self, tmp_path: Path) -> None:
        layers = [NETWORK[0] | {"connections": 22}, *NETWORK[1:]]
        prepared = self.prepared(tmp_path, self.cases[0], layers=layers, precision="float64")
        (rule,) = prepared.config.dynamics
        assert isinstance(rule, Connect)
        change = rule.change(self.structure(prepared), Moment(prepared, 1, 0))
        assert change is not None
        assert change.facts == {"layer": "layers.0", "connections": [22, 22], "dropped": 2, "new": 2}


def test_of_equal_ones_the_earlier_output_is_first_then_the_earlier_input() -> None:
    gradient = np.array([[1.0, -2.0, 0.0], [2.0, 1.0, 2.0]])
    present = np.array([[False, False, False], [False, False, True]])
    found = [(int(place) // 2, int(place) % 2) for place in _by_gradient(gradient, present)]  # of output, input
    assert found == [(0, 1), (1, 0), (0, 0), (1, 1)]


Places = dict[tuple[int, int], float]
"""By input and output of each connection of layers.0 a number."""


def dense(structure: Structure, values: NDArray[Any] | None = None) -> Places:
    arrays = structure.arrays
    weight = arrays["layers.0.weight"] if values is None else values
    found = {}
    for output in range(6):
        for at in range(arrays["layers.0.starts"][output], arrays["layers.0.starts"][output + 1]):
            found[int(arrays["layers.0.inputs"][at]), output] = float(weight[at])
    return found


def slots_of(structure: Structure, slot: str) -> Places:
    return dense(structure, structure.slots[slot]["layers.0.weight"])


def difference_quotients(prepared: Prepared, structure: Structure) -> Places:
    """Of each connection that layers.0 lacks: how the mean loss of the batches changes with its weight."""
    split, present, width = prepared.dataset.train, dense(structure), 1e-5
    rows = order(prepared.config.seed, 1, len(split))
    batches = [split.take(own) for own in np.split(rows, range(7, len(split), 7))]

    def loss(weights: Places) -> float:
        own = with_weights(structure, weights)
        return float(np.mean([cross_entropy(outputs_of(own, batch.inputs), batch.targets) for batch in batches]))

    return {
        place: (loss(present | {place: width}) - loss(present | {place: -width})) / (2 * width)
        for place in product(range(4), range(6))
        if place not in present
    }


def cross_entropy(outputs: NDArray[Any], targets: NDArray[Any]) -> float:
    logs = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(targets)), targets].mean())


def with_weights(structure: Structure, weights: Places) -> Structure:
    """Where layers.0 has these connections."""
    places = sorted(weights, key=lambda place: place[::-1])
    first = structure.layers[0].model_copy(update={"connections": len(places)})
    arrays = {
        "weight": np.array([weights[place] for place in places]),
        "inputs": np.array([place[0] for place in places], np.int32),
        "starts": np.array([sum(place[1] < output for place in places) for output in range(7)], np.int32),
    }
    own = {f"layers.0.{name}": array for name, array in arrays.items()}
    return Structure((first, *structure.layers[1:]), structure.inputs, {**structure.arrays, **own})
