"""`nnctl init DATA`: reads a table or looks at pictures, drafts a config, writes it where it is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nnctl.commands.init_pictures import are_in_folder, note_on_columns, pictures_of, report_of
from nnctl.config.messages import expectation
from nnctl.data.formats.csv import CSV
from nnctl.data.source import Source, find_format
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.column_name import column_name
from nnctl.data.table.sentinels import sentinel_note, sentinels
from nnctl.data.table.settings import by_column, hints_of
from nnctl.data.table.source import TableSource
from nnctl.data.table.table import Kind, Table
from nnctl.drafting.draft import Draft, draft, require_targets
from nnctl.drafting.picture_draft import draft_pictures
from nnctl.drafting.target_hint import hint_as_target, target_note
from nnctl.errors import DataError, Problem, UsageError
from nnctl.files import refuse_to_overwrite, write_atomically
from nnctl.paths import absolute, relative
from nnctl.regular_file import shown
from nnctl.spec import kinds
from nnctl.text import did_you_mean

OPTIONS = {"columns": "column"}  # that are not called as their keys are


def init(
    data: str | Path,
    targets: Sequence[str] = (),
    output: str | Path | None = None,
    *,
    file: str | None = None,
    columns: Mapping[str, str] | None = None,
    **reading: Any,
) -> dict[str, Any]:
    """Draft the config of a run that predicts columns of a table, or learns from pictures; write it where a file is
    named.

    data: a table, a folder of pictures in class folders, or a table that names pictures. targets: the columns to
    predict. file: the column that names pictures; unset, it is found. columns: the types of columns by name, where they
    are not to be inferred. reading: other keys of a table, such as encoding, delimiter, decimal, skip, comment and
    missing; those that are None are inferred.
    Returns {"config": its path or None, "text": the YAML, "columns": [{"name", "kind", "missing", "distinct", "role",
    "why"}], "notes": [...]}; role: input, target, id or left out. Of pictures also {"pictures": {"splits": their number
    by split, "classes": the same by class, "size", "mode", "damaged"}}. Raises UsageError, DataError, StorageError.
    """
    path, config = Path(data), None if output is None else Path(output)
    given = {key: value for key, value in reading.items() if value is not None}
    pictures = pictures_of(path, targets, file, [*["column"] * bool(columns), *given])
    if config is not None and pictures is not None:
        refuse_to_overwrite(config)
    source = _relative(path, Path.cwd() if config is None else config.parent)
    if pictures is None:
        text, found = _of_table(path, source, targets, config, columns or {}, given)
    else:
        text, found = draft_pictures(pictures, source), report_of(pictures)
        found["notes"] = [*pictures.notes, *filter(None, [note_on_columns(path, pictures)])]
    if config is not None:
        write_atomically(config, text.encode(), "-o FILE")
    return {"config": None if config is None else str(config), "text": text, **found}


def _of_table(
    path: Path,
    source: str,
    targets: Sequence[str],
    config: Path | None,
    types: Mapping[str, str],
    given: dict[str, Any],
) -> tuple[str, dict[str, Any]]:
    """A config for a table, and its columns and notes. source: the table, as the config names it."""
    if find_format(path) is None:  # its content tells whether it is text
        given = {"format": "csv", **given}
    reader = _source_of(path, targets, types, given)
    if config is not None:
        refuse_to_overwrite(config)
    with _told_of_options():
        header = reader.header(path)
    targets = [column_name(name) for name in targets]
    require_targets(header, targets)
    with _told_of_options():
        own = by_column(reader.columns, header, shown(path))
        table = _read(reader, path, hints_of(own, header, reader.missing), targets)
    unreadable = [name for name in header if name not in table.names]
    if lost := [name for name in targets if name in unreadable]:
        what = f"column {lost[0]}, the target, holds neither numbers, text nor dates"
        raise DataError(Problem(what, file=shown(path), help="save it as one of these, or choose another target"))
    made = draft(table, targets, source, given, unreadable)
    return made.text, {"columns": _columns(made, table, targets), "notes": list(table.notes)}


def _read(source: TableSource, path: Path, hints: Mapping[str, ColumnHint], targets: Sequence[str]) -> Table:
    """The table, its target as a target is to be read, with what is to be noted of it."""
    table = source.table(path, hints, None, lenient=True)
    notes = []
    hint = None
    if len(targets) == 1 and (name := targets[0]) in table.names:
        first = table[name]
        hint = hint_as_target(first, hints.get(name, ColumnHint()), source.missing)
    if hint is not None:
        table = source.table(path, {**hints, name: hint}, None, lenient=True)
        notes = [target_note(first, table[name])]
    if found := sentinels(table.columns):
        notes.append(sentinel_note(found, as_options=True))
    return replace(table, notes=(*table.notes, *filter(None, notes)))


@contextmanager
def _told_of_options() -> Iterator[None]:
    """Turns what is wrong with keys of a config into what is wrong with the options that they come from."""
    try:
        yield
    except DataError as error:
        raise DataError(*map(_of_option, error.problems)) from None


def _of_option(problem: Problem) -> Problem:
    key = problem.path.removeprefix("data.").partition(".")[0]
    if not problem.path.startswith("data."):
        return problem
    return replace(problem, what=f"--{OPTIONS.get(key, key)}: {problem.what}", path="")


def is_data(path: Path) -> bool:
    """Whether a config can be drafted for it, as far as its name tells: any file, and a folder that holds pictures."""
    kind = find_format(path)
    return path.is_file() or are_in_folder(path) or (kind is not None and issubclass(kind, TableSource))


def _source_of(
    path: Path, targets: Sequence[str], columns: Mapping[str, str], reading: Mapping[str, Any]
) -> TableSource:
    """What reads the table."""
    kind = find_format(path) or CSV
    if not issubclass(kind, TableSource):
        tables = [kind for kind in kinds(Source).values() if issubclass(kind, TableSource)]
        *endings, last = (ending for kind in tables for ending in kind.suffixes)
        help = f"name a file that ends in {', '.join(endings)} or {last}, or copy an example: `nnctl init --list`"
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
        raise _refusal(error.errors(include_url=False)[0], columns) from None


def _refusal(error: ErrorDetails, columns: Mapping[str, str]) -> UsageError:
    """What is wrong with an option, by what the schema says of it."""
    key, *inside = error["loc"]
    if key == "columns":
        given = columns.get(name := str(inside[0]), "")
        types = get_args(Kind)
        help = did_you_mean(given, types) or f"the types are {', '.join(types)}"
        return UsageError(f"--column {name}={given}: unknown type {given!r}", help=help)
    what = f"--{key}: expected {expectation(error)}, got {str(error['input'])!r}"
    return UsageError(what, help="see `nnctl init --help`")


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
