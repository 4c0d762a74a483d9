"""What `nnctl runs` prints."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from nnctl.cli import output
from nnctl.cli.runs_table import print_runs

Printed = Callable[..., list[str]]
METRICS = {"loss": 0.5, "val_loss": 0.6, "accuracy": 0.7, "val_accuracy": 0.8, "f1": 0.1, "val_f1": 0.2}


def run(number: int, **known: Any) -> dict[str, Any]:
    return {
        **{"run": f"runs/r{number}", "name": f"r{number}", "status": "finished", "epochs": 10, "metrics": METRICS},
        **{
            "seconds": 2.0,
            "when": f"2026-02-03T04:05:{number:02}.678+01:00",
            "parameters": 1234,
            "changes": 0,
            "config": {},
        },
        **known,
    }


def report(
    *runs: dict[str, Any], sort: str | None = None, folders: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    differing = list(dict.fromkeys(key for run in runs for key in run["config"]))
    return {"runs": list(runs), "sort": sort, "differences": differing, "folders": folders or [], "notes": []}


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """Lines on stdout, of a terminal with so many columns."""

    def lines(told: dict[str, Any], width: int = 200) -> list[str]:
        stream = io.StringIO()
        console = Console(file=stream, width=width, highlight=False)
        monkeypatch.setattr(output, "stdout_console", lambda: console)
        print_runs(told)
        return [line.rstrip() for line in (stream.getvalue() + capsys.readouterr().out).splitlines()]

    return lines


def test_the_columns(printed: Printed) -> None:
    lines = printed(report(run(1, config={"learning_rate": 0.1}), run(2, config={"learning_rate": 0.5})))
    assert lines[1].split() == [
        *("run", "val_accuracy", "learning_rate", "val_f1", "when", "seconds", "epochs", "val_loss", "accuracy"),
        "parameters",
    ]
    assert lines[3].split() == [
        *("r1", "0.8000", "0.1", "0.2000", "2026-02-03", "04:05", "2.0", "10", "0.6000", "0.7000", "1,234")
    ]
    assert len(lines) == 6


def test_the_metric_that_they_are_sorted_by_is_first(printed: Printed) -> None:
    assert printed(report(run(1), sort="f1"))[1].split()[:2] == ["run", "f1"]


def test_a_metric_of_few_runs_has_no_column(printed: Printed) -> None:
    lines = printed(report(run(1), run(2), run(3, metrics={"r2": 0.5})))
    assert "r2" not in lines[1].split()
    assert lines[5].split()[:3] == ["r3", "–", "–"]


def test_how_they_ended_is_told_where_not_all_finished(printed: Printed) -> None:
    lines = printed(report(run(1), run(2, status="failed", metrics={}, parameters=None)))
    assert [line.split()[1] for line in (lines[1], lines[3], lines[4])] == ["status", "finished", "failed"]


def test_keys_that_all_runs_have_and_plain_values_come_first(printed: Printed) -> None:
    layers = [{"type": "linear", "out_features": 4}]
    one = {"layers": layers, "momentum": 0.9, "optimizer.eps": 1, "name": "x", "seed": 1}
    other = {"layers": [*layers, "relu"], "optimizer.eps": 2, "name": "y", "seed": 2}
    columns = printed(report(run(1, config=one), run(2, config=other)))[1].split()
    assert [column for column in columns if column in one] == ["seed", "optimizer.eps", "layers", "momentum"]


def test_a_key_with_the_name_of_another_column(printed: Printed) -> None:
    columns = printed(report(run(1, config={"epochs": 5}), run(2, config={"epochs": 6})))[1].split()
    assert {"epochs", "config.epochs"} <= set(columns)


@pytest.mark.parametrize("width", [200, 120, 100, 80])
def test_thirty_runs_with_ten_different_keys_stay_readable(printed: Printed, width: int) -> None:
    keys = [f"layers.{number}.out_features_of_a_layer" if number else "learning_rate" for number in range(10)]
    lines = printed(report(*(run(n, config=dict.fromkeys(keys, n * 10)) for n in range(30))), width)
    table = [line for line in lines if line.startswith("  ")]
    assert len(table) == 31, "a row is broken"
    assert max(map(len, lines[:-1])) <= width
    assert "learning_rate" in table[0].split()
    (more,) = (line for line in lines if line.startswith("more columns"))
    assert "in --json: " in more


def test_many_runs_end_with_their_number(printed: Printed) -> None:
    assert ["…", "70", "more"] in [line.split() for line in printed(report(*(run(n % 60) for n in range(120))))]


def test_folders_that_hold_runs(printed: Printed) -> None:
    folders = [{"folder": "runs/s", "runs": 12}, {"folder": "runs/t", "runs": 1}]
    assert printed(report(folders=folders)) == [
        "runs/s holds 12 runs: nnctl runs runs/s",
        "runs/t holds 1 run: nnctl runs runs/t",
    ]
