from __future__ import annotations

from pathlib import Path

import numpy as np

from nnctl.dynamics.rules.widen import Widen
from tests.support.rule_check import RuleCheck


class TestWiden(RuleCheck):
    kind = Widen
    cases = (
        {"layer": "layers.0", "by": 3, "limit": 12, "at": [2, 4]},
        {"layer": "layers.2", "by": 7, "limit": 9, "every": 2},
        {"layer": "layers.0", "by": 1, "limit": 9, "patience": 1, "min_delta": 0.5},
    )
    refused = (
        {"layer": "layers.0", "by": 0, "limit": 9, "at": [1]},
        {"layer": "layers.0", "by": 1, "at": [1]},
        {"layer": "layers.0", "by": 1, "limit": 9, "at": []},
    )
    mistakes = (
        ({"layer": "layers.3", "by": 1, "limit": 9, "at": [1]}, "layer", "its outputs are the network's"),
        ({"layer": "layers.1", "by": 1, "limit": 9, "at": [1]}, "layer", "is no layer that can get more outputs"),
        ({"layer": "layers.0", "by": 1, "limit": 6, "at": [1]}, "limit", "begins with 6 outputs"),
    )

    def test_copies_share_what_the_original_gave(self, tmp_path: Path) -> None:
        before, change = self.changed(tmp_path, self.cases[0])
        after = change.structure
        assert change.facts == {"layer": "layers.0", "outputs": [6, 9]}
        weight, reader = after.arrays["layers.0.weight"], after.arrays["layers.2.weight"]
        for copy in range(6, 9):
            (source,) = [unit for unit in range(6) if np.array_equal(weight[:, unit], weight[:, copy])]
            np.testing.assert_allclose(reader[source] + reader[copy], before.arrays["layers.2.weight"][source])
            share = reader[copy] / before.arrays["layers.2.weight"][source]
            assert 0.2 < share[0] < 0.8
            for slot, degree in (("first", 1), ("second", 2)):
                numbers, of_original = after.slots[slot], before.slots[slot]
                expected = share[0] ** degree * of_original["layers.0.bias"][source]
                np.testing.assert_allclose(numbers["layers.0.bias"][copy], expected)
                np.testing.assert_array_equal(numbers["layers.2.weight"][copy], of_original["layers.2.weight"][source])

    def test_it_stops_at_its_limit(self, tmp_path: Path) -> None:
        before, change = self.changed(tmp_path, self.cases[1])
        assert before.channels["layers.2"].count == 4
        assert change.structure.channels["layers.2"].count == 9
