"""`nnctl init`: its options, the list of examples, and what was inferred of a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnctl.cli import output
from nnctl.errors import UsageError
from nnctl.text import alternatives, typed

if TYPE_CHECKING:
    from rich.table import Table


def init(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[DATA|EXAMPLE]",
            help="A table (.csv, .tsv, .gz of these, .parquet), a folder of pictures, or an example.",
        ),
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", metavar="COLUMN", help="The column to predict. Repeatable.")
    ] = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="COLUMN", help="The column that names pictures, where it is not found."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE|DIR", help="The config's file; an example's folder, else this one."
        ),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="NAME=TYPE", help="number, category, yes_no or date. Repeatable."),
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option("--missing", metavar="WORD", help="What means missing, beside the usual words. Repeatable."),
    ] = None,
    encoding: Annotated[str | None, typer.Option("--encoding", help="Of the table's text: utf-8, cp1252, …")] = None,
    delimiter: Annotated[str | None, typer.Option("--delimiter", help="What separates the table's columns.")] = None,
    decimal: Annotated[
        str | None, typer.Option("--decimal", metavar="SIGN", help="The decimal sign of all numbers: . or ,")
    ] = None,
    skip: Annotated[int | None, typer.Option("--skip", min=0, help="Lines above the table's header.")] = None,
    comment: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help="What lines begin with that are no rows: #")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the examples.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Begin: draft a config for a table or for pictures, or copy an example."""
    if list_:
        _refuse(
            what is not None or target or file or out or column or missing,
            "--list takes nothing else",
            "leave the rest out",
        )
        return _list_examples(json)
    if what is None:
        help = "name a table (`nnctl init data.csv --target COLUMN`), a folder of pictures, or an example"
        raise UsageError("expected a table, pictures or an example", help=f"{help} (`nnctl init --list`)")
    from nnctl.commands.init import is_data

    if is_data(Path(what)):
        reading = {
            **{"missing": missing, "encoding": encoding, "delimiter": delimiter},
            **{"decimal": decimal, "skip": skip, "comment": comment},
        }
        return _draft(what, target or [], out, json, file=file, columns=_types(column or []), **reading)
    if target or file:
        from nnctl.commands.examples import folder_error
        from nnctl.regular_file import similar_name

        if Path(what).is_dir():
            raise folder_error(what)
        option = "--target" if target else "--file"
        help = alternatives(similar_name(Path(what)), f"leave {option} out")
        raise UsageError(f"{option} is for tables, and {what} is not a file", help=help)
    return _copy(what, out or Path(), json)


def _refuse(wrong: object, what: str, help: str) -> None:
    if wrong:
        raise UsageError(what, help=help)


def _list_examples(json: bool) -> int:
    from nnctl.commands.examples import examples

    found = examples()
    if json:
        keys = ("name", "about")
        listed = [
            {key: getattr(each, key) for key in keys} | {"data": [str(path) for path in each.data]} for each in found
        ]
        output.print_json({"examples": listed})
        return 0
    table = output.table("example", "what it is", "data")
    for each in found:
        table.add_row(each.name, each.about, ", ".join(map(str, each.data)))
    output.stdout_console().print(table)
    output.note("copy one with `nnctl init EXAMPLE`")
    return 0


def _copy(name: str, folder: Path, json: bool) -> int:
    from nnctl.commands.examples import copy_example

    config, data, command = copy_example(name, folder)
    if json:
        output.print_json({"config": str(config), "data": [str(path) for path in data]})
        return 0
    print(f"wrote {config} and its data, {', '.join(map(str, data))}")
    print(f"next: {typed(command, config)}")
    return 0


def _types(columns: list[str]) -> dict[str, str]:
    """NAME=TYPE by name."""
    types = {}
    for column in columns:
        name, equals, type_ = column.rpartition("=")
        if not (name and equals and type_):
            raise UsageError(f"--column {column}: expected NAME=TYPE", help="for example --column zip=category")
        types[name] = type_
    return types


def _draft(data: str, targets: list[str], out: Path | None, json: bool, **reading: Any) -> int:
    from nnctl.commands.init import init as draft

    report = draft(data, targets, out, **reading)
    for note in report["notes"]:
        output.note(note)
    for table in _tables(report):
        output.stderr_console().print(table)
    if json:
        output.print_json(report)
    elif out is None:
        print(report["text"], end="")
        output.note("this is the config on stdout; -o FILE writes it to a file")
    else:
        print(f"wrote {out}")
        print(f"next: {typed('train', out)}")
    return 0


def _tables(report: dict[str, Any]) -> Iterator[Table]:
    """What was found, for people."""
    if report["columns"]:
        yield _columns(report["columns"])
    if (pictures := report.get("pictures")) and pictures["classes"]:
        yield _classes(pictures["classes"], list(pictures["splits"]))


def _classes(classes: dict[str, dict[str, int]], splits: list[str]) -> Table:
    from rich.markup import escape

    heads = splits if len(splits) > 1 else ["pictures"]
    table = output.table("class", *heads, right=tuple(heads))
    for name, counts in classes.items():
        table.add_row(escape(name), *(f"{counts[split]:,}" for split in splits))
    return table


def _columns(columns: list[dict[str, Any]]) -> Table:
    from rich.markup import escape

    table = output.table("column", "kind", "missing", "distinct", "is", "why", right=("missing", "distinct"))
    for row in columns:
        counts = [f"{row[key]:,}" if row[key] else "" for key in ("missing", "distinct")]
        table.add_row(escape(row["name"]), row["kind"], *counts, row["role"], escape(row["why"]))
    return table
