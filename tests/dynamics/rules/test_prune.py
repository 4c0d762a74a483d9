from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import NetworkRule
from nnctl.dynamics.rules.prune import Prune
from tests.support.rule_check import RuleCheck


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
        from tests.support.changing_networks import filled

        return filled(layers, prepared.plan.inputs)

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
        from nnctl.errors import ConfigError

        with pytest.raises(ConfigError, match="no layer has channels that may go"):
            self.prepared(tmp_path, {"keep": 0.5, "at": [1]}, layers=[{"type": "linear", "out_features": 3}])
