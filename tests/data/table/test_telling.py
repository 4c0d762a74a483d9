"""Columns that alone tell the target, on data made for it and on what is healthy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.data.table.delimited import read_delimited
from nnctl.data.table.table import Column
from nnctl.data.table.telling import FIRST_ROWS, may_tell, telling
from tests.support.tables import category, number
from tests.support.work import assert_linear

RANDOM = np.random.default_rng(0)
ROWS = 600
OF = RANDOM.permutation(np.repeat(np.arange(60), 10))
LABELS = RANDOM.integers(0, 2, 60)[OF]  # all rows of one have one
CLASSES = RANDOM.integers(0, 2, ROWS)
VALUES = RANDOM.normal(size=ROWS)
NOISE = number("noise", RANDOM.normal(size=ROWS))
NAN = float("nan")
DATA = Path(__file__).parents[3] / "data"


def found(column: Column, target: Any, *, are_classes: bool, beside: Column = NOISE) -> list[str]:
    """How the column tells the target."""
    told = telling([column, beside], np.arange(len(target)), np.asarray(target, float), are_classes=are_classes)
    assert beside not in (*told.by_value, *told.by_order, *told.by_line)
    lists = {"value": told.by_value, "order": told.by_order, "line": told.by_line, "groups": told.groups}
    return [name for name, own in lists.items() if own]


def flipped(target: Any, share: float) -> Any:
    wrong = np.random.default_rng(1).random(ROWS) < share
    return np.where(wrong, 1 - target, target)


@pytest.mark.parametrize(
    ("column", "target", "how"),
    [
        (number("a", OF), LABELS, ["value", "groups"]),
        (number("a", OF * 1000 + 7), LABELS, ["value", "groups"]),
        (category("a", [f"P-{row}" for row in OF]), LABELS, ["value", "groups"]),
        (number("a", OF, "date"), LABELS, ["value", "groups"]),
        (number("a", flipped(CLASSES, 0.005)), CLASSES, ["value"]),
        (category("a", [f"{kind}{row % 3}" for row, kind in enumerate(CLASSES)]), CLASSES, ["value"]),
        (number("a", np.where(CLASSES, VALUES, NAN)), CLASSES, ["order"]),  # only one class has it
        (number("a", CLASSES + RANDOM.uniform(0, 1, ROWS)), CLASSES, ["order"]),
        (number("a", np.round(400 * (CLASSES + RANDOM.uniform(0, 1, ROWS)))), CLASSES, ["value", "order", "groups"]),
    ],
)
def test_classes_are_told(column: Column, target: Any, how: list[str]) -> None:
    assert found(column, target, are_classes=True) == how


@pytest.mark.parametrize(
    ("column", "target", "how"),
    [
        (number("a", OF), RANDOM.normal(size=60)[OF], ["value", "groups"]),
        (category("a", [f"P-{row}" for row in OF]), RANDOM.normal(size=60)[OF], ["value", "groups"]),
        (number("a", VALUES + 0.001 * RANDOM.normal(size=ROWS)), VALUES, ["line"]),
        (number("a", np.round(VALUES, 2)), VALUES, ["line"]),
        (number("a", np.exp(-VALUES)), VALUES, ["line"]),  # falls where it grows
        (number("a", np.where(np.arange(ROWS) % 7, VALUES**3, NAN)), VALUES, ["line"]),
        (number("a", VALUES + 0.1 * RANDOM.normal(size=ROWS)), VALUES, []),
        (
            number("a", np.where(np.arange(ROWS) == 3, 1e6, RANDOM.normal(size=ROWS))),
            [*VALUES[:3], 1e6, *VALUES[4:]],
            [],
        ),
        (number("a", VALUES > 0, "yes_no"), VALUES, []),
        (number("a", [NAN] * ROWS), VALUES, []),
        (number("a", VALUES), np.zeros(ROWS), []),
    ],
)
def test_numbers_are_told(column: Column, target: Any, how: list[str]) -> None:
    assert found(column, target, are_classes=False) == how


@pytest.mark.parametrize(
    ("column", "target"),
    [
        (number("a", OF), CLASSES),
        (number("a", RANDOM.integers(0, 3, ROWS)), CLASSES),
        (number("a", np.arange(ROWS)), CLASSES),  # no value comes twice
        (number("a", flipped(CLASSES, 0.05)), CLASSES),
        (number("a", CLASSES + RANDOM.normal(0, 0.3, ROWS)), CLASSES),
        (number("a", np.arange(ROWS) // 60), np.arange(ROWS) < 5),  # a rare class, by chance in one group
        (number("a", [NAN] * ROWS), CLASSES),
        (number("a", CLASSES), np.zeros(ROWS)),
        (number("a", OF + 0.5), LABELS),  # a number with decimals names nothing
    ],
)
def test_what_tells_no_class_is_not_told(column: Column, target: Any) -> None:
    assert found(column, target, are_classes=True) == []


def test_copies_of_rows_tell_nothing() -> None:
    """In data with each row twice, rows of one number have one target, whatever the number is."""
    twice = np.repeat(np.arange(ROWS // 2), 2)
    column, beside = number("a", RANDOM.permutation(ROWS)[twice]), number("noise", VALUES[twice])
    assert found(column, CLASSES[twice], are_classes=True, beside=beside) == []
    assert found(column, CLASSES[twice], are_classes=True) == ["value", "groups"]


def test_few_rows_tell_nothing() -> None:
    for rows in range(1, 20):
        assert found(number("a", CLASSES[:rows]), CLASSES[:rows], are_classes=True, beside=number("b", VALUES)) == []


def test_what_the_first_rows_suggest_the_others_may_refute() -> None:
    rows = 4 * FIRST_ROWS
    random = np.random.default_rng(2)
    of = random.integers(0, rows // 4, rows)
    labels = random.integers(0, 2, rows // 4)[of]
    beside = number("noise", random.normal(size=rows))
    column = number("a", of)
    assert found(column, labels, are_classes=True, beside=beside) == ["value", "groups"]
    wrong = np.where(random.random(rows) < 0.02, 1 - labels, labels)
    assert found(column, wrong, are_classes=True, beside=beside) == []


def test_by_a_part_of_a_table_nothing_is_ruled_out_where_the_target_is_constant() -> None:
    columns = [number("of", OF), number("noise", VALUES), number("other", RANDOM.permutation(OF))]
    assert [column.name for column in may_tell(columns, LABELS.astype(float))] == ["of"]
    assert [column.name for column in may_tell(columns, np.zeros(ROWS))] == ["of", "other"]


@pytest.mark.parametrize("file", ["ames.csv", "penguins.csv", "seattle_weather.csv"])
def test_real_tables_have_no_such_column(file: str) -> None:
    """Whichever column is the target."""
    table = read_delimited(DATA / file, lenient=True)
    for target in table.columns:
        others = [column for column in table.columns if column is not target]
        rows = np.flatnonzero(~target.missing)
        told = telling(others, rows, target.values, are_classes=target.kind in ("category", "yes_no"))
        assert told == ([], [], [], {}), target.name


def test_healthy_columns_are_not_told() -> None:
    """Numbers, words and gaps that know something of the target, rare classes, and copies of rows."""
    for seed in range(60):
        random = np.random.default_rng(seed)
        rows = int(random.choice([60, 300, 2000]))
        target = random.random(rows) < random.choice([0.5, 0.1, 0.02])
        columns = [
            number("whole", random.integers(0, random.choice([3, 20, rows]), rows)),
            number("words", random.integers(0, random.choice([2, 20, rows // 3]), rows)),
            number("related", np.round(target + random.normal(size=rows), 1)),
            number("skewed", random.zipf(2, rows).clip(0, 10_000)),
            number("gaps", np.where(random.random(rows) < 0.9, NAN, random.integers(0, 5, rows))),
        ]
        some = random.integers(0, rows, 2 * rows) if seed % 2 else np.arange(rows)
        for are_classes in (True, False):
            values = target if are_classes else np.round(target + random.normal(size=rows), 2)
            assert telling(columns, some, values.astype(float), are_classes=are_classes) == ([], [], [], {}), seed


def test_the_work_is_linear_in_the_columns() -> None:
    def looked(columns: int) -> None:
        telling(
            [number(str(name), RANDOM.normal(size=40)) for name in range(columns)],
            np.arange(40),
            VALUES,
            are_classes=False,
        )

    assert_linear(looked, 100)
