"""What is shown while a sweep runs."""

from __future__ import annotations

import io
from itertools import count
from pathlib import Path

import pytest
from rich.console import Console

from nnctl.cli import output, sweep_progress
from nnctl.cli.sweep_progress import LineSweepProgress, SweepNotes, TerminalSweepProgress, sweep_progress_for
from nnctl.sweeps.observer import Outline
from tests.cli.conftest import Told
from tests.support.records import record


def outline(combinations: int = 12, seeds: int = 1, done: int = 0, workers: int = 2, threads: int = 1) -> Outline:
    folder = Path("runs/s")
    return Outline(
        *("s", folder, "grid", "val_accuracy", True, combinations, seeds, done, workers, threads), 310 * 2**20, 10
    )


class Screen:
    """A terminal of 80 columns and 16 lines."""

    def __init__(self) -> None:
        self._stream = io.StringIO()

    def console(self) -> Console:
        return Console(file=self._stream, width=80, height=16, force_terminal=True, color_system=None)

    def everything(self) -> str:
        return self._stream.getvalue()

    def drawn(self) -> list[str]:
        """Lines since the last time that something was erased."""
        return [line.rstrip() for line in self.everything().rpartition("\x1b[2K")[2].splitlines()]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    monkeypatch.setattr(output, "stderr_console", made.console)
    return made


def test_which_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(sweep_progress_for(quiet=True)) is SweepNotes
    monkeypatch.setattr(output, "is_terminal", lambda: False)
    assert type(sweep_progress_for(quiet=False)) is LineSweepProgress
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    assert type(sweep_progress_for(quiet=False)) is TerminalSweepProgress


def test_the_outline(told: Told) -> None:
    LineSweepProgress().planned(outline())
    LineSweepProgress().planned(outline(combinations=4, seeds=3, done=1, workers=1, threads=2))
    assert told() == [
        "s: 12 combinations × 1 seed = 12 trials, 2 workers × 1 thread, about 310 MB; run runs/s",
        "s: 4 combinations × 3 seeds = 12 trials, 1 worker × 2 threads, about 310 MB; run runs/s",
        "1 of 12 trials is done already",
    ]


def test_lines_of_trials_that_take_their_time(told: Told) -> None:
    progress = LineSweepProgress(count(0.0, 10.0).__next__)
    progress.planned(outline(done=4))
    parameters = {"learning_rate": 0.01, "optimizer": {"type": "sgd", "momentum": 0.9}}
    progress.started(record(3, None, parameters))
    progress.running([(record(3, None, parameters), None)], None)
    progress.ended(record(3, 0.98123, parameters, seconds=3.2), True, 25.0)
    progress.timed(4.0, 24.0)
    progress.ended(record(4, 0.5, status="early", epochs=1), False, None)
    progress.ended(record(5, 0.5, status="pruned", epochs=3), False, 0.0)
    progress.ended(record(6, None, status="unfinished", epochs=2), False, None)
    progress.ended(record(7, None, status="failed", error="training diverged\nmore"), False, None)
    progress.finished()
    assert told()[1:] == [
        "4 of 12 trials are done already",
        "trial 3/12 learning_rate=0.01 optimizer=(sgd momentum=0.9): val_accuracy 0.9812 (best), 10 epochs, 3.2 s, "
        "25.0 s left",
        "a trial takes about 4.0 s: about 24.0 s for all of them",
        "trial 4/12 : val_accuracy 0.5000, stopped early after 1 epoch, 2.0 s",
        "trial 5/12 : val_accuracy 0.5000, pruned after 3 epochs, 2.0 s",
        "trial 6/12 : val_accuracy –, stopped after 2 epochs, 2.0 s",
        "trial 7/12 : failed: training diverged",
    ]


def test_quick_trials_are_not_all_lines(told: Told) -> None:
    """The first, the last, those that are the best so far, and one every few seconds between them."""
    progress = LineSweepProgress(count(0.0, 0.01).__next__)
    progress.planned(outline(combinations=1_000))
    for number in range(1, 1_001):
        progress.ended(record(number, 0.5), number in (1, 40, 41), None)
    progress.finished()
    shown = [int(line.split()[1].partition("/")[0]) for line in told()[1:]]
    assert shown[:3] == [1, 40, 41]
    assert shown[-1] == 1_000
    assert len(shown) < 10


def test_notes_alone_where_it_is_quiet(told: Told) -> None:
    progress = sweep_progress_for(quiet=True)
    progress.planned(outline())
    progress.ended(record(1, 0.5), True, None)
    progress.note("memory is short")
    progress.finished()
    assert told() == ["note: memory is short"]


def test_seeds_are_told_where_there_are_several(told: Told) -> None:
    progress = LineSweepProgress()
    progress.planned(outline(seeds=2))
    progress.ended(record(1, 0.5, {"p": 1}, seed=42), False, None)
    assert told()[1].startswith("trial 1/24 p=1 seed=42: ")


def test_long_checks_are_told_once(told: Told) -> None:
    progress = LineSweepProgress(iter([100.0, 101.0, 103.0, 104.0, 110.0]).__next__)
    for done in range(5):
        progress.checking(done, 10_000)
    assert told() == ["checking 10,000 combinations"]


def test_the_live_table(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_progress, "monotonic", lambda: 100.0)
    progress = TerminalSweepProgress()
    progress.planned(outline(done=1))
    trials = [record(number, 0.9, {"layers.1.p": number / 10}) for number in range(1, 5)]
    for trial in trials:
        progress.started(trial)
    progress.ended(trials[0], True, 60.0)
    progress.ended(trials[1], True, 50.0)
    progress.running([(trials[2], {"epoch": 3, "val_accuracy": 0.25}), (trials[3], None)], 40.0)
    shown = [line.split() for line in screen.drawn() if line]
    assert shown == [
        ["trial", "parameters", "epoch", "val_accuracy", "seconds"],
        ["─" * 78],
        ["2", "p=0.2", "10", "best", "0.9000", "2.0"],
        ["3", "p=0.3", "3/10", "0.2500", "0.0"],
        ["4", "p=0.4", "0/10", "–", "0.0"],
        ["1", "p=0.1", "10", "0.9000", "2.0"],
        ["3", "of", "12", "trials", "━" * 12, "40.0", "s", "left"],
    ]
    progress.finished()


def test_the_live_table_fits_the_terminal(screen: Screen) -> None:
    progress = TerminalSweepProgress()
    progress.planned(outline(combinations=40, workers=20))
    trials = [record(number, 0.9, {"learning_rate": 0.1, "layers.1.out_features": 10**30}) for number in range(1, 31)]
    for trial in trials:
        progress.started(trial)
    for trial in trials[:10]:
        progress.ended(trial, trial.number == 1, 5.0)
    progress.running([(trial, None) for trial in trials[10:]], 5.0)
    lines = screen.drawn()
    assert len(lines) < 16
    assert all(len(line) <= 80 for line in lines)
    assert "…   14 more" in "\n".join(lines)
    progress.finished()


def test_what_must_stay_is_written_above_the_live_table(screen: Screen) -> None:
    progress = TerminalSweepProgress()
    progress.planned(outline())
    progress.started(record(1, None))
    progress.running([(record(1, None), None)], None)
    progress.note("memory is short")
    note, *table = screen.drawn()
    assert note == "note: memory is short"
    assert table[-1].split()[:4] == ["0", "of", "12", "trials"]
    progress.ended(record(1, None, {"p": 1}, status="failed", error="training diverged"), False, 60.0)
    assert "trial 1/12 p=1: failed: training diverged" in screen.everything()
    progress.finished()


def test_a_clock_set_back_gives_no_negative_times(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = TerminalSweepProgress()
    progress.planned(outline())
    progress.started(record(1, None))
    monkeypatch.setattr(sweep_progress, "monotonic", lambda: -1e9)
    progress.running([(record(1, None), None)], -5.0)
    assert "-" not in "".join(screen.drawn())
    progress.ended(record(1, 0.5, seconds=-3.0), True, -5.0)
    assert "-" not in "".join(screen.drawn())
    progress.finished()
