"""Windows of the rows of a table: samples of a series, kept as the rows that they begin at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnctl.data.table.ordered_rows import OrderedRows
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.table import Array, Table


@dataclass(frozen=True)
class Windows:
    """N samples: window n is the rows starts[n], starts[n] + 1, … of the table, which are in the order of time."""

    rows: OrderedRows
    starts: Array
    """(N,) int64, ascending."""
    settings: SeriesSettings
    features: tuple[str, ...]
    """The columns that are inputs."""

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def table(self) -> Table:
        """All rows."""
        return self.rows.table

    @property
    def last_rows(self) -> Array:
        """(N,), the last row of each window: what is known when it is predicted from."""
        return self.starts + (self.settings.window - 1)

    @property
    def target_rows(self) -> Array:
        """(N, horizon), the rows that are predicted. Without targets they may lie behind the table."""
        first = self.starts + self.settings.window + self.settings.gap
        return first[:, np.newaxis] + np.arange(self.settings.horizon)

    def covered(self, chosen: Array | None = None) -> Array:
        """The rows in these windows, ascending, each once. chosen: (M,) positions of windows; None: all."""
        return covered_rows(self.starts if chosen is None else self.starts[chosen], self.settings.window)


def covered_rows(starts: Array, window: int) -> Array:
    """The rows of windows that begin at these, ascending, each once. starts: (N,)."""
    if not len(starts):
        return starts
    first = starts.min()
    ends = np.zeros(int(starts.max() - first) + window + 1, np.int64)  # +1 where one begins, -1 behind its end
    np.add.at(ends, starts - first, 1)
    np.add.at(ends, starts - first + window, -1)
    return np.asarray(np.flatnonzero(np.cumsum(ends)) + first)


def window_starts(rows: OrderedRows, length: int, stride: int = 1) -> Array:
    """Where windows of so many rows begin, (N,) int64: the first at each stretch's first row, none spans two."""
    return np.concatenate(
        [
            np.zeros(0, np.int64),
            *(np.arange(first, end - length + 1, stride) for first, end in rows.stretches),
        ]
    )
