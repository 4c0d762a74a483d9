"""A column of words as inputs: a column a category, or the number of the category's slot in an embedding."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nnctl.data.table.numbers import missing_value, no_value
from nnctl.data.table.remedies import column_setting, excluded
from nnctl.data.table.settings import CategorySettings, ColumnSettings
from nnctl.data.table.table import Array, Column, Table
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec
from nnctl.text import shown_label

EMBEDDED = 32  # from so many categories on
LONGEST_DEFAULT = 32
MOST_CATEGORIES = 10_000  # categories with a slot of their own

Words = Annotated[tuple[str, ...], Field(strict=False)]


class CategoryColumn(Spec):
    """Slot 0: rare categories and those that training never saw; then one a label; then missing, where it has its own.

    As one_hot each slot is a column, 1 where it is the row's and else 0; slot 0, the last of them, has one only where
    there are rare categories. So without rare ones a category that training never saw is all zeros, not the noise of a
    weight that was never trained. labels: the categories with a slot of their own. rare: the others that training saw.
    fill: the category that a missing one is taken for, if any. missing_words: how its cells are read. The columns are
    those of scikit-learn's OneHotEncoder.
    """

    kind: Literal["category"] = "category"
    name: str
    settings: CategorySettings
    labels: Words
    rare: Words
    fill: str | None
    own_missing: bool
    missing_words: Words | None = None

    @classmethod
    def fit(
        cls, table: Table, rows: Array, column: Column, settings: CategorySettings, own: ColumnSettings
    ) -> CategoryColumn:
        """From these training rows and no others. own: how the column is read. Raises DataError."""
        positions = column.values[rows]
        absent = positions < 0
        if absent.all():
            raise no_value(table, column.name)
        if settings.missing == "refuse" and absent.any():
            raise missing_value(table, column.name, rows[absent])
        found = np.bincount(positions[~absent], minlength=len(column.labels)).tolist()
        # in the order of the words, which does not depend on that of the rows
        counts = {label: count for label, count in sorted(zip(column.labels, found, strict=True)) if count}
        fill = max(counts, key=lambda label: counts[label]) if settings.missing == "mode" else None
        if fill is not None:
            counts[fill] += int(absent.sum())
        fitted = cls(
            name=column.name,
            settings=settings,
            labels=tuple(label for label, count in counts.items() if count >= settings.rare),
            rare=tuple(label for label, count in counts.items() if count < settings.rare),
            fill=fill,
            own_missing=settings.missing == "own" and bool(absent.any()),
            missing_words=None if own.missing_words is None else tuple(own.missing_words),
        )
        if len(fitted.labels) > MOST_CATEGORIES:
            raise _too_many(table, column.name, counts)
        return fitted.model_copy(update={"settings": fitted._chosen()})

    def _chosen(self) -> CategorySettings:
        """The settings with what the number of categories decides."""
        encoding = self.settings.encoding or ("embedding" if len(self.labels) >= EMBEDDED else "one_hot")
        size = self.settings.size or min(LONGEST_DEFAULT, round(1.6 * self.slots**0.56))
        return self.settings.model_copy(
            update={"encoding": encoding, "size": size if encoding == "embedding" else None}
        )

    @property
    def embedded(self) -> bool:
        return self.settings.encoding == "embedding"

    @property
    def slots(self) -> int:
        """How many slots there are, slot 0 among them."""
        return 1 + len(self.labels) + self.own_missing

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the inputs that the column becomes."""
        if self.embedded:
            return (self.name,)
        missing = (f"{self.name} is missing",) if self.own_missing else ()
        rare = (f"{self.name} is rare",) if self.rare else ()
        return (*(f"{self.name} = {shown_label(label)}" for label in self.labels), *missing, *rare)

    @property
    def description(self) -> str:
        """How it enters the network, in a few words."""
        return f"embedding {self.slots} × {self.settings.size}" if self.embedded else f"one-hot of {len(self.outputs)}"

    @property
    def all_settings(self) -> ColumnSettings:
        """Everything that a config can say of the column."""
        own = {"type": self.kind, "missing_words": self.missing_words}
        return ColumnSettings.model_validate({**own, **self.settings.model_dump()})

    @property
    def is_consistent(self) -> bool:
        """Whether the parts do not contradict each other: a damaged checkpoint's may."""
        known = (*self.labels, *self.rare)
        return (
            len(set(known)) == len(known) > 0
            and (self.fill in known if self.settings.missing == "mode" else self.fill is None)
            and (self.settings.missing == "own" or not self.own_missing)
            and self.settings.encoding is not None
            and self.embedded == (self.settings.size is not None)
        )

    def write(self, table: Table, rows: Array, out: Array) -> None:
        """Write the inputs of these rows. rows: (N,) positions in the table; out: (N, len(outputs)), zeros.

        Raises DataError for a missing value where none is allowed.
        """
        column = table[self.name]
        positions = column.values[rows]
        if self.settings.missing == "refuse" and (positions < 0).any():
            raise missing_value(table, self.name, rows[positions < 0])
        slots = self._slots_of(column)[positions]
        if self.embedded:
            out[:, 0] = slots
            return
        columns = np.where(slots == 0, self.slots - 1 if self.rare else -1, slots - 1)
        known = np.flatnonzero(columns >= 0)
        out[known, columns[known]] = 1

    def count_unseen(self, table: Table, rows: Array) -> int:
        """How many of these rows have a category that training never saw, or miss one where training missed none."""
        return int(np.count_nonzero(self._unseen(table)[table[self.name].values[rows]]))

    def an_unseen(self, table: Table, rows: Array) -> str:
        """The first of these categories; empty where there is none, or all are missing."""
        column = table[self.name]
        positions = column.values[rows]
        found = positions[self._unseen(table)[positions] & (positions >= 0)]
        return column.labels[found[0]] if len(found) else ""

    def _unseen(self, table: Table) -> Array:
        """Of each label of a table's column, and last of a missing one, whether it is one of them."""
        seen = {*self.labels, *self.rare}
        missing = self.settings.missing == "own" and not self.own_missing
        return np.array([label not in seen for label in table[self.name].labels] + [missing])

    def _slots_of(self, column: Column) -> Array:
        """The slot of each label of a table's column, by its text; last, where -1 points, that of a missing one."""
        slot = {label: number for number, label in enumerate(self.labels, 1)}
        missing = self.slots - 1 if self.own_missing else slot.get(self.fill or "", 0)
        return np.array([slot.get(label, 0) for label in column.labels] + [missing])


def _too_many(table: Table, name: str, counts: dict[str, int]) -> DataError:
    """More categories than can have a slot of their own."""
    leave = f"leave the column out: {excluded(name)}"
    most = sorted(counts.values(), reverse=True)
    rare = most[MOST_CATEGORIES] + 1  # with so many samples each, at most MOST_CATEGORIES are left
    most_inputs = f"at most {MOST_CATEGORIES:,} can be inputs"
    what = f"column {name} has {len(counts):,} different texts in the training samples, {most_inputs}"
    if rare > most[0]:
        help = f"an id or free text? {leave}"
    else:
        help = f"join the rare ones: {column_setting(name, f'{{rare: {rare}}}')}; or {leave}"
    return DataError(Problem(what, file=table.origin, help=help))
