"""How the columns of a table become a network's inputs: fitted to the training rows, applied alike ever after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, ValidationError

from nnctl.data.table.categories import CategoryColumn
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.numbers import NumberColumn
from nnctl.data.table.settings import (
    CategorySettings,
    ColumnSettings,
    DateSettings,
    NumberSettings,
    hints_of,
    settings_for,
)
from nnctl.data.table.table import Array, Table
from nnctl.data.table.unfamiliar import Unfamiliar, unfamiliar
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec
from nnctl.text import listed

ROWS = 1 << 14  # written at a time, so that a block of inputs stays in the caches

DATES = DateSettings()

FittedColumn = Annotated[NumberColumn | CategoryColumn, Field(discriminator="kind")]


@dataclass(frozen=True)
class Embedding:
    """An input that is a slot number; for each slot a vector is trained."""

    name: str
    """The column's own."""
    slots: int
    """Slot numbers are 0, 1, … slots - 1."""
    size: int
    """Of each vector."""


class TablePreprocessing(Spec):
    """How a table becomes inputs, fitted to training rows."""

    slots: ClassVar[int | None] = None

    columns: Annotated[tuple[FittedColumn, ...], Field(strict=False, min_length=1, alias="learnt")]
    """One a feature, in the order of the training table. Checkpoints have it under `learnt`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one sample."""
        return (len(self.output_names),)

    @cached_property
    def output_names(self) -> tuple[str, ...]:
        """The names of the inputs: first those of numbers and one-hot columns, then one an embedding."""
        return tuple(name for column in self._in_order for name in column.outputs)

    @property
    def embeddings(self) -> tuple[Embedding, ...]:
        """The last inputs, which are slot numbers."""
        embedded = (column for column in self.columns if isinstance(column, CategoryColumn) and column.embedded)
        return tuple(Embedding(column.name, column.slots, column.settings.size or 1) for column in embedded)

    @property
    def hints(self) -> dict[str, ColumnHint]:
        """The columns that a table must have, and how they are read."""
        return hints_of(self.settings)

    @property
    def settings(self) -> dict[str, ColumnSettings]:
        """Each column with its type and all of its settings, for the resolved config."""
        return {column.name: column.all_settings for column in self.columns}

    @cached_property
    def input_ranges(self) -> dict[str, tuple[int, int]]:
        """By column, where its inputs begin and end."""
        ends = np.cumsum([len(column.outputs) for column in self._in_order]).tolist()
        names = [column.name for column in self._in_order]
        return dict(zip(names, zip((0, *ends[:-1]), ends, strict=True), strict=True))

    @property
    def _in_order(self) -> list[NumberColumn | CategoryColumn]:
        """The columns in the order of their inputs."""
        return sorted(self.columns, key=lambda column: column.embedded)

    def scaling(self, precision: str) -> None:
        """None: a table has no bytes."""

    def transform(self, table: Table, rows: Array | None, precision: str) -> Array:
        """The inputs, (N, F), contiguous, in this precision. rows: (N,) positions in the table, or None for all.

        The table's columns may come in any order, and others among them. Raises DataError for a column that is not
        there or of another kind, a missing value where none is allowed, and one too large for the precision.
        """
        self._require_columns(table)
        rows = np.arange(len(table)) if rows is None else rows
        out = np.zeros((len(rows), len(self.output_names)), dtype=precision)
        input_ranges = self.input_ranges
        for start in range(0, len(rows), ROWS):
            chosen, block = rows[start : start + ROWS], out[start : start + ROWS]
            for column in self.columns:
                first, end = input_ranges[column.name]
                column.write(table, chosen, block[:, first:end])
        return out

    def unfamiliar(self, table: Table, rows: Array | None = None) -> Unfamiliar:
        """How many of these rows have what training never saw. Raises DataError as `transform`."""
        self._require_columns(table)
        return unfamiliar(self.columns, table, np.arange(len(table)) if rows is None else rows)

    def _require_columns(self, table: Table) -> None:
        names = frozenset(table.names)
        missing = [column.name for column in self.columns if column.name not in names]
        if missing:
            what = f"has no {'column' if len(missing) == 1 else 'columns'} {listed(missing)}"
            raise DataError(Problem(what, file=table.origin, help="give it the columns of the training samples"))
        for column in self.columns:
            kind = table[column.name].kind
            if kind != column.kind:
                what = f"column {column.name}: is of the type {kind}, in training it was {column.kind}"
                raise DataError(Problem(what, file=table.origin, help="give it the values that training had"))

    @classmethod
    def fit(
        cls,
        table: Table,
        rows: Array,
        features: Sequence[str],
        numbers: NumberSettings,
        categories: CategorySettings,
        columns: Mapping[str, ColumnSettings],
        dates: DateSettings = DATES,
        times: str | None = None,
    ) -> TablePreprocessing:
        """The preprocessing for these training rows and no others. rows: (N,) positions in the table.

        features: the columns that are inputs. columns: the settings of single ones, by name. times: the column of times
        of a series. Raises DataError with what is wrong in each column.
        """
        fitted: list[NumberColumn | CategoryColumn] = []
        problems: list[Problem] = []
        unset = ColumnSettings()
        for name in features:
            column, own = table[name], columns.get(name, unset)
            try:
                if column.kind == "category":
                    words = settings_for(name, column.kind, categories, own)
                    fitted.append(CategoryColumn.fit(table, rows, column, words, own))
                else:
                    cyclic = dates.cyclic if own.cyclic is None else own.cyclic
                    settings = settings_for(name, column.kind, numbers, own)
                    fitted.append(NumberColumn.fit(table, rows, column, settings, own, cyclic, are_times=name == times))
            except DataError as error:
                problems += error.problems
        if problems:
            raise DataError(*problems)
        return cls.model_validate({"learnt": fitted})

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; floats keep every bit."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> TablePreprocessing:
        """The inverse of `to_json`. Raises ValueError where the value cannot be one."""
        try:
            made = cls.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"invalid preprocessing of a table: {place}: {first['msg']}") from None
        names = [column.name for column in made.columns]
        if len(set(names)) < len(names) or not all(column.is_consistent for column in made.columns):
            raise ValueError("invalid preprocessing of a table: its parts do not fit together")
        return made
