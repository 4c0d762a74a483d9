"""What is to be predicted, and so the loss, the metrics and the number of outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnctl.data.table.table import Array, Column, Table
from nnctl.drafting.column_profile import are_whole
from nnctl.errors import DataError, Problem
from nnctl.text import listed

MOST_NUMBERED_CLASSES = 10  # more whole numbers than this are values
SAMPLES_A_CLASS = 10  # on average, for whole numbers to be classes
TWO_CLASSES = ([0.0, 1.0], [-1.0, 1.0])
SKEWED = 1.0  # from this skewness on, the logarithm is predicted, with a loss that a few odd samples do not rule


@dataclass(frozen=True)
class Task:
    """What a network is to predict, and how that is measured."""

    loss: str
    outputs: int
    """Of the network."""
    metrics: tuple[str, ...]
    transform: tuple[str, ...]
    """Of the targets; empty for classes."""
    about: str
    """What the target is, for people."""
    numbered: bool = False
    """Whether the target is a column of numbers that name classes."""


def task_of(table: Table, targets: Sequence[str], without: int = 0) -> Task:
    """What these columns, which have a value in every row, ask for. without: rows that were left out for having none.

    Raises DataError where nothing can be learnt from them.
    """
    columns = [table[name] for name in targets]
    for column in columns:
        _refuse_constant(table, column, without)
    if len(columns) == 1 and _has_classes(columns[0]):
        return _classes(table, columns[0])
    if len(columns) > 1 and all(_is_binary(column) for column in columns):
        return Task("binary_cross_entropy", len(columns), ("accuracy", "f1"), (), "each is yes or no")
    for column in columns:
        _refuse_words(table, column)
    return _values(columns)


def _refuse_constant(table: Table, column: Column, without: int) -> None:
    if len(np.unique(column.values)) < 2:
        what = f"column {column.name}, the target, has the same value in every row"
        help = "is it the right column?"
        if without:
            what = f"{what} that has one; {without:,} rows have none"
            help = f"{help} if no value means another class, fill it in"
        raise DataError(Problem(what, file=table.origin, help=help))


def _has_classes(column: Column) -> bool:
    return column.kind in ("category", "yes_no") or _has_numbered_classes(column)


def _has_numbered_classes(column: Column) -> bool:
    if column.kind != "number" or not are_whole(column.values):
        return False
    different = np.unique(column.values).tolist()
    distinct = len(different)
    if different in TWO_CLASSES:
        return True  # however few the rows
    return distinct <= MOST_NUMBERED_CLASSES and distinct * SAMPLES_A_CLASS <= len(column.values)


def _is_binary(column: Column) -> bool:
    return column.kind == "yes_no" or (column.kind == "number" and set(np.unique(column.values)) == {0.0, 1.0})


def _classes(table: Table, column: Column) -> Task:
    classes = len(np.unique(column.values))
    if classes > max(2, len(table) / 2):
        what = f"column {column.name}, the target, has {classes:,} different texts in {len(table):,} rows"
        raise DataError(Problem(what, file=table.origin, help="name a column with fewer classes, or of numbers"))
    numbered = column.kind == "number"
    about = f"{classes:,} classes" + (", named by numbers" if numbered else "")
    return Task("cross_entropy", classes, ("accuracy", "f1"), (), about, numbered)


def _refuse_words(table: Table, column: Column) -> None:
    if column.kind in ("category", "yes_no"):
        kind = "words" if column.kind == "category" else "yes or no"
        what = f"column {column.name} is {kind}: several targets must all be numbers, or all yes or no"
        raise DataError(Problem(what, file=table.origin, help=f"predict it alone: --target '{column.name}'"))


def _values(columns: list[Column]) -> Task:
    positive = all((column.values > 0).all() for column in columns)
    skewed = positive and all(_skewness(column.values) > SKEWED for column in columns)
    ranges = listed(f"{column.values.min():g} to {column.values.max():g}" for column in columns)
    return Task(
        loss="huber" if skewed else "mse",
        outputs=len(columns),
        metrics=("rmse", "r2", "rmsle") if positive else ("rmse", "r2"),
        transform=("log", "standard") if skewed else ("standard",),
        about=f"{ranges}{', skewed: the logarithm is predicted' if skewed else ''}",
    )


def _skewness(values: Array) -> float:
    """The third standardized moment."""
    centred = values - values.mean()
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)
