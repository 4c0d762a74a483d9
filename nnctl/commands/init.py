"""`nnctl init DATA`: reads a table, drafts its config, writes it where it is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from nnctl.data.source import Source, find_format
from nnctl.data.table.settings import by_column, hints_of
from nnctl.data.table.source import TableSource
from nnctl.data.table.table import Table
from nnctl.drafting.draft import Draft, draft, require_targets
from nnctl.errors import DataError, Problem, UsageError
from nnctl.files import refuse_to_overwrite, write_atomically
from nnctl.paths import absolute, relative
from nnctl.regular_file import shown
from nnctl.spec import kinds
from nnctl.text import composed


def init(
    data: str | Path,
    targets: Sequence[str],
    output: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    **reading: Any,
) -> dict[str, Any]:
    """Draft the config of a run that predicts columns of a table; write it to a file where one is named.

    columns: the types of columns by name, where they are not to be inferred. reading: other keys of a source, such as
    encoding, delimiter, decimal, skip, comment and missing; those that are None are inferred.
    Returns {"config": its path or None, "text": the YAML, "columns": [{"name", "kind", "missing", "distinct", "role",
    "why"}], "notes": [...]}; role: input, target, id or left out. Raises UsageError, DataError, StorageError.
    """
    path, file = Path(data), None if output is None else Path(output)
    given = {key: value for key, value in reading.items() if value is not None}
    source = _source_of(path, targets, columns or {}, given)
    if file is not None:
        refuse_to_overwrite(file)
    header = source.header(path)
    targets = [composed(name) for name in targets]
    require_targets(header, targets)
    own = by_column(source.columns, header, shown(path))
    table = source.table(path, hints_of(own, header, source.missing), None, lenient=True)
    unreadable = [name for name in header if name not in table.names]
    if lost := [name for name in targets if name in unreadable]:
        what = f"column {lost[0]}, the target, holds neither numbers, text nor dates"
        raise DataError(Problem(what, file=shown(path), help="save it as one of these, or choose another target"))
    made = draft(table, targets, _relative(path, Path.cwd() if file is None else file.parent), given, unreadable)
    if file is not None:
        write_atomically(file, made.text.encode(), "-o FILE")
    return {
        "config": None if file is None else str(file),
        "text": made.text,
        "columns": _columns(made, table, targets),
        "notes": list(table.notes),
    }


def is_table(path: Path) -> bool:
    """Whether a format of tables recognises the file."""
    kind = find_format(path)
    return kind is not None and issubclass(kind, TableSource)


def _source_of(
    path: Path, targets: Sequence[str], columns: Mapping[str, str], reading: Mapping[str, Any]
) -> TableSource:
    """What reads the table."""
    kind = find_format(path)
    if kind is None or not issubclass(kind, TableSource):
        tables = [kind for kind in kinds(Source).values() if issubclass(kind, TableSource)]
        *endings, last = (ending for kind in tables for ending in kind.suffixes)
        help = f"name a file that ends in {', '.join(endings)} or {last}"
        raise UsageError(Problem("is not a table", str(path), help=help))
    for key in reading:
        if key not in kind.model_fields:
            raise UsageError(f"--{key} is not for {path.suffix} files", help="leave it out")
    try:
        return kind.model_validate(
            {
                "source": absolute(str(path), Path.cwd()),
                "target": list(targets) or ["?"],
                "columns": dict(columns),
                **reading,
            }
        )
    except ValidationError as error:
        first = error.errors()[0]
        option = "column" if first["loc"][0] == "columns" else first["loc"][0]
        raise UsageError(f"--{option}: {first['msg']}", help="see `nnctl init --help`") from None


def _relative(path: Path, folder: Path) -> str:
    """The path as a config in this folder names it: relative, if they have more in common than the root."""
    return relative(absolute(str(path), Path.cwd()), folder)


def _columns(made: Draft, table: Table, targets: Sequence[str]) -> list[dict[str, Any]]:
    """table: with the rows that have no target, which the draft is without."""
    rows = []
    for found in made.profiles:
        is_target = found.name in targets
        role = "target" if is_target else "id" if found.name == made.id else "left out" if found.omitted else "input"
        counts = {"missing": int(table[found.name].missing.sum()), "distinct": found.distinct}
        why = made.task.about if is_target else found.omitted
        rows.append({"name": found.name, "kind": found.kind, **counts, "role": role, "why": why})
    return rows
