"""The texts of a column as samples, each cut into tokens once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnctl.data.table.ragged import Ragged
from nnctl.data.table.table import Array, Table
from nnctl.data.table.text_column import TextColumn, TokenKind
from nnctl.data.table.tokens import tokenizer
from nnctl.errors import DataError, Problem
from nnctl.text import is_number, quoted, share


@dataclass(frozen=True)
class Texts:
    """N texts."""

    table: Table
    """All columns that were read."""
    column: str
    """That of the texts."""
    tokens: tuple[str, ...]
    """Different ones, in the order of the file."""
    by_label: Ragged
    """Of each of the column's labels the positions of its tokens; the last has none, for an empty cell."""

    @classmethod
    def of(cls, table: Table, column: str, tokens: TokenKind, *, lower_case: bool) -> Texts:
        """The texts of a table's column."""
        cut = tokenizer(tokens, lower_case=lower_case)
        known: dict[str, int] = {}
        numbers = [
            np.array([known.setdefault(token, len(known)) for token in cut(text)], np.int32)
            for text in table[column].labels
        ]
        counts = np.array([*map(len, numbers), 0], np.int64)
        return cls(table, column, tuple(known), Ragged(np.concatenate([np.zeros(0, np.int32), *numbers]), counts))

    def __len__(self) -> int:
        return len(self.table)

    def take(self, rows: Array | None) -> Ragged:
        """The tokens of these texts. rows: (N,) positions, None for all."""
        positions = self.table[self.column].values
        return self.by_label.take(positions if rows is None else positions[rows])

    def text(self, row: int) -> str:
        """As the file has it."""
        column = self.table[self.column]
        position = int(column.values[row])
        return "" if position < 0 else column.labels[position]


def training_texts(table: Table, settings: TextColumn) -> Texts:
    """The texts of a table to train on. Raises DataError where they are numbers, and where all are empty."""
    labels = table[settings.column].labels
    if not labels:
        rows = share(len(table), len(table), "rows")
        what = f"column {settings.column}: the text is empty in {rows}"
        raise DataError(Problem(what, file=table.origin, help="name the column of texts in `text: {column: …}`"))
    if all(map(is_number, labels)):
        what = f"column {settings.column} holds numbers, the first is {quoted(labels[0])}, and `text` is for texts"
        help = "name another column in `text: {column: …}`, or leave `text` out to use numbers"
        raise DataError(Problem(what, file=table.origin, help=help))
    return Texts.of(table, settings.column, settings.tokens, lower_case=settings.lower_case)
