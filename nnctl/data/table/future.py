"""The rows behind the last ones of a series, predicted step by step: what is predicted becomes the past of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from nnctl.data.table.ordered_rows import OrderedRows
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.series_preprocessing import SeriesPreprocessing, gathered
from nnctl.data.table.series_samples import notes_on_missing, too_short
from nnctl.data.table.table import Array, Column, Table
from nnctl.data.table.unfamiliar import Unfamiliar
from nnctl.errors import UsageError
from nnctl.text import counted, listed


class Future:
    """G series, each with its last rows and `steps` rows behind them that are not known yet."""

    def __init__(
        self,
        rows: OrderedRows,
        settings: SeriesSettings,
        preprocessing: SeriesPreprocessing,
        precision: str,
        targets: Sequence[str],
        steps: int,
    ) -> None:
        """targets: the columns that are predicted. Raises DataError where no series is long enough, UsageError where
        inputs would have to be known that nobody knows yet.
        """
        _require_known(rows, settings, preprocessing, targets, steps)
        self._settings, self._preprocessing, self._precision = settings, preprocessing, precision
        self._targets, self._steps = targets, steps
        past = settings.window + settings.gap
        ends = _ends(rows)
        long = [end for first, end in ends if end - first >= past]
        if not long:
            raise too_short(rows, past)
        short = [rows.group_text(end - 1) for first, end in ends if end - first < past]
        self.notes: tuple[str, ...] = ()
        if short:
            have = "has" if len(short) == 1 else "have"
            what = f"{counted(len(short), 'group')} {have} no {counted(past, 'row')} at the end that follow each other"
            self.notes = (f"{what}, and no predictions: {listed(short)}",)
        last = np.array(long) - 1
        self.groups = [rows.group_text(row) for row in last.tolist()]
        times = _times_after(rows, last, steps)
        self.times = [[rows.time_text(time) for time in own] for own in times.tolist()]
        known = (last[:, np.newaxis] + np.arange(1 - past, 1)).reshape(-1)
        self.notes += notes_on_missing(rows.table, tuple(preprocessing.settings), known)
        self.unfamiliar: Unfamiliar = preprocessing.unfamiliar(rows.table, known)
        self._length = past + steps
        self._begins = np.arange(len(last)) * self._length
        self._table = _extended(rows, last, past, times)
        prepared = np.zeros((len(self._table), preprocessing.features), precision)
        places = (self._begins[:, np.newaxis] + np.arange(past)).reshape(-1)
        prepared[places] = preprocessing.transform(self._table, places, precision)
        self._prepared = prepared
        self._done = 0

    @property
    def is_complete(self) -> bool:
        """Whether all steps are predicted."""
        return self._done >= self._steps

    def inputs(self) -> Array:
        """The samples to predict the next rows from, (G, window, F)."""
        return gathered(self._prepared, self._begins + self._done, self._settings.window)

    def add(self, values: Array) -> None:
        """Take what is predicted of the next rows. values: (G, targets, horizon), numbers in own units, or texts."""
        count = min(values.shape[2], self._steps - self._done)
        first = self._settings.window + self._settings.gap + self._done
        rows = self._begins[:, np.newaxis] + np.arange(first, first + count)
        for name, own in zip(self._targets, values[:, :, :count].swapaxes(0, 1), strict=True):
            if name in self._table.names:
                self._put(self._table[name], rows, own)
        self._done += count
        if not self.is_complete:
            flat = rows.reshape(-1)
            self._prepared[flat] = self._preprocessing.transform(self._table, flat, self._precision)

    def _put(self, column: Column, rows: Array, values: Array) -> None:
        """Write numbers, or the names of classes, into cells that are not known. rows, values: (G, n)."""
        if values.dtype == object:
            labels = {label: float(number) for number, label in enumerate(column.labels)}
            for name in filter(None, values.reshape(-1).tolist()):
                if name not in labels:  # a class that this file has not, or a number
                    labels[name] = float(name) if column.kind == "number" else float(len(labels))
            numbers = labels | {"": -1.0 if column.kind == "category" else np.nan}
            values = np.array([[numbers[name] for name in row] for row in values.tolist()])
            if column.kind == "category":
                made = replace(column, labels=tuple(labels))
                columns = (made if own.name == made.name else own for own in self._table.columns)
                self._table = replace(self._table, columns=tuple(columns))
        column.values[rows] = values


def _require_known(
    rows: OrderedRows,
    settings: SeriesSettings,
    preprocessing: SeriesPreprocessing,
    targets: Sequence[str],
    steps: int,
) -> None:
    """Refuse steps for which inputs are needed that are neither predicted nor follow from the time."""
    at_once = settings.gap + settings.horizon
    known = {*targets, rows.time, rows.group}
    unknown = [name for name in preprocessing.settings if name not in known]
    if steps > at_once and unknown:
        are = "is an input that is" if len(unknown) == 1 else "are inputs that are"
        what = f"--steps {steps:,} feeds predictions back, and {listed(unknown)} {are} not known then"
        help = f"use --steps {at_once:,} at most; or train with a longer `horizon`, or without these `features`"
        raise UsageError(what, help=help)


def _ends(rows: OrderedRows) -> Iterable[tuple[int, int]]:
    """The last stretch of each series."""
    of_groups = groupby(rows.stretches, key=lambda stretch: rows.groups[stretch[0]])
    return [list(stretches)[-1] for _, stretches in of_groups]


def _times_after(rows: OrderedRows, last: Array, steps: int) -> Array:
    """(G, steps); NaN where there are no times, or rows are at any distance."""
    if rows.time is None or rows.spacing.unit == "row":
        return np.full((len(last), steps), np.nan)
    times = rows.table[rows.time].values[last]
    return np.stack([rows.spacing.after(float(time), steps) for time in times])


def _extended(rows: OrderedRows, last: Array, past: int, times: Array) -> Table:
    """The last rows of each series, and behind them those that are not known, with their times and groups."""
    steps = times.shape[1]
    copied = last[:, np.newaxis] + np.minimum(np.arange(1 - past, steps + 1), 0)
    table = rows.table.take(copied.reshape(-1))
    for column in table.columns:
        values = column.values.reshape(len(last), past + steps)
        if column.name == rows.time:
            values[:, past:] = times
        elif column.name != rows.group:
            values[:, past:] = -1 if column.kind == "category" else np.nan
    return table
