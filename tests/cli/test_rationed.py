"""Lines of a log that nobody watches."""

from __future__ import annotations

from nnctl.cli.rationed import INTERVAL, RationedLines


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
