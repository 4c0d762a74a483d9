"""What `nnctl predict` reads of a series: each window of a file, for the rows behind it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.data.stream import Block, Stream, block_rows
from nnctl.data.table.ordered_rows import OrderedRows, short_groups
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.series_preprocessing import SeriesPreprocessing
from nnctl.data.table.series_samples import notes_on_missing, too_short
from nnctl.data.table.unfamiliar import Unfamiliar
from nnctl.data.table.windows import Windows, window_starts
from nnctl.text import counted, listed


def series_stream(
    rows: OrderedRows,
    notes: tuple[str, ...],
    settings: SeriesSettings,
    preprocessing: SeriesPreprocessing,
    precision: str,
) -> Stream:
    """All windows, one a row. Ids are the times of the first row that is predicted, or its number in the file.

    Raises DataError where no series has enough rows.
    """
    starts = window_starts(rows, settings.window)
    if not len(starts):
        raise too_short(rows, settings.window)
    windows = Windows(rows, starts, settings, tuple(preprocessing.settings))
    most = block_rows(settings.window * preprocessing.features)
    times = _predicted_times(windows)
    names = () if rows.group is None else (rows.group,)

    def blocks() -> Iterator[Block]:
        for start in range(0, len(windows), most):
            chosen = np.arange(start, min(start + most, len(windows)))
            keys = tuple(tuple(rows.group_text(int(row)) for row in starts[chosen]) for _ in names)
            # rows in several windows are counted once
            found = Unfamiliar() if start else preprocessing.unfamiliar(rows.table, windows.covered())
            odd = {} if start else {column.name: column.odd for column in rows.table.columns if column.odd}
            inputs = preprocessing.transform(windows, chosen, precision)
            yield Block(inputs, tuple(times[start : start + most]), found, odd=odd, keys=keys)

    notes = (*notes, *notes_on_missing(rows.table, windows.features, windows.covered()), *notes_on_short(windows))
    return Stream(blocks(), rows.time or "row", len(windows), notes, keys=names)


def notes_on_short(windows: Windows) -> tuple[str, ...]:
    """What to tell of series without a window."""
    if windows.rows.group is None:
        return ()
    begins = np.zeros(len(windows.table), bool)
    begins[windows.starts] = True
    if not (short := short_groups(windows.rows, begins)):
        return ()
    have = "has" if len(short) == 1 else "have"
    need = counted(windows.settings.window, "row")
    return (
        f"{counted(len(short), 'group')} {have} no {need} that follow each other, and no predictions: {listed(short)}",
    )


def _predicted_times(windows: Windows) -> list[str]:
    """Of the first row that each window predicts, which the file need not have."""
    rows, ahead = windows.rows, windows.settings.gap + 1
    first = windows.target_rows[:, 0]
    if rows.time is None:
        return [str(number + 1) for number in first.tolist()]
    times = rows.table[rows.time].values
    ends = np.array([end for _, end in rows.stretches])
    end = ends[np.searchsorted(ends, windows.starts, side="right")]
    return [
        rows.time_text(float(times[row] if row < limit else rows.spacing.after(float(times[last]), ahead)[-1]))
        for row, limit, last in zip(first.tolist(), end.tolist(), windows.last_rows.tolist(), strict=True)
    ]
