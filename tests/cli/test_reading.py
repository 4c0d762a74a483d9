"""Progress of reading many files."""

from __future__ import annotations

import pytest

from nnctl.cli import output
from nnctl.cli.reading import ReadingBar, ReadingLines, reading_progress
from nnctl.data.progress import tell


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def read(shown: ReadingLines, clock: Clock, seconds: float, total: int = 100) -> None:
    """So many files, evenly, in so many seconds."""
    for done in range(10, total + 1, 10):
        clock.now += seconds * 10 / total
        shown("decoding pictures", done, total)


def test_lines_where_it_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    lines = ReadingLines(clock)
    read(lines, clock, 0.9)
    assert capsys.readouterr().err == ""
    for _ in range(2):
        read(lines, clock, 10.0)
        told = ["decoding pictures: 20 of 100", "decoding pictures: 70 of 100"]
        assert capsys.readouterr().err.splitlines() == told


def test_a_bar_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    bar = ReadingBar(clock)
    read(bar, clock, 0.5)
    assert bar._bar is None
    bar("decoding pictures", 10, 100)
    clock.now += 2
    bar("decoding pictures", 50, 100)
    assert bar._bar is not None
    assert bar._bar.tasks[0].completed == 50
    bar("decoding pictures", 100, 100)
    assert bar._bar is None


def test_it_is_heard_while_it_is_entered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("nnctl.cli.reading.PATIENCE", 0.0)
    monkeypatch.setattr(output, "is_terminal", lambda: False)
    tell("decoding pictures", 1, 2)
    with reading_progress(quiet=True):
        tell("decoding pictures", 1, 2)
    assert capsys.readouterr().err == ""
    with reading_progress():
        tell("decoding pictures", 1, 2)
    assert capsys.readouterr().err == "decoding pictures: 1 of 2\n"
