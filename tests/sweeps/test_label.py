"""Short texts for values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.sweeps.label import key_of, label, labels, settings, shortened

LINEAR = {"type": "linear", "out_features": 64, "activation": {"type": "relu"}}
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(), inner, max_size=4))
)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.01, "0.01"),
        (1e-5, "1e-05"),
        (0.1 + 0.2, "0.3"),
        (0.00345678912, "0.003457"),
        (64, "64"),
        (1_000_000, "1000000"),
        (True, "true"),
        (None, "null"),
        ("relu", "relu"),
        ("", '""'),
        ("two\nlines\x1b[1m", "two lines [1m"),
        ([], "[]"),
        ({}, "{}"),
        ([0.1, 64], "0.1, 64"),
        ([[1, 2], "relu"], "[1, 2], relu"),
        ({"type": "sgd", "momentum": 0.9}, "sgd momentum=0.9"),
        ({"momentum": 0.9, "type": "sgd", "nesterov": None}, "sgd momentum=0.9"),
        ({"patience": 3, "min_delta": 0.1}, "patience=3 min_delta=0.1"),
        ([LINEAR, {"type": "dropout", "p": 0.3}, "flatten"], "linear 64 relu, dropout 0.3, flatten"),
        (
            [LINEAR | {"activation": {"type": "elu", "alpha": 2.0}, "bias": False}],
            "linear 64 (elu 2) bias=false",
        ),
        ([[LINEAR], 3], "[linear 64 relu], 3"),
    ],
)
def test_a_label(value: Any, shown: str) -> None:
    assert label(value) == shown


@given(values, st.integers(8, 80))
def test_any_value_has_a_label_of_one_short_line(value: Any, most: int) -> None:
    shown = label(value, most)
    assert 0 < len(shown) <= most
    assert shown.isprintable()


@given(st.lists(values, max_size=8), st.integers(10, 40))
def test_different_values_have_different_labels(given: list[Any], most: int) -> None:
    made = labels(given, most)
    assert list(made) == list(dict.fromkeys(map(key_of, given)))
    assert all(len(text) <= most for text in made.values())
    unnumbered = [label(json.loads(key), most) for key in made]
    if not any("#" in text for text in unnumbered):
        assert len(set(made.values())) == len(made)


def test_those_that_look_the_same_are_numbered() -> None:
    long = [[{**LINEAR, "out_features": width}] * 9 for width in (64, 65)]
    cut = [[64] * 30, [64] * 29 + [65]]
    assert list(labels(["relu", *cut, cut[0]], 12).values()) == ["relu", "64, 64,… #1", "64, 64,… #2"]
    assert len(set(labels(long).values())) == 2
    assert list(labels([1, 1.0, True]).values()) == ["1 #1", "1 #2", "true"]


def test_settings_on_a_line() -> None:
    shown = settings({"learning_rate": 0.01, "optimizer": {"type": "sgd", "momentum": 0.9}, "a, b": [1, 2]})
    assert shown == "learning_rate=0.01 optimizer=(sgd momentum=0.9) a, b=(1, 2)"


@pytest.mark.parametrize(
    ("names", "short"),
    [
        (["learning_rate", "layers.1.out_features"], ["learning_rate", "out_features"]),
        (["layers.1.p", "layers.3.p"], ["1.p", "3.p"]),
        (["p", "layers.1.p"], ["p", "1.p"]),
        (["optimizer.momentum, batch_size", "epochs"], ["momentum, batch_size", "epochs"]),
        ([], []),
    ],
)
def test_short_names_are_still_different(names: list[str], short: list[str]) -> None:
    assert shortened(names) == short
