"""How windows of a table's rows become inputs: each row as in any table, then the windows gathered."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from pydantic import Field

from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.settings import CategorySettings, ColumnSettings
from nnctl.data.table.table import Array, Table
from nnctl.data.table.windows import Windows
from nnctl.errors import DataError, Problem
from nnctl.memory import available_memory, bytes_in_words


class SeriesPreprocessing(TablePreprocessing):
    """Of samples (window, F). window: rows of a sample."""

    window: int = Field(ge=1)

    @classmethod
    def of(cls, table: TablePreprocessing, window: int) -> SeriesPreprocessing:
        """With the columns that were fitted to a table's rows."""
        return cls.model_validate({"learnt": table.columns, "window": window})

    @property
    def features(self) -> int:
        """How many numbers a row becomes."""
        return len(self.output_names)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.window, self.features

    def transform(self, table: Table | Windows, rows: Array | None, precision: str) -> Array:
        """Of a table its rows, (N, F); of windows the samples, (N, window, F). rows: (N,) positions, None for all."""
        if isinstance(table, Table):
            return super().transform(table, rows, precision)
        starts = table.starts if rows is None else table.starts[rows]
        covered = table.covered(rows)
        size = len(starts) * self.window * self.features * np.dtype(precision).itemsize
        if size > (free := available_memory()):
            what = f"{len(starts):,} windows of {self.window:,} rows take {bytes_in_words(size)} of memory"
            what += f", {bytes_in_words(free)} are free"
            raise DataError(Problem(what, path="data.series", help="set a larger stride, or a shorter window"))
        prepared = super().transform(table.table, covered, precision)
        return gathered(prepared, np.searchsorted(covered, starts), self.window)


def gathered(prepared: Array, starts: Array, window: int) -> Array:
    """The windows that begin at these rows, (N, window, F), contiguous. prepared: (R, F); starts: (N,)."""
    out = np.empty((len(starts), window, prepared.shape[1]), prepared.dtype)
    for step in range(window):
        out[:, step] = prepared[starts + step]
    return out


def one_hot(categories: CategorySettings, columns: Mapping[str, ColumnSettings]) -> CategorySettings:
    """The settings of words in a series, in which each category is a column. Raises DataError for embeddings."""
    encodings = {"categories": categories.encoding} | {f"columns.{name}": own.encoding for name, own in columns.items()}
    for path, encoding in encodings.items():
        if encoding == "embedding":
            what = "is embedding, and words of a series are one_hot"
            raise DataError(Problem(what, path=f"data.{path}.encoding", help="set one_hot, or leave it out"))
    return categories.model_copy(update={"encoding": "one_hot"})
