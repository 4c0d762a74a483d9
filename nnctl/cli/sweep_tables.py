"""What `nnctl sweep` prints at its end: the best combinations, what each parameter does, what failed, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING, Any

from nnctl.cli import output
from nnctl.cli.columns import Column, are_numbers, numbers, print_fitting, table_of
from nnctl.sweeps.label import key_of, labels, settings, shortened
from nnctl.text import counted, typed

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST_ROWS = 10  # in the terminal; all are in --json
MOST_FAILED = 5
MOST_LETTERS, FEW_LETTERS = 30, 18  # of a value in a table, the second where it would be too wide
HOW = {"finished": "finished", "signal": "interrupted", "time_limit": "out of time", "failed": "stopped by a failure"}


def print_sweep(report: dict[str, Any], looked_at: bool) -> None:
    """report: as `--json` prints it. looked_at: no trial was to be run."""
    console = output.stdout_console()
    names = list(dict.fromkeys(name for trial in report["trials"] for name in trial["parameters"]))
    short = shortened(names)
    if report["best"] is not None:
        looks = ((names, False), (short, False), (short, True))
        tables = (_best(report, dict(zip(names, headers, strict=True)), together) for headers, together in looks)
        print_fitting(console, tables)
    effects = [effect for effect in report["effects"] if len(effect["values"]) > 1]
    if any(row["trials"] > 1 for effect in effects for row in effect["values"]):
        print_fitting(
            console,
            (
                _effects(effects, dict(zip(names, headers, strict=True)), most, others)
                for others in (("pruned", "failed"), ())
                for headers, most in ((names, MOST_LETTERS), (short, MOST_LETTERS), (short, FEW_LETTERS))
            ),
        )
    _print_failed(console, report["trials"])
    _print_end(report, looked_at)


def _best(report: dict[str, Any], headers: dict[str, str], together: bool) -> Table:
    """A row a combination, the best first. headers: the parameters as they are shown. together: in one column."""
    trials = {trial["trial"]: trial for trial in report["trials"]}
    complete = [combination for combination in report["combinations"] if combination["complete"]]
    shown = complete[:MOST_ROWS]
    runs = [[trials[number] for number in combination["trials"]] for combination in shown]
    epochs = [fmean(run["epochs"] for run in seeds) for seeds in runs]
    columns = [Column("", [str(rank) for rank in range(1, len(shown) + 1)])]
    own = [combination["parameters"] for combination in shown]
    if together:
        texts = [settings({headers[name]: value for name, value in each.items()}, MOST_LETTERS) for each in own]
        columns.append(Column("parameters", texts, right=False))
    else:
        for name, header in headers.items():
            known = labels((t["parameters"][name] for t in report["trials"] if name in t["parameters"]), MOST_LETTERS)
            texts = [known[key_of(each[name])] if name in each else "–" for each in own]
            columns.append(Column(header, texts, are_numbers(each[name] for each in own if name in each)))
    columns.append(Column(report["metric"], numbers([combination["mean"] for combination in shown])))
    if report["seeds"] > 1:
        columns.append(Column("±", numbers([combination["deviation"] for combination in shown])))
    if len(set(epochs)) > 1 and "epochs" not in headers:
        columns.append(Column("epochs", [f"{value:,.0f}" for value in epochs]))
    columns.append(Column("seconds", [f"{fmean(run['seconds'] for run in seeds):,.1f}" for seeds in runs]))
    return table_of(columns, len(complete) - len(shown))


def _effects(effects: Sequence[dict[str, Any]], headers: dict[str, str], most: int, others: Sequence[str]) -> Table:
    """A row a value. headers: the parameters as they are shown. most: letters of a value. others: counts to show."""
    names: list[str] = []
    shares: list[str] = []
    texts: list[str] = []
    for effect in effects:
        empty = [""] * (len(effect["values"]) - 1)
        names += [headers[effect["parameter"]], *empty]
        shares += ["–" if effect["share"] is None else f"{effect['share']:.0%}", *empty]
        known = labels((row["label"] for row in effect["values"]), most)
        texts += [known[key_of(row["label"])] for row in effect["values"]]
    rows = [row for effect in effects for row in effect["values"]]
    columns = [
        Column("parameter", names, right=False),
        Column("share", shares),
        Column("value", texts, right=False),
        Column("trials", [f"{row['trials']:,}" for row in rows]),
    ]
    for how in others:
        if any(row[how] for row in rows):
            columns.append(Column(how, [f"{row[how]:,}" if row[how] else "" for row in rows]))
    measured = numbers([row[key] for key in ("mean", "best") for row in rows])
    columns += [
        Column("mean", measured[: len(rows)]),
        Column("±", numbers([row["deviation"] for row in rows])),
        Column("best", measured[len(rows) :]),
    ]
    return table_of(columns)


def _print_failed(console: Console, trials: Sequence[dict[str, Any]]) -> None:
    failed = [trial for trial in trials if trial["status"] == "failed"]
    for trial in failed[:MOST_FAILED]:
        first = (trial["error"] or "").partition("\n")[0]
        text = f"trial {trial['trial']} failed ({settings(trial['parameters'])}): {first}"
        console.print(text, markup=False, soft_wrap=True)
    if len(failed) > MOST_FAILED:
        print(f"… {len(failed) - MOST_FAILED:,} more failed")


def _print_end(report: dict[str, Any], looked_at: bool) -> None:
    counts = report["counts"]
    ended = sum(count for status, count in counts.items() if status != "unfinished")
    parts = [counted(ended, "trial")]
    for status, how in (("early", "stopped early"), ("pruned", "pruned"), ("failed", "failed")):
        if counts[status]:
            parts.append(f"{counts[status]:,} {how}")
    is_over = report["stopped"] == "finished"
    if looked_at:
        how = "finished" if is_over else "so far"
    else:
        how = f"{HOW[report['stopped']]} after {output.duration(report['seconds'])}"
    print(f"{how}: {', '.join(parts)}")
    if not is_over:
        print("to continue: run the sweep again" if looked_at else "to continue: run the same command again")
    if report["best"] is not None:
        print(f"next: {typed('eval', report['best']['run'])}")
        print(f"best config: {report['best']['config']}")
