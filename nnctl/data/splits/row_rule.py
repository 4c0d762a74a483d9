"""Rows that are set aside by what a column says: a value, a range of values, or the last share of it."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from nnctl.data.splits.table_column import column_in
from nnctl.data.table.column_name import ColumnName
from nnctl.data.table.dates import period_of
from nnctl.data.table.numbers import missing_value
from nnctl.data.table.table import Array, Column, Table
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec
from nnctl.text import did_you_mean, is_number, listed, quoted, shown_label

Value = bool | int | float | str


def _some(value: Any) -> Any:
    if value == []:
        raise ValueError("is an empty list; name one value or more")
    return value


class RowRule(Spec):
    """Which rows are meant, by one column: `{column: Year, equals: 2010}`, `{column: sold, from: 2010, to: 2012-06}`.

    Either equals, or from and to, or one of these two, or last, or share: `{column: patient, share: 0.2}`. Of dates a
    year, a month or a day is meant as a whole.
    """

    column: ColumnName
    """The column that decides."""
    equals: Annotated[Value | list[Value] | None, AfterValidator(_some)] = None
    """Rows with this value, or with one of these."""
    from_: int | float | str | None = Field(default=None, alias="from")
    """Rows with this number or date, or a larger one."""
    to: int | float | str | None = None
    """Rows with this number or date, or a smaller one."""
    last: float | None = Field(default=None, gt=0.0, lt=1.0)
    """This share of the rows: those with the greatest numbers or dates; rows of one value stay together."""
    share: float | None = Field(default=None, gt=0.0, lt=1.0)
    """This share of the rows, drawn at random; rows of one value stay together, such as all rows of a patient. Then the
    column is an input where `features` names it."""

    @model_validator(mode="after")
    def _one_way(self) -> RowRule:
        is_range = self.from_ is not None or self.to is not None
        if sum((self.equals is not None, is_range, self.last is not None, self.share is not None)) != 1:
            raise ValueError("needs one of equals, from and to, last, and share; write {column: Year, from: 2010}")
        return self

    @model_serializer(mode="wrap")
    def _as_written(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is set, under the keys of a config."""
        return {key.rstrip("_"): value for key, value in write(self).items() if value is not None}

    def rows(self, table: Table, key: str) -> Array:
        """Which rows are meant by a rule without a share, (N,) truth values; some are and some are not.

        key: where the config has the rule.

        Where rows were set aside before, the table is to have the others only. Raises DataError for a column that is
        not there, a value that does not fit it, and where none or all rows are meant.
        """
        column = column_in(table, self.column, f"{key}.column")
        equals = self.equals
        if equals is None:
            chosen = self._in_range(table, column, key)
        else:
            chosen = _one_of(column, equals if isinstance(equals, list) else [equals], key)
        if chosen.all() or not chosen.any():
            what = f"takes {'all' if chosen.any() else 'none'} of the {len(table):,} rows by column {self.column}"
            raise DataError(Problem(what, path=key, help=_range(column)))
        return chosen

    def _in_range(self, table: Table, column: Column, key: str) -> Array:
        """Rows from a value to another; where a share is meant, from the value on with which it begins."""
        if column.kind not in ("number", "date"):
            what = f"expected a column of the type number or date, got {column.name}, a {column.kind}"
            raise DataError(Problem(what, path=key, help="use `equals`"))
        if column.missing.any():
            raise missing_value(table, column.name, np.flatnonzero(column.missing))
        if self.last is not None:
            least = np.sort(column.values)[-max(1, round(self.last * len(table)))]
            return np.asarray(column.values >= least)
        chosen = np.ones(len(table), bool)
        if self.from_ is not None:
            chosen &= column.values >= _bounds(column, self.from_, f"{key}.from")[0]
        if self.to is not None:
            chosen &= column.values <= _bounds(column, self.to, f"{key}.to")[1]
        return chosen


def _one_of(column: Column, values: list[Value], key: str) -> Array:
    """Rows with one of these values. Raises DataError where one of several occurs in no row."""
    each = [_equal(column, value, key) for value in values]
    for value, own in zip(values, each, strict=True):
        if len(values) > 1 and not own.any():
            what = f"no row has {quoted(str(value))} in column {column.name}"
            raise DataError(Problem(what, path=f"{key}.equals", help=_range(column)))
    return np.asarray(np.logical_or.reduce(each))


def _equal(column: Column, value: Value, key: str) -> Array:
    if column.kind in ("number", "date"):
        low, high = _bounds(column, value, f"{key}.equals")
        return (column.values >= low) & (column.values <= high)
    label = _label(column, value)
    if label not in column.labels:
        what = f"{quoted(label)} is not a value of column {column.name}; it has {_labels(column)}"
        help = did_you_mean(label, column.labels) or "name one of its values"
        raise DataError(Problem(what, path=f"{key}.equals", help=help))
    return np.equal(column.values, column.labels.index(label))


def _label(column: Column, value: Value) -> str:
    """The value as a column of words has it."""
    if isinstance(value, bool):
        return column.labels[int(value)] if column.kind == "yes_no" else str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _labels(column: Column) -> str:
    return listed(map(shown_label, column.labels))


def _bounds(column: Column, value: Value, key: str) -> tuple[float, float]:
    """The least and the largest number that a value stands for, in the column's unit: a year of dates has many."""
    text = str(value)
    if column.kind == "date":
        bounds = period_of(text) or period_of(text, column.hint.format)
    else:
        bounds = (float(text), float(text)) if is_number(text) else None
    if bounds is None:
        expected = "a date like 2024-01-31, or 2024" if column.kind == "date" else "a number"
        what = f"expected {expected} for column {column.name}, got {quoted(text)}"
        raise DataError(Problem(what, path=key, help=f"write {expected}"))
    return bounds


def _range(column: Column) -> str:
    if column.labels:
        return f"the column has {_labels(column)}"
    present = column.values[~column.missing]
    if not len(present):
        return "all values of the column are missing"
    low, high = present.min(), present.max()
    if column.kind == "date":
        low, high = np.datetime64(int(low), "D"), np.datetime64(int(high), "D")
        return f"the column has dates from {low} to {high}"
    return f"the column has numbers from {low:g} to {high:g}"
