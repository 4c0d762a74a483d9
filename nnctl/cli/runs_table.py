"""What `nnctl runs` prints: a row a run, with as many columns as fit, and the folders that hold more runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Any

from nnctl.cli import output
from nnctl.cli.columns import Column, are_numbers, fits, numbers, table_of
from nnctl.sweeps.label import key_of, label, labels
from nnctl.text import counted, listed, typed

if TYPE_CHECKING:
    from rich.console import Console

MOST_RUNS = 50  # in the terminal; all are in --json
MOST_METRICS = 4
MOST_LETTERS = 24  # of a value, and of a key


def print_runs(report: dict[str, Any]) -> None:
    """report: as `--json` prints it."""
    console = output.stdout_console()
    shown = report["runs"][:MOST_RUNS]
    if shown:
        columns, left_out = _fitting(console, _columns(shown, report))
        console.print(table_of(columns, len(report["runs"]) - len(shown)))
        if left_out:
            print(f"more columns are in --json: {listed(left_out)}")
    for group in report["folders"]:
        print(f"{group['folder']} holds {counted(group['runs'], 'run')}: {typed('runs', group['folder'])}")


def _columns(shown: Sequence[dict[str, Any]], report: dict[str, Any]) -> list[Column]:
    """All that could be shown, the most telling first."""
    names = _metrics(shown, report["sort"])
    metrics = [Column(name, numbers([run["metrics"].get(name) for run in shown])) for name in names]
    taken = {"status", "when", "seconds", "epochs", "changes", "parameters", *names}
    configs = [_config(key, shown, taken) for key in _keys(shown, report["differences"])]
    columns = [Column("run", [label(run["name"]) for run in shown], right=False)]
    if any(run["status"] != "finished" for run in shown):
        columns.append(Column("status", [run["status"] for run in shown], right=False))
    changed = any(run["changes"] for run in shown)
    changes = [Column("changes", [f"{run['changes']:,}" for run in shown])] if changed else []
    return [
        *columns,
        *metrics[:1],
        *configs[:2],
        *metrics[1:2],
        Column("when", [run["when"][:16].replace("T", " ") for run in shown]),
        *configs[2:4],
        Column("seconds", [f"{run['seconds']:,.1f}" for run in shown]),
        Column("epochs", [f"{run['epochs']:,}" for run in shown]),
        *configs[4:],
        *metrics[2:],
        *changes,
        Column("parameters", ["–" if run["parameters"] is None else f"{run['parameters']:,}" for run in shown]),
    ]


def _metrics(shown: Sequence[dict[str, Any]], sort: str | None) -> list[str]:
    """Names of those that most runs have: what they are sorted by, then those of validation samples."""
    counts = Counter(name for run in shown for name in run["metrics"])
    measured = sum(bool(run["metrics"]) for run in shown)
    usual = [name for name, count in counts.items() if 2 * count >= measured and name != sort]
    chosen = sorted(usual, key=lambda name: (not name.startswith("val_"), name.endswith("loss")))
    return ([sort] if sort is not None else []) + chosen[:MOST_METRICS]


def _keys(shown: Sequence[dict[str, Any]], differing: Sequence[str]) -> list[str]:
    """Those that all runs have, that are numbers or words, and that are of the whole run come first.

    Without the name, which the folder has.
    """

    def order(key: str) -> tuple[int, bool, int]:
        values = [run["config"][key] for run in shown if key in run["config"]]
        return -len(values), any(isinstance(value, dict | list) for value in values), key.count(".")

    return sorted((key for key in differing if key != "name"), key=order)


def _config(key: str, shown: Sequence[dict[str, Any]], taken: Container[str]) -> Column:
    """A key in which the configs differ, and the value of each."""
    values = [run["config"][key] for run in shown if key in run["config"]]
    texts = labels(values, MOST_LETTERS)
    cells = [texts[key_of(run["config"][key])] if key in run["config"] else "–" for run in shown]
    name = f"config.{key}" if key in taken else key
    return Column(name if len(name) <= MOST_LETTERS else f"…{name[1 - MOST_LETTERS :]}", cells, are_numbers(values))


def _fitting(console: Console, columns: Sequence[Column]) -> tuple[list[Column], list[str]]:
    """As many columns as fit, and the names of the others."""
    chosen: list[Column] = []
    left_out: list[str] = []
    for column in columns:
        if not chosen or fits(console, table_of([*chosen, column])):
            chosen.append(column)
        else:
            left_out.append(column.name)
    return chosen, left_out
