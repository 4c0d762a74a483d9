"""The rows of a table in the order of time, series by series, and the stretches in which none is missing."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nnctl.data.table.dates import shown_date, written_date
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.spacing import Spacing, inferred_spacing
from nnctl.data.table.table import Array, Column, Table
from nnctl.errors import DataError, Problem
from nnctl.text import counted, shown_label, shown_number

FIRST_DAY = -365_000 * 1.0  # about the year 970
LAST_DAY = 2_900_000.0  # about the year 9900


@dataclass(frozen=True)
class OrderedRows:
    """A table whose rows are sorted by group, then by time."""

    table: Table
    time: str | None
    """The column of times; None where rows are in the order of the file."""
    group: str | None
    spacing: Spacing
    groups: Array
    """(R,) int64, the number of each row's series, ascending."""
    follows: Array
    """(R - 1,) whether a row is of the same series as the one before it, one spacing behind it."""

    @cached_property
    def stretches(self) -> list[tuple[int, int]]:
        """The first row and the one behind the last of rows that follow each other without a gap."""
        breaks = (np.flatnonzero(~self.follows) + 1).tolist()
        return list(zip([0, *breaks], [*breaks, len(self.table)], strict=True))

    @cached_property
    def stretch_starts(self) -> Array:
        """(R,), the first row of the stretch of each row."""
        first, end = np.array(self.stretches).T
        return np.repeat(first, end - first)

    def with_columns(self, names: Set[str | None]) -> OrderedRows:
        """With these columns only."""
        columns = tuple(column for column in self.table.columns if column.name in names)
        return replace(self, table=replace(self.table, columns=columns))

    def time_text(self, value: float) -> str:
        """A time as the file would have it."""
        column = None if self.time is None else self.table[self.time]
        if column is None or not np.isfinite(value):
            return ""
        if column.kind == "number":
            return f"{value:.15g}"
        date_format = column.hint.format
        is_iso = date_format is None or date_format.lower() == "iso"
        if is_iso and self.spacing.shows_days and float(value).is_integer():
            return shown_date(float(value))
        return written_date(float(value), date_format, is_exact=True)

    def group_text(self, row: int) -> str:
        """What the column of groups has in this row, as the file would have it."""
        column = None if self.group is None else self.table[self.group]
        if column is None:
            return ""
        value = float(column.values[row])
        if column.labels:
            return column.labels[int(value)]
        return written_date(value, column.hint.format) if column.kind == "date" else f"{value:.15g}"


def ordered(table: Table, settings: SeriesSettings, *, find_time: bool = True) -> tuple[OrderedRows, tuple[str, ...]]:
    """The rows in order, with the column of times and the spacing where they were open, and notes.

    find_time: whether the first column of dates is that of times where the settings name none.

    Raises DataError for rows without a time or a group, and for two of one series at one time.
    """
    notes: list[str] = []
    time = settings.time
    if time is None and find_time:
        time = next((column.name for column in table.columns if column.kind == "date"), None)
    groups = _groups(table, settings.group)
    if time is None:
        order = np.argsort(groups, kind="stable")
        if find_time:
            remedy = "where a column tells their order, set `series: {time: COLUMN}`"
            notes.append(f"no column holds dates: rows are taken in the order of the file; {remedy}")
    else:
        times = _times(table, time)
        _require_places(table, groups, times, time, settings.group)
        order = np.lexsort((times, groups))
        if late := _out_of_order(groups, times):
            are = "is" if late == 1 else "are"
            notes.append(f"{counted(late, 'row')} {are} not in the order of {time}: all are sorted by it")
    table, groups = table.take(order), groups[order]
    follows = np.diff(groups) == 0
    spacing = settings.spacing or Spacing("row")
    if time is not None and settings.spacing is None:
        are_dates = table[time].kind == "date"
        found = inferred_spacing(table[time].values, follows, are_dates=are_dates)
        spacing = found or spacing
        if found is None and follows.any():
            what = "rows are less than a millisecond apart"
            notes.append(f"{what}: they are taken for neighbours at any distance, as with `series: {{every: row}}`")
    rows = OrderedRows(table, time, settings.group, spacing, groups, follows)
    if time is not None:
        rows = replace(rows, follows=follows & spacing.follow(table[time].values))
        notes += _on_gaps(rows, follows)
    return rows, tuple(notes)


def _groups(table: Table, name: str | None) -> Array:
    """The number of each row's series, in the order in which they first occur."""
    if name is None:
        return np.zeros(len(table), np.int64)
    column = table[name]
    if column.missing.any():
        row = int(np.argmax(column.missing))
        help = "fill it in, or remove the row"
        raise DataError(table.problem(row, name, "a row has no group", help))
    _, first, numbers = np.unique(column.values, return_index=True, return_inverse=True)
    ranks = np.empty(len(first), np.int64)
    ranks[np.argsort(first)] = np.arange(len(first))
    return ranks[numbers.reshape(-1)]


def _times(table: Table, name: str) -> Array:
    column = table[name]
    if column.kind not in ("date", "number"):
        what = f"expected a column of dates or numbers, got {name}, a {column.kind}"
        raise DataError(Problem(what, path="data.series.time", help="name a column of dates, or leave `time` out"))
    if column.missing.any():
        count, row = int(column.missing.sum()), int(np.argmax(column.missing))
        what = "a row has no time" if count == 1 else f"{count:,} rows have no time, the first of them this one"
        if column.odd:
            what += f", or one that is not a {column.kind}"
        raise DataError(table.problem(row, name, what, "fill it in, or remove the row"))
    if column.kind == "date" and not ((column.values > FIRST_DAY) & (column.values < LAST_DAY)).all():
        row = int(np.argmax((column.values <= FIRST_DAY) | (column.values >= LAST_DAY)))
        raise DataError(table.problem(row, name, "the time is in no year that a calendar has", "fix the date"))
    return column.values


def _require_places(table: Table, groups: Array, times: Array, time: str, group: str | None) -> None:
    """Refuse two rows of one series at one time."""
    order = np.lexsort((times, groups))
    same = (np.diff(times[order]) == 0) & (np.diff(groups[order]) == 0)
    if not same.any():
        return
    place = int(np.flatnonzero(same)[0])
    before, row = sorted(order[place : place + 2].tolist())
    shown = _text(table[time], row)
    of = f" of {group} {_text(table[group], row)}" if group else ""
    what = f"the time {shown}{of} is that of line {int(table.lines[before]):,}, too"
    count = int(same.sum())
    if count > 1:
        what += f"; {count:,} rows have the time of another one"
    series = "" if group else ", or set `series: {group: COLUMN}` where the file has several series"
    raise DataError(table.problem(row, time, what, f"remove one of the rows{series}"))


def _out_of_order(groups: Array, times: Array) -> int:
    """How many rows come behind a later one of their series."""
    order = np.argsort(groups, kind="stable")
    groups, times = groups[order], times[order]
    count = 0
    for part in np.split(times, np.flatnonzero(np.diff(groups)) + 1):
        count += int(np.count_nonzero(part < np.maximum.accumulate(part)))
    return count


def _on_gaps(rows: OrderedRows, same: Array) -> list[str]:
    """What to tell of rows that do not follow the one before. same: whether they are of one series."""
    broken = np.flatnonzero(same & ~rows.follows)
    if not len(broken):
        return []
    assert rows.time is not None
    before, after = (_text(rows.table[rows.time], int(row)) for row in (broken[0], broken[0] + 1))
    of = f" of {rows.group} {rows.group_text(int(broken[0]))}" if rows.group else ""
    first = f"{'the first ' if len(broken) > 1 else ''}from {before} to {after}{of}"
    gaps = f"{counted(len(broken), 'gap')} that no window spans ({first})"
    remedy = "to take rows for neighbours at any distance set `series: {every: row}`"
    return [f"rows of the series are {rows.spacing.apart} apart, with {gaps}; {remedy}"]


def short_groups(rows: OrderedRows, has_window: Array) -> list[str]:
    """The names of the series without a window. has_window: (R,) whether one begins at a row."""
    own = np.bincount(rows.groups, weights=has_window)
    _, first = np.unique(rows.groups, return_index=True)
    return [rows.group_text(int(row)) for row, count in zip(first, own, strict=True) if count == 0]


def _text(column: Column, row: int) -> str:
    """A cell for people."""
    value = column.values[row]
    if column.labels:
        return shown_label(column.labels[int(value)])
    return shown_date(float(value)) if column.kind == "date" else shown_number(float(value))
