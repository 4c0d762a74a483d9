"""What `nnctl init` takes for pictures: a folder of class folders, or a table of which a column names files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nnctl.commands.examples import folder_error
from nnctl.data.formats.images import Images
from nnctl.data.images.file_list import is_list, naming_columns
from nnctl.data.source import find_format
from nnctl.data.table.column_name import column_name
from nnctl.data.table.delimited import header_of
from nnctl.drafting.draft import require_targets
from nnctl.drafting.pictures import Pictures, pictures_in_folders, pictures_in_list
from nnctl.errors import Problem, UsageError
from nnctl.regular_file import shown
from nnctl.text import listed, typed


def are_in_folder(path: Path) -> bool:
    """Whether this is a folder that holds pictures."""
    return path.is_dir() and find_format(path) is Images


def pictures_of(path: Path, targets: Sequence[str], file: str | None, options: Collection[str]) -> Pictures | None:
    """The pictures that are to be learnt from; None where that is a table.

    file: the column that names them, None where it is to be found. options: those besides that only a table has; with
    any a table is one. Raises UsageError, DataError.
    """
    if path.is_dir():
        _refuse_options(path, targets, file, options)
        return pictures_in_folders(path)
    if find_format(path) is Images:
        help = "name the folder that holds a folder for each class, or a table that names pictures"
        raise UsageError(Problem("is one picture", str(path), help=help))
    if file is None:
        file = None if options or not is_list(path) else _naming_column(path, targets)
        return None if file is None else _in_list(path, targets, file)
    if not is_list(path):
        raise UsageError(
            Problem("--file is for .csv and .tsv files", str(path), help="leave it out, or save it as CSV")
        )
    for option in options:
        raise UsageError(f"--{option} is for tables, and --file makes a list of pictures of it", help="leave one out")
    return _in_list(path, targets, column_name(file))


def report_of(pictures: Pictures) -> dict[str, Any]:
    """What was found, as init reports it: "columns" of a list, and "pictures"."""
    looked = pictures.looked
    return {
        "columns": _columns(pictures),
        "pictures": {
            "splits": pictures.counts,
            "classes": pictures.classes,
            "size": list(looked.frame.size),
            "mode": looked.frame.mode,
            "damaged": looked.damaged,
        },
    }


def _refuse_options(folder: Path, targets: Sequence[str], file: str | None, options: Collection[str]) -> None:
    if not are_in_folder(folder):
        raise folder_error(str(folder))
    given = [*["target"] * bool(targets), *["file"] * (file is not None), *options]
    if given:
        what = f"--{given[0]} is for tables, and {shown(folder)} is a folder: its folders' names are the classes"
        raise UsageError(what, help="leave it out")


def _naming_column(path: Path, targets: Sequence[str]) -> str | None:
    names = [name for name in naming_columns(path, Images.suffixes) if name not in map(column_name, targets)]
    return names[0] if len(names) == 1 else None


def _in_list(path: Path, targets: Sequence[str], file: str) -> Pictures:
    others = [name for name in header_of(path) if name != file]
    targets = [column_name(name) for name in targets] or (others if len(others) == 1 else [])
    require_targets(others, targets)
    return pictures_in_list(path, file, targets)


def note_on_columns(path: Path, pictures: Pictures) -> str:
    """That other columns of a list are no inputs; empty where there are none."""
    own = (pictures.file, *pictures.targets)
    others = [name for name in header_of(path) if name not in own] if pictures.file else []
    if not others:
        return ""
    columns, are = ("column", "is") if len(others) == 1 else ("columns", "are")
    note = f"column {pictures.file} names pictures, which are what is learnt from; {columns} {listed(others)} {are} not"
    table = f"--column {typed(f'{pictures.file}=category').partition(' ')[2]}"
    return f"{note}; {table} makes a table of it, and leaves the pictures out"


def _columns(pictures: Pictures) -> list[dict[str, Any]]:
    if pictures.table is None:
        return []
    rows = len(pictures.table)
    named = {"name": pictures.file, "kind": "category", "missing": 0, "distinct": rows}
    return [{**named, "role": "input", "why": "names the pictures"}] + [
        {
            **{"name": column.name, "kind": column.kind, "missing": 0, "distinct": len(np.unique(column.values))},
            **{"role": "target", "why": pictures.task.about},
        }
        for column in pictures.table.columns
    ]
