"""What an observer of a sweep is. Every method here does nothing; an observer overrides the events it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nnctl.sweeps.record import TrialRecord
from nnctl.training.metrics_file import Row


@dataclass(frozen=True)
class Outline:
    """A sweep before its first trial. memory: bytes that the trials take that run at a time. scheduler: of the cluster
    where they run; then workers, threads and memory are those of no machine.

    metric: the key of a row of metrics.jsonl. epochs: of a run. best: of the trials that had ended before.
    """

    name: str
    folder: Path
    method: str
    metric: str
    higher_is_better: bool
    combinations: int
    seeds: int
    done: int  # trials that had ended before
    workers: int
    threads: int
    memory: int
    epochs: int
    best: TrialRecord | None = None
    scheduler: str | None = None

    @property
    def trials(self) -> int:
        return self.combinations * self.seeds


class SweepObserver:
    """Receives the events of a sweep in their order."""

    def note(self, text: str) -> None:
        """Something the user should know."""

    def checking(self, done: int, total: int) -> None:
        """So many combinations are checked, of so many."""

    def planned(self, outline: Outline) -> None:
        """Everything is checked, and nothing has begun."""

    def started(self, trial: TrialRecord) -> None:
        """A trial starts, or continues."""

    def running(self, running: Sequence[tuple[TrialRecord, Row | None]], seconds_left: float | None) -> None:
        """Time has passed, a fraction of a second: the running trials, each with its last row of metrics.jsonl.

        seconds_left: of the whole sweep, as far as can be estimated; None before the first trial has ended.
        """

    def ended(self, trial: TrialRecord, best: bool, seconds_left: float | None) -> None:
        """A trial has ended in some way. best: it is the best so far."""

    def timed(self, seconds: float, total: float) -> None:
        """The first trial has ended after so many seconds: all of them will take about so many."""

    def finished(self) -> None:
        """No more trials will run, however it ended."""


class NoteKeeper(SweepObserver):
    """Passes every event on. notes: all so far, for the report."""

    def __init__(self, observer: SweepObserver) -> None:
        self._observer = observer
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)
        self._observer.note(text)

    def checking(self, done: int, total: int) -> None:
        self._observer.checking(done, total)

    def planned(self, outline: Outline) -> None:
        self._observer.planned(outline)

    def started(self, trial: TrialRecord) -> None:
        self._observer.started(trial)

    def running(self, running: Sequence[tuple[TrialRecord, Row | None]], seconds_left: float | None) -> None:
        self._observer.running(running, seconds_left)

    def ended(self, trial: TrialRecord, best: bool, seconds_left: float | None) -> None:
        self._observer.ended(trial, best, seconds_left)

    def timed(self, seconds: float, total: float) -> None:
        self._observer.timed(seconds, total)

    def finished(self) -> None:
        self._observer.finished()
