from __future__ import annotations

from pathlib import Path

import numpy as np

from nnctl.dynamics.moment import Moment
from nnctl.dynamics.rule import NetworkRule
from nnctl.dynamics.rules.disable import Disable
from nnctl.dynamics.structure import Structure
from tests.support.rule_check import RuleCheck


class TestDisable(RuleCheck):
    kind = Disable
    keeps_function = False
    cases = (
        {"share": 0.5, "epochs": 2, "at": [1]},
        {"share": 0.4, "epochs": 1, "every": 2, "end": 4, "by": "effect", "layers": ["layers.0"]},
        {"share": 0.5, "epochs": 1, "at": [1, 3], "by": "magnitude"},
    )
    refused = (
        {"share": 0.0, "at": [1]},
        {"share": 1.0, "at": [1]},
        {"epochs": 0, "at": [1]},
        {"layers": [], "at": [1]},
    )
    mistakes = (
        (
            {"at": [1], "layers": ["layers.9"]},
            "layers.0",
            "is layers.9, which is no layer that has units that can be set aside",
        ),
        ({"at": [1], "layers": ["layers.3"]}, "layers.0", "its outputs are the network's"),
        ({"at": [1], "share": 0.1}, "share", "not one unit of layers.0, layers.2"),
        ({"every": 1}, "end", "come back before the run ends"),
        ({"every": 1, "epochs": 2, "end": 3}, "every", "away for 2 epochs"),
    )

    def test_units_come_back_with_the_weights_that_they_had(self, tmp_path: Path) -> None:
        settings = self.cases[0]
        prepared = self.prepared(tmp_path, settings, precision="float64")
        (rule,) = prepared.config.dynamics
        assert isinstance(rule, NetworkRule)
        before, aside = self.structure(prepared), {}
        gone = rule.change(before, Moment(prepared, 1, 0, (), aside))
        assert gone is not None
        assert gone.facts == {"units": {"layers.0": 3, "layers.2": 2}, "until": 3}
        trained = Structure(
            gone.structure.layers,
            gone.structure.inputs,
            {name: array + 100.0 for name, array in gone.structure.arrays.items()},
            {
                slot: {name: array + 100.0 for name, array in numbers.items()}
                for slot, numbers in gone.structure.slots.items()
            },
            gone.structure.degrees,
        )
        changes = ({"rule": 0, "epoch": 1, **gone.facts},)
        back = rule.change(trained, Moment(prepared, 3, 0, changes, aside))
        assert back is not None
        assert not aside
        kept = np.isin(before.arrays["layers.0.bias"], gone.structure.arrays["layers.0.bias"])
        assert kept.sum() == 3
        of_layers = {"layers.0.weight": kept[None, :] & np.ones((4, 1), bool), "layers.0.bias": kept}
        second = np.isin(before.arrays["layers.2.bias"], gone.structure.arrays["layers.2.bias"])
        of_layers |= {"layers.2.weight": np.outer(kept, second), "layers.2.bias": second}
        of_layers |= {"layers.3.weight": second[:, None] & np.ones((1, 3), bool), "layers.3.bias": np.ones(3, bool)}
        for name, places in of_layers.items():
            expected = before.arrays[name] + 100.0 * places
            np.testing.assert_array_equal(back.structure.arrays[name], expected, err_msg=name)
            for slot, numbers in before.slots.items():
                np.testing.assert_array_equal(back.structure.slots[slot][name], numbers[name] + 100.0 * places)
        assert back.structure.plan.parameters == before.plan.parameters
