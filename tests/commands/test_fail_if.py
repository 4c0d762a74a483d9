"""`--fail-if 'accuracy<0.97'`."""

from __future__ import annotations

import math

import pytest

from nnctl.commands.fail_if import parse_conditions
from nnctl.errors import UsageError

KNOWN = ["loss", "accuracy", "top_5"]


@pytest.mark.parametrize(
    ("text", "below", "at", "above"),
    [
        ("accuracy<0.5", True, False, False),
        ("accuracy<=0.5", True, True, False),
        ("accuracy==0.5", False, True, False),
        ("accuracy!=0.5", True, False, True),
        ("accuracy>=0.5", False, True, True),
        (" accuracy > 5e-1 ", False, False, True),
    ],
)
def test_every_comparison(text: str, below: bool, at: bool, above: bool) -> None:
    (condition,) = parse_conditions([text], KNOWN)
    assert [condition.holds({"accuracy": value}) for value in (0.4, 0.5, 0.6)] == [below, at, above]


@pytest.mark.parametrize("comparison", ["<", "<=", "==", "!=", ">=", ">"])
def test_nothing_passes_by_being_undefined(comparison: str) -> None:
    (condition,) = parse_conditions([f"loss{comparison}1"], KNOWN)
    assert condition.holds({"loss": math.nan})


def test_negative_numbers_and_digits_in_names() -> None:
    (first, second) = parse_conditions(["loss<-1e3", "top_5>.5"], KNOWN)
    assert (first.metric, first.comparison, first.number, first.text) == ("loss", "<", -1000.0, "loss<-1e3")
    assert (second.metric, second.number) == ("top_5", 0.5)


def test_every_mistake_is_told_at_once() -> None:
    texts = [
        "accuracy",
        "acuracy<1",
        "zzz<1",
        "loss=1",
        "loss<x",
        "loss<nan",
        "loss<inf",
        "",
        "<1",
        "loss<1 2",
        "loss<1",
    ]
    with pytest.raises(UsageError) as raised:
        parse_conditions(texts, KNOWN)
    problems = raised.value.problems
    assert len(problems) == len(texts) - 1
    assert all(problem.help for problem in problems)
    assert "did you mean accuracy?" in problems[1].help
    assert "loss, accuracy, top_5" in problems[2].help
