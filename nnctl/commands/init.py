"""`nnctl init DATA`: reads a table, drafts its config, writes it where it is wanted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnctl.data.table.table import Table
from nnctl.drafting.draft import Draft, draft, require_targets
from nnctl.errors import Problem, UsageError
from nnctl.files import refuse_to_overwrite, write_atomically

PARQUET = (".parquet",)
TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", *PARQUET)


def init(data: str | Path, targets: Sequence[str], output: str | Path | None = None) -> dict[str, Any]:
    """Draft the config of a run that predicts columns of a table; write it to a file where one is named.

    Returns {"config": its path or None, "text": the YAML, "columns": [{"name", "kind", "missing", "distinct", "role",
    "why"}]}; role: input, target, id or left out. Raises UsageError, DataError, StorageError.
    """
    path, file = Path(data), None if output is None else Path(output)
    if not is_table(path):
        help = f"name a file that ends in {', '.join(TABLES[:-1])} or {TABLES[-1]}"
        raise UsageError(Problem("is no table", str(path), help=help))
    if file is not None:
        refuse_to_overwrite(file)
    require_targets(_header(path), targets)
    made = draft(_read(path), targets, _relative(path, Path.cwd() if file is None else file.parent))
    if file is not None:
        write_atomically(file, made.text.encode(), "-o FILE")
    return {"config": None if file is None else str(file), "text": made.text, "columns": _columns(made, targets)}


def is_table(path: Path) -> bool:
    """Whether the ending is one of a table."""
    return path.name.lower().endswith(TABLES)


def _header(path: Path) -> Sequence[str]:
    if path.name.lower().endswith(PARQUET):
        from nnctl.data.table.parquet import parquet_header

        return parquet_header(path)
    from nnctl.data.table.delimited import header_of

    return header_of(path)


def _read(path: Path) -> Table:
    if path.name.lower().endswith(PARQUET):
        from nnctl.data.table.parquet import read_parquet

        return read_parquet(path)
    from nnctl.data.table.delimited import read_delimited

    return read_delimited(path)


def _relative(path: Path, folder: Path) -> str:
    """The path as a config in this folder names it: relative, if they have more in common than the root."""
    path, folder = path.absolute(), folder.absolute()
    near = os.path.commonpath([path, folder]) != path.anchor
    return Path(os.path.relpath(path, folder)).as_posix() if near else str(path)


def _columns(made: Draft, targets: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for found in made.findings:
        is_target = found.name in targets
        role = "target" if is_target else "id" if found.name == made.id else "left out" if found.omitted else "input"
        counts = {"missing": found.missing, "distinct": found.distinct}
        why = made.aim.about if is_target else found.omitted
        rows.append({"name": found.name, "kind": found.kind, **counts, "role": role, "why": why})
    return rows
