"""`KEY=VALUE` in a document."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.config.document import Document, Place, parse, parse_value
from nnctl.config.overrides import apply_overrides
from nnctl.spec import TextFrom

TEXT = """\
data: x.csv
layers:
  - relu
  - {type: linear, out_features: 3, weight: [[1]]}
loss: mse
clip_norm:
"""


def overridden(*overrides: str) -> Document:
    document = parse(TEXT, "f.yaml")
    apply_overrides(document, overrides)
    return document


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("epochs=3", "epochs", 3),
        ("learning_rate=1e-3", "learning_rate", 0.001),
        ("loss=mae", "loss", "mae"),
        ("loss.delta=0.5", "loss", {"type": "mse", "delta": 0.5}),
        ("data.validation=0.1", "data", {"source": "x.csv", "validation": 0.1}),
        ("early_stopping.patience=2", "early_stopping", {"patience": 2}),
        ("clip_norm.deep=2", "clip_norm", {"deep": 2}),
        ("metrics=[rmse, {type: r2}]", "metrics", ["rmse", {"type": "r2"}]),
        ("clip_norm=", "clip_norm", None),
        ("name=a=b", "name", "a=b"),
        ("name='3'", "name", "3"),
    ],
)
def test_sets(override: str, key: str, value: Any) -> None:
    document = overridden(override)
    assert document.problems == []
    assert document.tree[key] == value


def test_sets_in_lists() -> None:
    document = overridden("layers.1.out_features=32", "layers.0.type=elu", "layers.1.weight.0.0=7")
    assert document.tree["layers"] == [{"type": "elu"}, {"type": "linear", "out_features": 32, "weight": [[7]]}]


def test_later_ones_win() -> None:
    document = overridden("loss.type=huber", "loss.delta=2", "loss.delta=3")
    assert document.tree["loss"] == {"type": "huber", "delta": 3}


def test_text_is_known_to_come_from_the_command_line_and_the_files_own_is_not() -> None:
    tree = overridden("data.test=[{a: y.csv}]").tree
    assert isinstance(tree["data"]["test"][0]["a"], TextFrom)
    assert not isinstance(tree["data"]["source"], TextFrom)


def test_places_are_on_the_command_line_and_around_it_in_the_file() -> None:
    document = overridden("layers.1.weight=[[5, 6]]")
    where = Place("command line: layers.1.weight=[[5, 6]]")
    assert document.place(("layers", 1, "weight")) == where
    assert document.place(("layers", 1, "weight", 0, 1)) == where
    assert document.place(("layers", 1, "weight"), of_key=True) == where
    assert document.place(("layers", 1)) == Place("f.yaml", 4, 5)


def test_what_was_wrong_with_the_replaced_value_goes() -> None:
    document = parse("loss: {type: *a}\nepochs: *b\n", "f.yaml")
    apply_overrides(document, ["loss=mse", "seed=*c"])
    assert document.broken == {("epochs",), ("seed",)}
    assert [problem.path for problem in document.problems] == ["epochs", "seed"]


@pytest.mark.parametrize(
    "override",
    [
        *("epochs", "", "=3", ".=3", "a..b=3", "a.=3", ".".join("a" * 100) + "=3"),
        *("layers.2=relu", "layers.-1=relu", "layers.x=relu", "layers.0x1=relu", "layers.²=relu"),
        *(f"layers.{'9' * 5000}=relu", "layers.1.out_features.x=3", "a=[1", "a=b: c: d", "a=*x", "a={b: 1, b: 2}"),
    ],
)
def test_refused_with_a_remedy(override: str) -> None:
    document = overridden(override)
    assert document.problems
    for problem in document.problems:
        assert problem.file == f"command line: {override}"
        assert (problem.line, problem.column) == (None, None)
        assert problem.help


def test_all_that_are_wrong_are_told() -> None:
    assert len(overridden("a", "b=[", "layers.9=1", "epochs=3").problems) == 3


PARTS = st.sampled_from(["layers", "data", "loss", "weight", "0", "1", "9", "type", "clip_norm", "", " ", "²"])
VALUES = st.text(st.sampled_from([*"ab01[]{}:,.&*! \t\n'\"="]), max_size=12)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(st.lists(PARTS, max_size=4), st.sampled_from(["", "="]), VALUES), max_size=3))
def test_any_overrides_are_taken_or_told(overrides: list[tuple[list[str], str, str]]) -> None:
    document = overridden(*(".".join(parts) + equals + value for parts, equals, value in overrides))
    assert all(problem.help and problem.what for problem in document.problems)


def test_a_document_takes_the_place_of_a_value_with_all_that_is_known_of_it() -> None:
    document = parse("a: {x: *b, y: 1}\nc: 2\n", "f.yaml")
    other = parse_value("{x: [1, *b]}", "command line")
    document.replace(("a",), other, Place("command line"))
    assert document.tree == {"a": {"x": [1, None]}, "c": 2}
    assert [problem.path for problem in document.problems] == ["a.x.1"]
    assert document.place(("a", "x", 0)) == Place("command line")
    assert document.place(("a", "y")) == Place("command line")
    assert document.broken == {("a", "x", 1)}


def test_a_key_with_dots_does_not_replace_the_keys_below_it() -> None:
    document = Document("f.yaml", {"parameters": {}})
    for key, value in (("a.b", "[*x, 1]"), ("a", "[2, 3]")):
        document.replace(("parameters", key), parse_value(value, "command line"), Place("command line"))
    assert [problem.path for problem in document.problems] == ["parameters.a.b.0"]
