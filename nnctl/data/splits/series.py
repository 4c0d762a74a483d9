"""Splits of a series: by the rows that windows predict, so that nothing of the future is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from nnctl.data.splits.groups import is_grouped, take_groups
from nnctl.data.splits.name_rule import NameRule
from nnctl.data.splits.row_rule import RowRule
from nnctl.data.splits.split import Fold
from nnctl.data.table.table import Array
from nnctl.data.table.windows import Windows
from nnctl.errors import DataError, Problem
from nnctl.text import counted, share

Part = float | RowRule | NameRule | Fold
TRAIN = "train"
UNUSED = -1  # rows behind a fold


class SeriesSplit(NamedTuple):
    """Windows by split."""

    windows: Mapping[str, Array]
    """(N,) positions of the windows, ascending."""
    notes: tuple[str, ...]


def split_windows(windows: Windows, parts: Mapping[str, Part], seed: int) -> SeriesSplit:
    """The windows of each part, and those to train on. parts: by name, in the order in which they are set aside,
    none by the names of files, which rows do not have.

    A window is in the split in which the rows lie that it predicts; it may look back at the rows of another one, but
    for those to train on. A fraction is the last part of each series. Fold k of n: each series is cut into n + 1 parts
    in time, those before the part k + 1 are to train on, and this one to test on: forward chaining, as scikit-learn's
    TimeSeriesSplit. Raises DataError where a split is left without a window.
    """
    names = (TRAIN, *parts)
    owner = np.zeros(len(windows.table), np.int64)  # of each row, the number of its split
    notes: tuple[str, ...] = ()
    for number, (name, part) in enumerate(parts.items(), 1):
        if is_grouped(part):
            _, taken, told = take_groups(windows.table, np.flatnonzero(owner == 0), part, seed, name)
            owner[taken] = number
            notes += told
        elif isinstance(part, Fold):
            _by_fold(windows, owner, part, number)
        elif isinstance(part, RowRule):
            left = np.flatnonzero(owner == 0)
            owner[left[part.rows(windows.table.take(left), f"data.{name}")]] = number
        elif isinstance(part, float):
            _by_fraction(windows, owner, part, number, name)
    predicted = owner[windows.target_rows]
    first = predicted[:, 0]
    whole = (predicted == first[:, np.newaxis]).all(axis=1)
    own = first == 0
    touches = own & whole & _touches(windows, owner != 0)
    chosen = {name: np.flatnonzero(whole & (first == number)) for number, name in enumerate(names)}
    chosen[TRAIN] = np.flatnonzero(own & whole & ~touches)
    for name, found in chosen.items():
        if not len(found):
            raise _none_left(windows, name, parts)
    return SeriesSplit(chosen, notes + tuple(_notes(windows, owner, chosen, names, ~whole, touches)))


def _by_fraction(windows: Windows, owner: Array, fraction: float, number: int, name: str) -> None:
    """Give the last windows of each series that are left to a split, and all rows from the first that they predict."""
    groups = windows.rows.groups
    targets = windows.target_rows
    left = np.flatnonzero((owner[targets] == 0).all(axis=1))
    own = groups[windows.starts[left]]
    taken = 0
    for group in np.unique(own):
        members = left[own == group]
        count = round(fraction * len(members))
        taken += count
        if count:
            begin = targets[members[-count], 0]
            owner[begin:][(groups[begin:] == group) & (owner[begin:] == 0)] = number
    if taken in (0, len(left)):
        takes = "takes none" if taken == 0 else "takes all"
        what = f"is {fraction}: of {len(left):,} windows {name} {takes}"
        raise DataError(Problem(what, path=f"data.{name}", help="give longer series, or another fraction"))


def _by_fold(windows: Windows, owner: Array, fold: Fold, number: int) -> None:
    """Give one part of each series to a split, and those behind it to none."""
    groups, first_targets = windows.rows.groups, windows.target_rows[:, 0]
    of_windows = groups[windows.starts]
    for group in np.unique(of_windows):
        members = first_targets[of_windows == group]
        if len(members) <= fold.folds:
            of = f" of {windows.rows.group_text(int(members[0]))}" if windows.rows.group else ""
            what = f"{fold.folds:,} folds need {fold.folds + 1:,} windows of a series, there are {len(members):,}{of}"
            raise DataError(Problem(what, path="data.fold", help="use fewer folds, or give longer series"))
        bounds = [round(len(members) * part / (fold.folds + 1)) for part in range(1, fold.folds + 1)]
        begin = members[bounds[fold.number - 1]]
        end = members[bounds[fold.number]] if fold.number < fold.folds else len(owner)
        own = np.flatnonzero(groups == group)
        owner[own[(own >= begin) & (own < end)]] = number
        owner[own[own >= end]] = UNUSED


def _touches(windows: Windows, foreign: Array) -> Array:
    """Which windows have rows of another split among their inputs, (N,). foreign: (R,) truth values."""
    before = np.concatenate([[0], np.cumsum(foreign)])
    return np.asarray(before[windows.starts + windows.settings.window] > before[windows.starts])


def _none_left(windows: Windows, name: str, parts: Mapping[str, Part]) -> DataError:
    rows = windows.settings.rows
    horizon = counted(windows.settings.horizon, "row")
    if name == TRAIN:
        what = f"no window is left to train on: each takes {rows:,} rows that follow each other"
        return DataError(Problem(what, path="data.series", help="set less aside, or set a shorter window"))
    key = "fold" if isinstance(parts[name], Fold) else name
    what = f"leaves no window: none predicts {horizon} of these rows alone"
    return DataError(Problem(what, path=f"data.{key}", help="take more rows, or set a shorter window or horizon"))


def _notes(
    windows: Windows, owner: Array, chosen: Mapping[str, Array], names: tuple[str, ...], torn: Array, touches: Array
) -> list[str]:
    notes = []
    if count := int(np.count_nonzero(torn)):
        are, they, predict = ("is", "it", "predicts") if count == 1 else ("are", "they", "predict")
        of = share(count, len(windows), "windows")
        notes.append(f"{of} {are} left out: the rows that {they} {predict} lie in two splits")
    if count := int(np.count_nonzero(touches)):
        are, they_have = ("is", "it has") if count == 1 else ("are", "they have")
        of = share(count, len(windows), "windows")
        notes.append(f"{of} {are} not trained on: {they_have} rows of another split among the inputs")
    groups = windows.rows.groups
    for number, name in enumerate(names[1:], 1):
        own = owner == number
        earliest = np.full(int(groups[-1]) + 1, len(owner))
        np.minimum.at(earliest, groups[own], np.flatnonzero(own))
        predicted = windows.target_rows[chosen[TRAIN], 0]
        later = int(np.count_nonzero(predicted > earliest[groups[predicted]]))
        if later:
            are = "is" if later == 1 else "are"
            of = share(later, len(predicted), "training windows")
            notes.append(f"{of} {are} later than {name} samples: of these training knows the future")
    return notes
