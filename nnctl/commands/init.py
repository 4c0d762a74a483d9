"""`nnctl init DATA`: reads a table, drafts its config, writes it where it is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nnctl.data.source import Source, find_format
from nnctl.data.table.source import TableSource
from nnctl.drafting.draft import Draft, draft, require_targets
from nnctl.errors import Problem, UsageError
from nnctl.files import refuse_to_overwrite, write_atomically
from nnctl.paths import absolute, relative
from nnctl.spec import kinds


def init(data: str | Path, targets: Sequence[str], output: str | Path | None = None) -> dict[str, Any]:
    """Draft the config of a run that predicts columns of a table; write it to a file where one is named.

    Returns {"config": its path or None, "text": the YAML, "columns": [{"name", "kind", "missing", "distinct", "role",
    "why"}]}; role: input, target, id or left out. Raises UsageError, DataError, StorageError.
    """
    path, file = Path(data), None if output is None else Path(output)
    source = _source_of(path)
    if file is not None:
        refuse_to_overwrite(file)
    require_targets(source.header(path), targets)
    made = draft(source.table(path, {}, None), targets, _relative(path, Path.cwd() if file is None else file.parent))
    if file is not None:
        write_atomically(file, made.text.encode(), "-o FILE")
    return {"config": None if file is None else str(file), "text": made.text, "columns": _columns(made, targets)}


def is_table(path: Path) -> bool:
    """Whether a format of tables recognises the file."""
    kind = find_format(path)
    return kind is not None and issubclass(kind, TableSource)


def _source_of(path: Path) -> TableSource:
    """What reads the table, with the defaults of its format."""
    kind = find_format(path)
    if kind is None or not issubclass(kind, TableSource):
        tables = [kind for kind in kinds(Source).values() if issubclass(kind, TableSource)]
        *endings, last = (ending for kind in tables for ending in kind.suffixes)
        help = f"name a file that ends in {', '.join(endings)} or {last}"
        raise UsageError(Problem("is not a table", str(path), help=help))
    return kind.model_construct(source=str(path), target=[])


def _relative(path: Path, folder: Path) -> str:
    """The path as a config in this folder names it: relative, if they have more in common than the root."""
    return relative(absolute(str(path), Path.cwd()), folder)


def _columns(made: Draft, targets: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for found in made.profiles:
        is_target = found.name in targets
        role = "target" if is_target else "id" if found.name == made.id else "left out" if found.omitted else "input"
        counts = {"missing": found.missing, "distinct": found.distinct}
        why = made.task.about if is_target else found.omitted
        rows.append({"name": found.name, "kind": found.kind, **counts, "role": role, "why": why})
    return rows
