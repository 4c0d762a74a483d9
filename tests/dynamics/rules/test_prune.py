from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.dynamics.gradients import gradients_of_batches
from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import NetworkRule
from nnctl.dynamics.rules.prune import Prune
from nnctl.dynamics.sparse import connections_of
from nnctl.dynamics.structure import Structure
from nnctl.errors import ConfigError
from nnctl.kernels.device import CPU, MissingKernelsError
from nnctl.layers.connections import to_dense
from nnctl.layers.sparse_linear import SparseLinear
from tests.support.changing_networks import filled
from tests.support.rule_check import NETWORK, RuleCheck


class TestPrune(RuleCheck):
    kind = Prune
    keeps_function = False
    cases = (
        {"keep": 0.5, "at": [2]},
        {"keep": 0.4, "every": 1, "begin": 2, "end": 4, "by": "magnitude"},
    )
    refused = ({"keep": 1.0, "at": [1]}, {"keep": 0.0, "at": [1]}, {"keep": 0.5, "at": [1], "by": "chance"})
    mistakes = (
        ({"keep": 0.5, "patience": 2}, "patience", "when to prune cannot depend on it"),
        ({"keep": 0.5, "every": 2}, "every", "no `end` says by when 50%"),
    )

    def test_most_goes_early(self, tmp_path: Path) -> None:
        settings: Any = {"keep": 0.3, "every": 1, "end": 4}
        wide = [{"type": "linear", "out_features": 64, "activation": "tanh"}, {"type": "linear", "out_features": 3}]
        prepared = self.prepared(tmp_path, settings, layers=wide)
        (rule,) = prepared.config.dynamics
        assert isinstance(rule, NetworkRule)
        structure = self.structure_of(wide, prepared)
        whole, changes, left = structure.plan.parameters, [], []
        for epoch in range(1, 5):
            change = rule.change(structure, Moment(prepared, epoch, 0, tuple(changes)))
            if change is not None:
                changes.append({"rule": 0, "epoch": epoch, **change.facts})
                structure = change.structure
            left.append(structure.plan.parameters / whole)
            most = 0.3 + 0.7 * (1 - epoch / 4) ** 3
            assert most - 8 * 9 / whole < left[-1] <= most  # 8 units of 4 inputs, 3 outputs and a bias each
        assert left == sorted(left, reverse=True)

    def structure_of(self, layers: list[Any], prepared: Any) -> Any:
        return filled(layers, prepared.plan.inputs)

    def test_more_than_may_go_is_said(self, tmp_path: Path) -> None:
        _, change = self.changed(tmp_path, {"keep": 0.01, "at": [1]})
        assert "no more may go to leave 0 parameters" in change.words

    def test_what_matters_least_goes(self, tmp_path: Path) -> None:
        prepared = self.prepared(tmp_path, {"keep": 0.7, "at": [1], "by": "magnitude"})
        (rule,) = prepared.config.dynamics
        assert isinstance(rule, NetworkRule)
        before = self.structure(prepared)
        arrays = {name: array.copy() for name, array in before.arrays.items()}
        arrays["layers.0.weight"][:, [1, 4]] = 1e-3
        change = rule.change(type(before)(before.layers, before.inputs, arrays), Moment(prepared, 1, 0))
        assert change is not None
        left = change.structure.arrays["layers.0.weight"]
        assert not (abs(left) < 1e-2).all(axis=0).any()

    def test_a_network_without_hidden_layers_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="no layer has channels that may go"):
            self.prepared(tmp_path, {"keep": 0.5, "at": [1]}, layers=[{"type": "linear", "out_features": 3}])


class TestPruneWeights(RuleCheck):
    kind = Prune
    network = (
        {**NETWORK[0], "freeze": True},
        *NETWORK[1:3],
        {"type": "residual", "layers": [{"type": "sparse_linear", "out_features": 4, "connections": 11}]},
        *NETWORK[3:],
    )
    keeps_function = False
    cases = (
        {"what": "weights", "keep": 0.5, "at": [2]},
        {"what": "weights", "keep": 0.5, "every": 1, "end": 3, "by": "magnitude"},
    )
    refused = ({"what": "biases", "keep": 0.5, "at": [1]},)
    mistakes = (({"what": "weights", "keep": 0.3, "at": [1]}, "keep", "of the parameters stay"),)

    @pytest.mark.parametrize("by", ["effect", "magnitude"])
    def test_which_go(self, by: str, tmp_path: Path) -> None:
        """One after the other those that matter least, but for the last one of an output."""
        settings = {"what": "weights", "keep": 0.45, "at": [1], "by": by}
        before, change = self.changed(tmp_path, settings)
        moment = Moment(self.prepared(tmp_path, settings, precision="float64"), 1, 0)
        scores = naive_scores(before, moment, by)
        assert list(scores) == ["layers.0", "layers.2", "layers.3.layers.0", "layers.4"]
        left = {layer: dict(own) for layer, own in scores.items()}
        parameters = before.plan.parameters
        for score, layer, place in sorted((own[place], layer, place) for layer, own in scores.items() for place in own):
            assert score >= 0.0
            of_output = [other for other in left[layer] if other[1] == place[1]]
            if parameters > int(0.45 * before.plan.parameters) and len(of_output) > 1:
                del left[layer][place]
                parameters -= 1
        after = change.structure
        assert after.plan.parameters == parameters == int(0.45 * before.plan.parameters)
        for layer, places in left.items():
            found = connections_of(after, layer)
            assert {(int(i), int(o)) for i, o in zip(found.inputs, found.outputs, strict=True)} == set(places)
            assert change.facts["connections"][layer] == [len(scores[layer]), len(places)]
            for numbers, was in zip(dense(after, layer), dense(before, layer), strict=True):
                np.testing.assert_array_equal(numbers, was * dense_mask(after, layer))
        for name in ("layers.0.bias", "layers.4.bias"):
            np.testing.assert_array_equal(after.arrays[name], before.arrays[name])

    def test_layers_keep_their_settings(self, tmp_path: Path) -> None:
        own = {"bias": False, "activation": "tanh", "regularization": {"l1": 0.1}, "learning_rate_scale": 2.0}
        layers = [{"type": "linear", "out_features": 9, "weight": "orthogonal", **own}, *NETWORK[2:]]
        settings: Any = {"what": "weights", "keep": 0.6, "at": [1]}
        prepared = self.prepared(tmp_path, settings, layers=layers, precision="float64")
        (rule,) = prepared.config.dynamics
        assert isinstance(rule, Prune)
        change = rule.change(self.structure(prepared), Moment(prepared, 1, 0))
        assert change is not None
        first = change.structure.layers[0]
        assert isinstance(first, SparseLinear)
        assert first.weight is None
        assert first.bias is None
        assert first.regularization is not None
        assert (first.regularization.l1, first.learning_rate_scale, first.out_features) == (0.1, 2.0, 9)
        assert getattr(first.activation, "type", "") == "tanh"

    def test_what_has_no_weights_to_choose_is_refused(self, tmp_path: Path) -> None:
        settings: Any = {"what": "weights", "keep": 0.5, "at": [1]}
        layers: list[Any] = [{"repeat": 2, "layers": [{"type": "linear", "out_features": 3}]}]
        with pytest.raises(ConfigError, match="no `linear` layers whose weights could go"):
            self.prepared(tmp_path, settings, layers=layers)


def naive_scores(structure: Structure, moment: Moment, by: str) -> dict[str, dict[tuple[int, int], float]]:
    """By layer, then by input and output of each connection, how much it matters."""
    found: dict[str, dict[tuple[int, int], float]] = {}
    names = [name for name in structure.arrays if name.endswith(".weight")]
    batches = [
        {name: np.array(gradients[name]) for name in names}
        for gradients in gradients_of_batches(moment.prepared, structure)
    ]
    for name in names:
        layer, weight = name.removesuffix(".weight"), structure.arrays[name]
        effects = np.mean([(weight * own[name]) ** 2 for own in batches], axis=0)
        scores = np.abs(weight) if by == "magnitude" else effects
        connections = connections_of(structure, layer)
        found[layer] = {
            (int(i), int(o)): float(scores[at] if weight.ndim == 1 else scores[i, o])
            for at, (i, o) in enumerate(zip(connections.inputs, connections.outputs, strict=True))
        }
    return found


def dense(structure: Structure, layer: str) -> list[Any]:
    """The weight of a layer and its slots, (in, out)."""
    return list(to_dense(connections_of(structure, layer), 6)[1:])


def dense_mask(structure: Structure, layer: str) -> Any:
    return to_dense(connections_of(structure, layer), 6)[0]


def test_devices_without_kernels_for_few_connections_are_told() -> None:
    class Device(CPU):
        name = "other"

        @property
        def kernels(self) -> Any:
            return Kernels()

    class Kernels:
        def __getattr__(self, name: str) -> Any:
            raise MissingKernelsError(f"no kernels named {name}", name=name)

    plan = filled(NETWORK, (4,)).plan
    assert not list(Prune(what="weights", keep=0.5, at=[1]).problems(plan))
    ((path, what, help),) = Prune(what="weights", keep=0.5, at=[1]).problems(replace(plan, device=Device()))
    assert (path, what) == (("what",), "is weights, and device other has no kernels for `sparse_linear`")
    assert help == "use `what: channels`"
