"""Inputs that are copies of the target, or only name the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.data.table.suspects import FEW_ROWS, suspects
from nnctl.data.table.table import Column
from tests.support.tables import category, number, table
from tests.support.work import assert_linear

ROWS = 40
RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(size=ROWS)
CLASSES = RANDOM.integers(0, 3, ROWS)
WORDS = [("low", "middle", "high")[label] for label in CLASSES]
NAN = float("nan")


def told(column: Column, targets: Any) -> list[str]:
    made = table(column)
    return list(suspects(made, np.arange(len(made)), ["a"], np.asarray(targets), ["y", "z"]))


@pytest.mark.parametrize(
    ("column", "targets"),
    [
        (number("a", VALUES), VALUES[:, np.newaxis]),
        (number("a", VALUES * 100 - 3), VALUES[:, np.newaxis]),  # in another unit
        (number("a", CLASSES), CLASSES),
        (category("a", WORDS), CLASSES),
        (number("a", CLASSES**2 + 7), CLASSES),
        (number("a", CLASSES > 0, "yes_no"), (CLASSES > 0).astype(int)),
        (category("a", ["none" if label else None for label in CLASSES]), (CLASSES > 0).astype(int)),
    ],
)
def test_a_copy_of_the_target_is_told(column: Column, targets: Any) -> None:
    (note,) = told(column, targets)
    assert note.startswith("a tells the target y exactly in all training samples")


@pytest.mark.parametrize(
    ("column", "targets"),
    [
        (number("a", VALUES + 0.001 * RANDOM.normal(size=ROWS)), VALUES[:, np.newaxis]),
        (number("a", VALUES**3), VALUES[:, np.newaxis]),  # each value once: any column would be one-to-one
        (category("a", ["low" if label else "high" for label in CLASSES]), CLASSES),  # tells one class only
        (category("a", [f"{word} {row % 2}" for row, word in enumerate(WORDS)]), CLASSES),  # is told by more words
        (number("a", [NAN, *CLASSES[1:]]), CLASSES),
        (number("a", CLASSES), np.zeros(ROWS, int)),
        (number("a", [3.0] * ROWS), CLASSES),
    ],
)
def test_what_is_not_quite_the_target_is_not_told(column: Column, targets: Any) -> None:
    assert told(column, targets) == []


def test_the_second_target_is_named() -> None:
    (note,) = told(number("a", VALUES), np.stack([RANDOM.normal(size=ROWS), VALUES], axis=1))
    assert "a tells the target z exactly" in note


def test_only_training_rows_count_for_a_copy() -> None:
    made = table(number("a", [*CLASSES, 9, 9]))
    targets = np.array([*CLASSES, 1, 1])
    assert len(list(suspects(made, np.arange(ROWS), ["a"], targets, ["y"]))) == 1
    assert list(suspects(made, np.arange(ROWS + 2), ["a"], targets, ["y"])) == []


@pytest.mark.parametrize(
    ("column", "what"),
    [
        (number("a", np.arange(ROWS)), "a has another number in every row, one after the other"),
        (number("a", 1000 + RANDOM.permutation(ROWS)), "a has another number in every row"),
        (number("a", np.delete(np.arange(ROWS + 2), [3, 9])), "a has another number in every row"),  # rows were removed
        (category("a", [f"R-{row}" for row in range(ROWS)]), "a has another text in every row"),
    ],
)
def test_what_only_names_the_rows_is_told(column: Column, what: str) -> None:
    (note,) = told(column, CLASSES)
    assert note.startswith(what)
    assert "say `id: a`" in note


@pytest.mark.parametrize(
    "column",
    [
        number("a", np.arange(ROWS) * 3),
        number("a", np.arange(ROWS) / 2),
        number("a", np.arange(ROWS) // 2),
        number("a", [NAN, *range(1, ROWS)]),
        number("a", np.arange(ROWS), "date"),
        category("a", [None, *(f"R-{row}" for row in range(1, ROWS))]),
        category("a", ["R-1", *(f"R-{row}" for row in range(1, ROWS))]),
    ],
)
def test_what_may_say_more_is_not(column: Column) -> None:
    assert told(column, CLASSES) == []


def test_few_rows_tell_nothing() -> None:
    made = table(number("a", np.arange(FEW_ROWS - 1)))
    assert list(suspects(made, np.arange(FEW_ROWS - 1), ["a"], np.arange(FEW_ROWS - 1) % 2, ["y"])) == []


def test_the_work_is_linear_in_the_columns() -> None:
    def looked(columns: int) -> None:
        made = table(*(number(str(name), VALUES + name) for name in range(columns)))
        list(suspects(made, np.arange(ROWS), made.names, CLASSES, ["y"]))

    assert_linear(looked, 100)
