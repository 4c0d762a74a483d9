"""A list of pictures: a table with a row a picture, in which columns say its file and its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nnctl.data.source import Array
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.delimited import delimited_blocks, header_of, read_delimited
from nnctl.data.table.header import require_columns
from nnctl.data.table.table import Table
from nnctl.data.table.target_columns import date_notes, targets_of, with_targets
from nnctl.errors import DataError
from nnctl.regular_file import shown

LISTS = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
MOST_PROBLEMS = 10
FIRST_ROWS = 20  # of a table, that are looked at to find the column that names pictures


@dataclass(frozen=True)
class FileList:
    """The rows of a list that have a target, or all where none is asked for."""

    folder: Path
    """That of the list, from which its names start."""
    names: tuple[str, ...]
    """Of each picture, as the list has them."""
    table: Table
    """The columns that were read, a row a picture."""
    targets: Array
    """(N,), or (N, K) for K > 1 columns."""
    labels: tuple[str, ...]
    """The words that targets stand for; empty where they are numbers."""
    notes: tuple[str, ...]

    @property
    def files(self) -> list[Path]:
        """Where the pictures lie."""
        return [self.folder / name for name in self.names]


def is_list(path: Path) -> bool:
    """Whether a file is a list of pictures, by its ending."""
    return path.name.lower().endswith(LISTS)


def naming_columns(path: Path, suffixes: tuple[str, ...]) -> list[str]:
    """The columns of a table whose first cells name pictures that are there. suffixes: the endings of pictures."""
    try:
        table = next(delimited_blocks(path, rows=FIRST_ROWS))
    except DataError:  # which reading the whole table tells
        return []
    return [
        column.name
        for column in table.columns
        if column.labels
        and all(name.lower().endswith(suffixes) and (path.parent / name).is_file() for name in column.labels)
    ]


def read_list(path: Path, file: str, target: Sequence[str] = (), others: Sequence[str] = ()) -> FileList:
    """file, target, others: names of columns; the others decide which rows are set aside. Raises DataError."""
    header = header_of(path)
    require_columns(path, header, [file], "file")
    require_columns(path, header, target)
    hints = {file: ColumnHint(kind="category", free=True)}
    table = read_delimited(path, hints=hints, wanted={file, *target, *others})
    notes = (*table.notes, *date_notes(table, target))
    targets: Array = np.empty(len(table))
    labels: tuple[str, ...] = ()
    if target:
        table, left_out = with_targets(table, target, "drop")
        targets, labels = targets_of(table, target)
        notes = (*notes, *left_out)
    names = table[file]
    problems = [
        table.problem(int(row), file, "names no picture", "name one, or remove the row")
        for row in np.flatnonzero(names.missing)[:MOST_PROBLEMS]
    ]
    if problems:
        raise DataError(*problems)
    texts = tuple(names.labels[number] for number in names.values.astype(int))
    return FileList(path.parent, texts, table, targets, labels, tuple(f"{shown(path)}: {note}" for note in notes))
