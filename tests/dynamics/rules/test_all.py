"""Every rule has its test, and rules that cannot both be followed are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nnctl.config.rule import Rule
from tests.support.kinds_have_tests import assert_kinds_have_tests
from tests.support.rule_check import NETWORK, RuleCheck, problems_with

WIDEN = {"type": "widen", "layer": "layers.0", "by": 2, "limit": 9}
PRUNE = {"type": "prune", "keep": 0.5}
WEIGHTS = {"type": "prune", "what": "weights", "keep": 0.5}
DISABLE = {"type": "disable", "share": 0.5}


def config(*rules: dict[str, Any], **others: Any) -> str:
    data = {"source": "samples.npz", "validation": 0.2}
    own: dict[str, Any] = {"data": data, "layers": NETWORK, "loss": "cross_entropy", "batch_size": 7, "epochs": 20}
    return json.dumps(own | {"dynamics": list(rules)} | others)


def test_every_rule_has_its_test() -> None:
    assert_kinds_have_tests(Rule, RuleCheck)


MISTAKES: list[tuple[list[dict[str, Any]], dict[str, Any], str, str]] = [
    ([WIDEN], {}, "dynamics.0", "does not say when it acts"),
    ([{**WIDEN, "at": [3], "every": 2}], {}, "dynamics.0", "has at and every"),
    ([{**WIDEN, "at": [3, 3]}], {}, "dynamics.0.at", "is [3, 3]"),
    ([{**WIDEN, "at": [0, 3]}], {}, "dynamics.0.at", "is [0, 3]"),
    ([{**WIDEN, "at": [20]}], {}, "dynamics.0.at", "has epoch 20, the run has 20"),
    ([{**WIDEN, "at": [2], "end": 3}], {}, "dynamics.0.end", "`at` says when the rule acts"),
    ([{**WIDEN, "every": 2, "end": 25}], {}, "dynamics.0.end", "is epoch 25, the run has 20"),
    ([{**WIDEN, "every": 2, "begin": 9, "end": 3}], {}, "dynamics.0.begin", "acts up to epoch 3"),
    ([{**WIDEN, "every": 30}], {}, "dynamics.0.every", "no multiple of it lies from epoch 1 to 19"),
    ([{**WIDEN, "every": 2, "monitor": "loss"}], {}, "dynamics.0.monitor", "does not wait for anything to stall"),
    ([{**WIDEN, "patience": 2, "monitor": "val_r2"}], {}, "dynamics.0.monitor", "val_r2"),
    ([{**DISABLE, "at": [18], "epochs": 3}], {}, "dynamics.0.at", "the rule takes 3"),
    ([{**WIDEN, "patience": 5}], {"early_stopping": {"patience": 5}}, "dynamics.0.patience", "early stopping ends"),
    ([{**WIDEN, "at": [3]}], {"averaging": "ema"}, "averaging", "have no average"),
    ([{**WIDEN, "at": [3]}, {**PRUNE, "at": [3]}], {}, "dynamics.1", "smaller after epoch 3, when dynamics.0 makes"),
    ([{**WIDEN, "at": [3]}, {**WIDEN, "at": [5], "limit": 20}], {}, "dynamics.1", "dynamics.0 does the same"),
    ([{**DISABLE, "at": [3], "epochs": 4}, {**PRUNE, "at": [6]}], {}, "dynamics.1", "after epoch 6"),
    ([{**PRUNE, "every": 2, "end": 6}, {**DISABLE, "at": [5]}], {}, "dynamics.1", "after epoch 6"),
    ([{**WIDEN, "every": 3}, {**WEIGHTS, "at": [5]}], {}, "dynamics.1", "makes layers sparse from epoch 5 on"),
    ([{**WEIGHTS, "every": 2, "end": 8}, {**WIDEN, "at": [9]}], {}, "dynamics.1", "that dynamics.0 makes sparse"),
    ([{**DISABLE, "at": [3], "epochs": 2}, {**WEIGHTS, "at": [6]}, {**PRUNE, "at": [7]}], {}, "dynamics.2", "epoch 6"),
]


@pytest.mark.parametrize(("rules", "others", "path", "words"), MISTAKES)
def test_rules_that_cannot_be_followed(
    rules: list[dict[str, Any]], others: dict[str, Any], path: str, words: str, tmp_path: Path
) -> None:
    (problem,) = problems_with(tmp_path, config(*rules, **others))
    assert problem.path == path
    assert words in problem.what
    assert problem.help


def test_rules_that_get_on(tmp_path: Path) -> None:
    grow, cut = {**WIDEN, "every": 1, "end": 6}, {**PRUNE, "every": 2, "begin": 10, "end": 14}
    assert not problems_with(tmp_path, config(grow, {**DISABLE, "at": [8]}, cut, early_stopping={"patience": 3}))
    assert not problems_with(tmp_path, config({**grow, "end": 3}, {**PRUNE, "at": [5]}, {**WEIGHTS, "at": [6, 7]}))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (WIDEN, "is layers.0, and no layer of the network can get more outputs"),
        (DISABLE, "layers.2: layers.3 (sparse_linear) reads them, and depends on which there are"),
        (PRUNE, "layers.2: layers.3 (sparse_linear) reads them, and depends on which there are"),
    ],
)
def test_channels_of_sparse_layers_cannot_be_chosen(rule: dict[str, Any], words: str, tmp_path: Path) -> None:
    sparse = {"type": "sparse_linear", "out_features": 6, "connections": 9}
    layers = [sparse, "relu", {"type": "linear", "out_features": 4}, sparse, {"type": "linear", "out_features": 3}]
    (problem,) = problems_with(tmp_path, config({**rule, "at": [3]}, layers=layers))
    assert words in problem.what
    assert problem.help
    if rule is PRUNE:
        assert problem.help == "use `what: weights`"
        assert not problems_with(tmp_path, config({**WEIGHTS, "keep": 0.8, "at": [3]}, layers=layers))
