"""What `nnctl sweep` prints at its end."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from nnctl.cli import output
from nnctl.cli.sweep_tables import print_sweep
from nnctl.sweeps.record import TrialRecord
from nnctl.sweeps.summary import report_of
from tests.support.records import record

Printed = Callable[..., list[str]]
SGD = {"type": "sgd", "momentum": 0.9}


def report(records: list[TrialRecord], seeds: int = 1, stopped: Any = "finished") -> dict[str, Any]:
    folder = Path("runs/s")
    return report_of(
        **{"folder": folder, "name": "s", "method": "grid", "metric": "val_accuracy", "higher": True},
        **{"seeds": seeds, "records": records, "stopped": stopped, "seconds": 34.0, "notes": []},
    )


def grid(epochs: int = 10) -> list[TrialRecord]:
    settings = [(rate, width, optimizer) for rate in (0.1, 0.01) for width in (64, 128) for optimizer in ("adam", SGD)]
    return [
        record(
            1 + number,
            0.9 + number / 100,
            {"learning_rate": rate, "layers.1.out_features": width, "optimizer": optimizer},
            epochs=epochs + number % 2,
        )
        for number, (rate, width, optimizer) in enumerate(settings)
    ]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Printed:
    """Lines on stdout, of a terminal with so many columns."""

    def lines(told: dict[str, Any], width: int = 200, looked_at: bool = False) -> list[str]:
        stream = io.StringIO()
        console = Console(file=stream, width=width, highlight=False)
        monkeypatch.setattr(output, "stdout_console", lambda: console)
        print_sweep(told, looked_at)
        return [line.rstrip() for line in (stream.getvalue() + capsys.readouterr().out).splitlines()]

    return lines


def words(lines: list[str]) -> list[list[str]]:
    return [line.split() for line in lines]


def test_the_tables(printed: Printed) -> None:
    lines = words(printed(report(grid())))
    assert ["learning_rate", "layers.1.out_features", "optimizer", "val_accuracy", "epochs", "seconds"] in lines
    assert ["1", "0.01", "128", "sgd", "momentum=0.9", "0.9700", "11", "2.0"] in lines
    assert ["8", "0.1", "64", "adam", "0.9000", "10", "2.0"] in lines
    assert ["parameter", "share", "value", "trials", "mean", "±", "best"] in lines
    assert ["learning_rate", "76%", "0.01", "4", "0.9550", "0.0129", "0.9700"] in lines
    assert ["0.1", "4", "0.9150", "0.0129", "0.9300"] in lines
    assert lines[-3:] == [
        ["finished", "after", "34.0", "s:", "8", "trials"],
        ["next:", "nnctl", "eval", "runs/s/008"],
        ["best", "config:", "runs/s/008/config.yaml"],
    ]


def test_what_is_the_same_everywhere_has_no_column(printed: Printed) -> None:
    text = "\n".join(printed(report([record(1, 0.5, {"p": 1}), record(2, 0.6, {"p": 2})])))
    assert "epochs" not in text
    assert "±" not in text
    assert "share" not in text  # each value has one trial: the table of the best says it all


def test_seeds_are_one_row(printed: Printed) -> None:
    records = [
        record(1 + n, value, {"p": n // 2}, combination=n // 2, seed=n % 2)
        for n, value in enumerate([0.5, 0.7, 0.9, 0.9])
    ]
    lines = words(printed(report(records, seeds=2)))
    assert ["p", "val_accuracy", "±", "seconds"] in lines
    assert ["2", "0", "0.6000", "0.1414", "2.0"] in lines


def test_small_numbers_are_not_shown_as_nothing(printed: Printed) -> None:
    told = report([record(1, 3.1234e-05, {"p": "a"}), record(2, 0.13, {"p": "b"})])
    lines = words(printed(told))
    assert ["1", "b", "0.1300", "2.0"] in lines
    assert ["2", "a", "3.123e-05", "2.0"] in lines


def test_a_value_may_look_like_no_value(printed: Printed) -> None:
    records = [record(1 + n, n / 10, {"p": "not used"} if n % 2 else {"q": 1}) for n in range(6)]
    lines = [line.split() for line in printed(report(records))]
    assert sum("not used" in " ".join(line) for line in lines) >= 4


def test_ten_are_enough(printed: Printed) -> None:
    records = [record(1 + n, n / 100, {"learning_rate": 0.1 + n / 7}) for n in range(40)]
    lines = words(printed(report(records)))
    assert ["10", "4.386", "0.3000", "2.0"] in lines
    assert ["…", "30", "more"] in lines
    assert ["learning_rate", "94%", "0.1", "–", "1.4", "10", "0.0450", "0.0303", "0.0900"] in lines


@pytest.mark.parametrize("width", [200, 100, 90, 80])
def test_it_is_as_wide_as_the_terminal(printed: Printed, width: int) -> None:
    lines = printed(report(grid()), width=width)
    assert max(map(len, lines)) <= width
    header = next(line for line in lines if "val_accuracy" in line).split()
    wide = ["learning_rate", "layers.1.out_features", "optimizer"]
    narrow = {200: wide, 100: wide, 90: ["learning_rate", "out_features", "optimizer"], 80: ["parameters"]}[width]
    assert header == [*narrow, "val_accuracy", "epochs", "seconds"]
    shown = " ".join(" ".join(lines).split())
    assert "1 learning_rate=0.01 out_features=128" in shown if width == 80 else "1 0.01 128 sgd momentum=0.9" in shown


def test_what_failed_and_what_was_pruned(printed: Printed) -> None:
    failed = [
        record(10 + n, None, {"learning_rate": 10.0}, status="failed", error="training [diverged]\nmore", epochs=1)
        for n in range(7)
    ]
    lines = printed(report([*grid(), record(9, 0.2, {"learning_rate": 10.0}, status="pruned"), *failed]))
    assert "trial 10 failed (learning_rate=10): training [diverged]" in lines
    assert "… 2 more failed" in lines
    assert "finished after 34.0 s: 16 trials, 1 pruned, 7 failed" in lines
    assert ["parameter", "share", "value", "trials", "pruned", "failed", "mean", "±", "best"] in words(lines)
    assert ["10", "1", "1", "7", "0.2000", "–", "0.2000"] in words(lines)


@pytest.mark.parametrize(
    ("stopped", "looked_at", "said"),
    [
        ("signal", False, ["interrupted after 34.0 s: 1 trial", "to continue: run the same command again"]),
        ("time_limit", False, ["out of time after 34.0 s: 1 trial", "to continue: run the same command again"]),
        ("failed", False, ["stopped by a failure after 34.0 s: 1 trial", "to continue: run the same command again"]),
        ("signal", True, ["so far: 1 trial", "to continue: run the sweep again"]),
        ("finished", True, ["finished: 1 trial"]),
    ],
)
def test_how_it_ended(printed: Printed, stopped: str, looked_at: bool, said: list[str]) -> None:
    records = [record(1, 0.5), record(2, None, status="unfinished")]
    lines = printed(report(records, stopped=stopped), looked_at=looked_at)
    assert lines[-2 - len(said) : -2] == said


def test_without_a_best_trial(printed: Printed) -> None:
    assert printed(report([], stopped="signal")) == [
        "interrupted after 34.0 s: 0 trials",
        "to continue: run the same command again",
    ]
