"""`nnctl check`: its options and its tables."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

MOST_COLUMNS = 40


def check(
    config: Annotated[
        Path, typer.Argument(help="The YAML file that describes the run; - is stdin.", show_default=False)
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Settings that replace the file's.")
    ] = None,
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="FILE.png", help="Write a sheet of training images, as they are and augmented."),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Look at the first steps as well: what would keep the network from learning?")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result as one JSON object.")] = False,
) -> int:
    """Examine CONFIG and its data without training."""
    from nnctl.cli.reading import reading_progress
    from nnctl.commands.check import check as inspect

    with reading_progress():
        report = inspect(config, overrides or [], pictures=pictures, deep=deep)
    for text in report["notes"]:
        output.note(text)
    if json:
        output.print_json(report)
    else:
        _print_report(report)
        if deep:
            _print_findings(report["findings"])
        if pictures is not None:
            print(f"wrote {pictures}: a row a sample, first as it is, then as training gets it in its first epochs")
    return 0


def _print_report(report: dict[str, Any]) -> None:
    from nnctl.memory import bytes_in_words

    console = output.stdout_console()
    console.print(_layers(report))
    size, effective = report["batch_size"], report["effective_batch_size"]
    batches = f"; batches of {size:,}, a step on {effective:,} samples" if effective > size else ""
    console.print(f"memory for training, without the data: {bytes_in_words(report['memory'])}{batches}")
    if report["dynamics"]:
        console.print(_rules(report["dynamics"]))
    splits = report["data"]["splits"]
    if report["data"]["columns"]:
        console.print(_columns(report["data"]["columns"], splits))
    console.print(_samples(splits) if report["data"]["vocabulary"] is None else _texts(splits))
    if report["data"]["vocabulary"] is not None:
        console.print(f"vocabulary: {report['data']['vocabulary']:,} tokens, and a slot for all that are unknown")
    if report["data"]["classes"]:
        console.print(_classes(report["data"]["classes"], splits))
    else:
        console.print(_targets(splits))


def _layers(report: dict[str, Any]) -> Table:
    freezes = report["trainable"] < report["parameters"]
    counted = ["parameters", *(["trainable"] if freezes else []), *(["buffers"] if report["buffers"] else [])]
    counted.append("multiply_adds")
    titles = [name.replace("_", "-") for name in counted]
    table = output.table("layer", "type", "outputs", *titles, right=tuple(titles))
    table.add_row("", "inputs", _shape(report["inputs"]))
    for layer in report["layers"]:
        counts = [f"{layer[key]:,}" if layer[key] else "" for key in counted]
        if freezes and layer["parameters"] and not layer["trainable"]:
            counts[1] = "frozen"
        table.add_row(layer["name"], layer["type"], _shape(layer["outputs"]), *counts)
    table.add_section()
    totals = [f"{report[key]:,}" for key in counted]
    table.add_row("total", "", "", *totals[:-1], f"{totals[-1]} a sample")
    return table


def _rules(rules: list[dict[str, str]]) -> Table:
    table = output.table("rule", "does", "when")
    for position, rule in enumerate(rules):
        table.add_row(f"dynamics.{position}", rule["what"], rule["when"])
    return table


def _columns(columns: list[dict[str, Any]], splits: dict[str, Any]) -> Table:
    from rich.markup import escape

    first, *others = splits
    missing = [f"missing in {first}", *(f"in {name}" for name in others)]
    table = output.table("column", "type", "enters as", *missing, right=tuple(missing))
    for column in columns[:MOST_COLUMNS]:
        counts = [f"{count:,}" if (count := column["missing"][name]) else "" for name in splits]
        table.add_row(escape(column["name"]), column["type"], column["enters"], *counts)
    if len(columns) > MOST_COLUMNS:
        table.add_row(f"… {len(columns) - MOST_COLUMNS} more")
    return table


def _samples(splits: dict[str, Any]) -> Table:
    columns = ("samples", "min", "mean", "max", "constant", "missing")
    table = output.table("inputs", *columns, right=columns)
    for name, split in splits.items():
        ranges = [output.number((split["inputs"] or {}).get(key)) for key in ("min", "mean", "max")]
        table.add_row(name, f"{split['samples']:,}", *ranges, str(split["constant_columns"]), str(split["missing"]))
    return table


def _texts(splits: dict[str, Any]) -> Table:
    columns = ("samples", "tokens", "mean length", "longest", "unknown")
    table = output.table("texts", *columns, right=columns)
    for name, split in splits.items():
        tokens = split["tokens"]
        counts = f"{tokens['count']:,}", f"{tokens['mean_length']:.1f}", f"{tokens['longest']:,}"
        unknown = f"{tokens['unknown'] / tokens['count']:.1%}"
        table.add_row(name, f"{split['samples']:,}", *counts, unknown)
    return table


def _classes(classes: list[str], splits: dict[str, Any]) -> Table:
    from rich.markup import escape

    table = output.table("class", *splits, right=tuple(splits))
    for name in classes[: output.MOST_CLASSES]:
        table.add_row(escape(name), *(f"{split['classes'][name]:,}" for split in splits.values()))
    if len(classes) > output.MOST_CLASSES:
        table.add_row(f"… {len(classes) - output.MOST_CLASSES} more")
    return table


def _targets(splits: dict[str, Any]) -> Table:
    from rich.markup import escape

    table = output.table("targets", "column", "min", "mean", "max", right=("min", "mean", "max"))
    for name, split in splits.items():
        for target in split["targets"]:
            table.add_row(name, escape(target["name"]), *(output.number(target[key]) for key in ("min", "mean", "max")))
    return table


def _print_findings(findings: list[dict[str, str]]) -> None:
    for finding in findings:
        remedy = finding["remedy"]
        if re.match(r"[\w.]+=", remedy):
            remedy = f"try {quote(remedy)}"
        print(f"{finding['name']}: {finding['where']}: {finding['evidence']}\n  help: {remedy}")
    if not findings:
        print("nothing was found that would keep the network from learning")


def _shape(shape: list[int]) -> str:
    return " × ".join(str(length) for length in shape)
