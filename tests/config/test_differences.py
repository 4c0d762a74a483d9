"""Where configs differ."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nnctl.config.differences import ABSENT, differences
from nnctl.config.load import load_config
from tests.support.command import RUN_CONFIGS
from tests.support.configs import configs

ADAM, SGD = {"type": "adam", "eps": 1e-8}, {"type": "sgd", "momentum": 0.9}


def test_the_deepest_keys_that_differ() -> None:
    trees = [
        {"a": 1, "layers": [{"type": "linear", "out_features": width}, {"type": "relu"}], "data": {"x": 0}}
        for width in (4, 8, 8)
    ]
    trees[2]["data"] = {"x": 0, "y": 1}
    assert differences(trees) == {"layers.0.out_features": [4, 8, 8], "data.y": [ABSENT, ABSENT, 1]}


def test_different_kinds_differ_as_a_whole() -> None:
    assert differences([{"optimizer": ADAM}, {"optimizer": SGD}]) == {"optimizer": [ADAM, SGD]}
    assert differences([{"data": {"format": "csv", "x": 1}}, {"data": {"format": "idx", "x": 2}}]).keys() == {"data"}
    assert differences([{"schedule": None}, {"schedule": ADAM}]) == {"schedule": [None, ADAM]}


def test_lists_of_different_lengths_differ_as_a_whole() -> None:
    assert differences([{"betas": [1, 2]}, {"betas": [1]}]) == {"betas": [[1, 2], [1]]}


def test_few_configs() -> None:
    assert differences([]) == differences([{"a": 1}]) == {}


@given(st.lists(configs, min_size=2, max_size=4))
def test_the_same_configs_do_not_differ_and_others_do(trees: list[dict[str, object]]) -> None:
    assert differences([trees[0], trees[0]]) == {}
    assert bool(differences(trees)) == any(tree != trees[0] for tree in trees)


def test_real_configs() -> None:
    dumped = [load_config(path).config.model_dump(mode="json") for path in RUN_CONFIGS]
    found = differences(dumped)
    assert {"name", "layers", "epochs"} <= found.keys()
    assert all(len(values) == len(dumped) for values in found.values())
