"""Inputs that are copies of the target, or only name the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.data.table.suspects import FEW_ROWS, copies_of, note_on_ids
from nnctl.data.table.table import Column
from tests.support.tables import category, number, table
from tests.support.work import assert_linear

ROWS = 40
RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(size=ROWS)
CLASSES = RANDOM.integers(0, 3, ROWS)
WORDS = [("low", "middle", "high")[label] for label in CLASSES]
NAN = float("nan")


def copies(column: Column, target: Any) -> list[str]:
    return copies_of([column], np.arange(len(column.values)), np.asarray(target))


@pytest.mark.parametrize(
    ("column", "targets"),
    [
        (number("a", VALUES), VALUES),
        (number("a", VALUES * 100 - 3), VALUES),  # in another unit
        (number("a", CLASSES), CLASSES),
        (category("a", WORDS), CLASSES),
        (number("a", CLASSES**2 + 7), CLASSES),
        (number("a", CLASSES > 0, "yes_no"), (CLASSES > 0).astype(int)),
        (category("a", ["none" if label else None for label in CLASSES]), (CLASSES > 0).astype(int)),
    ],
)
def test_a_copy_of_the_target_is_told(column: Column, targets: Any) -> None:
    assert copies(column, targets) == ["a"]


@pytest.mark.parametrize(
    ("column", "targets"),
    [
        (number("a", VALUES + 0.001 * RANDOM.normal(size=ROWS)), VALUES),
        (number("a", VALUES**3), VALUES),  # each value once: any column would be one-to-one
        (category("a", ["low" if label else "high" for label in CLASSES]), CLASSES),  # tells one class only
        (category("a", [f"{word} {row % 2}" for row, word in enumerate(WORDS)]), CLASSES),  # is told by more words
        (number("a", [NAN, *CLASSES[1:]]), CLASSES),
        (number("a", CLASSES), np.zeros(ROWS, int)),
        (number("a", [3.0] * ROWS), CLASSES),
    ],
)
def test_what_is_not_quite_the_target_is_not_told(column: Column, targets: Any) -> None:
    assert copies(column, targets) == []


def test_only_training_rows_count_for_a_copy() -> None:
    column = number("a", [*CLASSES, 9, 9])
    target = np.array([*CLASSES, 1, 1])
    assert copies_of([column], np.arange(ROWS), target) == ["a"]
    assert copies_of([column], np.arange(ROWS + 2), target) == []


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
    note = note_on_ids([column])
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
    assert note_on_ids([column]) == ""


def test_few_rows_tell_nothing() -> None:
    column = number("a", np.arange(FEW_ROWS - 1))
    assert copies(column, np.arange(FEW_ROWS - 1)) == []
    assert note_on_ids([column]) == ""


def test_the_work_is_linear_in_the_columns() -> None:
    def looked(columns: int) -> None:
        made = table(*(number(str(name), VALUES + name) for name in range(columns)))
        copies_of(made.columns, np.arange(ROWS), CLASSES)
        note_on_ids(made.columns)

    assert_linear(looked, 100)
