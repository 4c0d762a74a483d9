"""Lines of a log that nobody watches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnctl.cli.rationed import INTERVAL, RationedLines
from tests.support.command import nnctl

CONFIG = "data: {source: d.csv, target: y}\nlayers: [{type: linear, out_features: 1}]\nloss: mse\nbatch_size: 20\n"


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_the_last_and_one_every_few_seconds() -> None:
    written: list[str] = []
    clock = Clock()
    lines = RationedLines(written.append, clock)
    for number in range(3_000):
        lines.line(str(number))
        clock.now += 0.01
    lines.end()
    assert written[0] == "0"
    assert written[-1] == "2999"
    assert len(written) <= 2 + 30 / INTERVAL
    assert written == sorted(written, key=int)


def test_slow_lines_are_all_written() -> None:
    written: list[str] = []
    clock = Clock()
    lines = RationedLines(written.append, clock)
    for number in range(5):
        lines.line(str(number))
        clock.now += INTERVAL
    lines.end()
    assert written == ["0", "1", "2", "3", "4"]


def test_important_lines_are_written_at_once() -> None:
    written: list[str] = []
    lines = RationedLines(written.append, Clock())
    for number in range(6):
        lines.line(str(number), important=number == 3)
    lines.end()
    assert written == ["0", "3", "5"]


def test_the_end_is_said_once_and_what_comes_then_is_a_first_line() -> None:
    written: list[str] = []
    lines = RationedLines(written.append, Clock())
    lines.line("a")
    lines.end()
    lines.end()
    lines.line("b")
    lines.line("c")
    lines.end()
    assert written == ["a", "b", "c"]


def test_a_clock_that_is_set_back_does_not_silence_it() -> None:
    written: list[str] = []
    clock = Clock()
    lines = RationedLines(written.append, clock)
    lines.line("a")
    clock.now = -1e6
    lines.line("b")
    assert written == ["a", "b"]


@pytest.mark.parametrize(
    ("runs", "options"),
    [(1, ("epochs=600",)), pytest.param(2, ("epochs=3000", "--folds", "2"), marks=pytest.mark.slow)],
)
def test_of_a_run_by_command(tmp_path: Path, runs: int, options: tuple[str, ...]) -> None:
    (tmp_path / "d.csv").write_text("x,y\n" + "".join(f"{row % 3},{row % 7}\n" for row in range(40)))
    (tmp_path / "run.yaml").write_text(CONFIG)
    done = nnctl("train", "run.yaml", *options, "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    seconds = json.loads(done.stdout)["seconds"]
    total = seconds if isinstance(seconds, float) else seconds["total"]
    lines = [line for line in done.stderr.splitlines() if line.startswith("epoch ")]
    assert [lines[0].startswith("epoch 1/"), lines[-1].startswith(f"epoch {options[0].partition('=')[2]}/")] == [
        True
    ] * 2
    assert len(lines) <= 2 * runs + total / INTERVAL
