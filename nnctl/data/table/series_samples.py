"""From a table to the windows of its series, with their targets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnctl.data.naive import LAST, SEASONAL
from nnctl.data.source import Samples
from nnctl.data.table.ordered_rows import OrderedRows, short_groups
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.table import Array, Table
from nnctl.data.table.target_columns import MissingTarget, targets_of, with_targets
from nnctl.data.table.windows import Windows, window_starts
from nnctl.errors import DataError, Problem
from nnctl.text import counted, listed, share


def cut(
    rows: OrderedRows,
    settings: SeriesSettings,
    features: tuple[str, ...],
    targets: Sequence[str],
    missing_target: MissingTarget,
    *,
    is_trained: bool = False,
) -> Samples:
    """All windows whose targets are there. Raises DataError where there is none, and for targets that cannot be.

    targets of the samples: (N,), or (N, K) for a column and K rows, or for K columns: column by column, in each row by
    row. A sample has the line of the first row that it predicts. is_trained: whether the settings are a trained
    network's, and stay.
    """
    table = rows.table
    _require_targets(table, targets, settings, missing_target)
    starts = window_starts(rows, settings.rows, settings.stride)
    if not len(starts):
        raise too_short(rows, settings.window, settings.gap + settings.horizon, is_trained=is_trained)
    windows = Windows(rows, starts, settings, features)
    known = ~np.logical_or.reduce([table[name].missing for name in targets])
    complete = known[windows.target_rows].all(axis=1)
    if not complete.any():
        what = f"no window of {settings.window:,} rows has all of its targets: {listed(targets)}"
        raise DataError(Problem(what, file=table.origin, help="fill in the missing targets, or set a shorter horizon"))
    notes = _notes(windows, complete, targets)
    windows = Windows(rows, starts[complete], settings, features)
    own = _shaped([table[name].values[windows.target_rows] for name in targets])
    naive = {LAST: _naive(windows, targets, np.repeat(windows.last_rows[:, np.newaxis], settings.horizon, axis=1))}
    if settings.season is not None:
        ahead = windows.target_rows - windows.last_rows[:, np.newaxis]
        seasons = -(-ahead // settings.season)
        naive[SEASONAL] = _naive(windows, targets, windows.target_rows - seasons * settings.season)
    return Samples(
        windows,
        own,
        table.origin,
        tuple(name for target in targets for name in target_names(target, settings)),
        table.lines[windows.target_rows[:, 0]],
        table[targets[0]].labels if own.ndim == 1 else (),
        notes=notes,
        naive=naive,
    )


def target_names(target: str, settings: SeriesSettings) -> list[str]:
    """Of the values of one column: the column's own name where it is one."""
    if settings.horizon == 1:
        return [target]
    return [f"{target}+{settings.gap + number}" for number in range(1, settings.horizon + 1)]


def _shaped(columns: list[Array]) -> Array:
    """(N,) of one column's single values, else (N, K). columns: (N, horizon) each."""
    if len(columns) == 1 and columns[0].shape[1] == 1:
        return columns[0][:, 0]
    return np.concatenate(columns, axis=1)


def _require_targets(
    table: Table, targets: Sequence[str], settings: SeriesSettings, missing_target: MissingTarget
) -> None:
    """Refuse missing targets where none may be or all are, dates, and words that cannot be predicted."""
    if missing_target == "refuse" or any(table[name].missing.all() for name in targets):
        with_targets(table, targets, "refuse")
    targets_of(table, targets)  # refuses words in several columns
    for name in targets:
        kind = table[name].kind
        if kind == "date":
            what = f"{name} is a column of dates, which are no targets of a series"
            raise DataError(Problem(what, path="data.target", help="name a column of numbers or of words"))
        if kind == "category" and settings.horizon > 1:
            what = f"is {settings.horizon:,}, and {name} is a column of words: of these one row is predicted"
            help = f"leave it out, and set `gap: {settings.gap + settings.horizon - 1}` to predict a later row"
            raise DataError(Problem(what, path="data.series.horizon", help=help))


def _naive(windows: Windows, targets: Sequence[str], sources: Array) -> Array:
    """The targets of other rows, or what was known last before them in their stretch. sources: (N, horizon) rows."""
    stretch_starts = windows.rows.stretch_starts
    first = stretch_starts[windows.starts][:, np.newaxis]
    columns = []
    for name in targets:
        column = windows.table[name]
        known = np.maximum.accumulate(np.where(column.missing, -1, np.arange(len(column.values))))
        rows = np.where(sources >= first, known[np.maximum(sources, 0)], -1)
        nothing = -1 if column.kind == "category" else np.nan
        columns.append(np.where(rows >= first, column.values[np.maximum(rows, 0)], nothing))
    return _shaped(columns)


def _notes(windows: Windows, complete: Array, targets: Sequence[str]) -> tuple[str, ...]:
    """complete: (N,) which windows have their targets."""
    rows, settings, notes = windows.rows, windows.settings, []
    if rows.group is not None:
        begins = np.zeros(len(rows.table), bool)
        begins[windows.starts] = True
        if short := short_groups(rows, begins):
            have = "has" if len(short) == 1 else "have"
            of = share(len(short), int(rows.groups[-1]) + 1, "series")
            need = counted(settings.rows, "row")
            notes.append(f"{of} {have} no {need} that follow each other, and no window: {listed(short)}")
    if lacking := int(np.count_nonzero(~complete)):
        are = "is" if lacking == 1 else "are"
        of = share(lacking, len(windows), "windows")
        notes.append(f"{of} {are} left out, behind which {listed(targets)} is missing")
    return (*notes, *notes_on_missing(rows.table, windows.features, windows.covered()))


def notes_on_missing(table: Table, features: Sequence[str], rows: Array) -> tuple[str, ...]:
    """What to tell of inputs that are filled in. rows: (N,), those in windows, each once."""
    missing = {name: int(np.count_nonzero(table[name].missing[rows])) for name in features}
    counts = listed(f"{name} in {count:,}" for name, count in missing.items() if count)
    if not counts:
        return ()
    of = f"of the {len(rows):,} rows in windows"
    return (f"{of} some have no value, which is filled in as `numbers` and `categories` say: {counts}",)


def too_short(rows: OrderedRows, window: int, behind: int = 0, *, is_trained: bool = True) -> DataError:
    """No stretch has enough rows. behind: how many a window needs behind it; is_trained: as for `cut`."""
    longest = max(end - first for first, end in rows.stretches)
    needed = counted(window + behind, "row")
    if behind:
        needs = f"a window of {window:,} and {counted(behind, 'row')} behind it need {needed}"
    else:
        needs = f"a window has {needed}"
    apart = "" if rows.spacing.unit == "row" else f" {rows.spacing.apart} apart"
    remedies = [f"give a series of at least {needed}{apart}"]
    if not is_trained and longest > behind:
        remedies.insert(0, f"set `series: {{window: {longest - behind}}}` or a shorter one")
    if len(rows.stretches) == 1:
        what = f"has {counted(longest, 'row')}, {needs}"
    else:
        what = f"not more than {counted(longest, 'row')} in a row{apart}, {needs}"
        if not is_trained and apart:
            remedies[-1] = "take rows for neighbours at any distance with `series: {every: row}`"
    return DataError(Problem(what, file=rows.table.origin, help=", or ".join(remedies)))
