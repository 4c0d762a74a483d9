"""The sweep's loop: it gives trials to an engine, and reports what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from nnctl.memory import available_memory, bytes_in_words
from nnctl.sweeps.engines.engine import Ended, Engine
from nnctl.sweeps.observer import SweepObserver
from nnctl.sweeps.resources import PROCESS
from nnctl.sweeps.summary import SweepStopped
from nnctl.sweeps.sweep_folder import SweepFolder
from nnctl.sweeps.trial import Trial
from nnctl.sweeps.trial_queue import TrialQueue
from nnctl.training.metrics_file import read_last_row
from nnctl.training.result_file import read_result, write_result
from nnctl.training.stop_signal import StopSignal

POLL = 0.2  # seconds between two checks of signals, the clock and the running trials
MOST_LOST_WORKERS = 5  # of a trial, one after another without an epoch between them: then it has failed


@dataclass
class _Running:
    trial: Trial
    began: float


class SweepLoop:
    """stopped: how the sweep ended, or would if it ended now."""

    def __init__(
        self,
        queue: TrialQueue,
        observer: SweepObserver,
        stop: StopSignal,
        folder: SweepFolder,
        report: Callable[[], dict[str, Any]],
        time_limit: float | None,
        fail_fast: bool,
    ) -> None:
        self.stopped: SweepStopped = "finished"
        self._queue = queue
        self._observer = observer
        self._stop = stop
        self._folder = folder
        self._report = report
        self._deadline = None if time_limit is None else monotonic() + time_limit
        self._fail_fast = fail_fast
        self._running: dict[Path, _Running] = {}
        self._again: list[tuple[float, Trial]] = []  # that must run again, and not before when
        self._lost_workers: dict[Path, tuple[int, int]] = {}  # epochs when a worker was last lost, and how often there
        self._noted: set[str] = set()
        self._timed = False
        self._seconds = self._cost = 0.0  # of trials that ended here

    def run(self, engine: Engine, threads: int | None) -> None:
        """Until every trial has ended, or something stops the sweep. threads: of a trial."""
        while True:
            if self._must_stop():
                engine.stop()
            while self.stopped == "finished" and len(self._running) < engine.workers and (trial := self._next(engine)):
                self._running[trial.folder] = _Running(trial, monotonic())
                engine.start(trial.folder, self._queue.task(trial, threads))
                self._observer.started(self._queue.records[trial.number - 1])
            if not self._running and (self.stopped != "finished" or (self._queue.is_over() and not self._again)):
                return
            ended = engine.wait(POLL)
            for one in ended:
                self._ended(one)
            if not engine.workers:
                self._note_once("no workers: waiting for one")
            if not ended and not self._running:
                sleep(POLL)  # until a folder is free, or a worker is there
            running = [one.trial for one in self._running.values()]
            records = [self._queue.records[trial.number - 1] for trial in running]
            rows = [read_last_row(trial.folder) for trial in running]
            self._observer.running(list(zip(records, rows, strict=True)), self._seconds_left(engine.workers))
            if self._folder.is_due():
                self._folder.write(self._report(), self._queue.records)

    def _must_stop(self) -> bool:
        """Whether something has just happened that stops the sweep."""
        if self.stopped == "finished":
            if self._stop.asked is not None:
                self.stopped = "signal"
            elif self._deadline is not None and monotonic() >= self._deadline and not self._is_over():
                self.stopped = "time_limit"
            elif self._fail_fast and any(record.status == "failed" for record in self._queue.records):
                self.stopped = "failed"
            return self.stopped != "finished"
        return False

    def _is_over(self) -> bool:
        return self._queue.is_over() and not self._again and not self._running

    def _next(self, engine: Engine) -> Trial | None:
        """The next trial, if there is one that can begin and memory for it."""
        now = monotonic()
        due = [entry for entry in self._again if entry[0] <= now]
        if due:
            trial = due[0][1]
        elif (found := self._queue.next()) is not None:
            trial = found
            self._again.append((now, trial))  # until it has begun
            due = [self._again[-1]]
        else:
            return None
        needed, free = trial.combination.memory + PROCESS, available_memory()
        if engine.is_here and self._running and needed > free:
            self._note_once(
                f"a trial takes {bytes_in_words(needed)} of memory and {bytes_in_words(free)} are free: waiting"
            )
            return None
        self._again.remove(due[0])
        return trial

    def _ended(self, ended: Ended) -> None:
        under_way = self._running.pop(ended.folder)
        trial = under_way.trial
        seconds = max(0.0, monotonic() - under_way.began)
        if ended.how == "busy":
            self._note_once(f"trial {trial.number} is running in another process: waiting for it")
            self._again.append((monotonic() + 5 * POLL, trial))
            return
        if ended.how == "lost" and self._may_try_again(trial):
            if self.stopped == "finished":
                self._observer.note(f"trial {trial.number}: {ended.reason}; restarting it")
                self._again.append((monotonic(), trial))
            return
        if ended.how == "lost":
            _write_lost(trial.folder, ended.reason)
        record = self._queue.update(trial)
        if ended.how in ("finished", "pruned"):
            seconds = max(0.0, seconds - _compiling(trial.folder))  # which the others need not do
            self._seconds += seconds
            self._cost += trial.combination.cost
        best = self._queue.best()
        left = self._seconds_left(1 + len(self._running))
        self._observer.ended(record, best is not None and best.number == trial.number, left)
        if not self._timed and left is not None and ended.how == "finished":
            self._timed = True
            self._observer.timed(seconds, left)

    def _may_try_again(self, trial: Trial) -> bool:
        row = read_last_row(trial.folder)
        epoch = row["epoch"] if row else 0
        before, times = self._lost_workers.get(trial.folder, (epoch, 0))
        self._lost_workers[trial.folder] = (epoch, times + 1 if epoch == before else 1)
        return self._lost_workers[trial.folder][1] < MOST_LOST_WORKERS

    def _seconds_left(self, workers: int) -> float | None:
        """Of all trials that have not ended, by the cost of those that have."""
        if not self._cost:
            return None
        elapsed = sum(max(0.0, monotonic() - one.began) for one in self._running.values())
        whole = self._queue.cost_left() * self._seconds / self._cost
        left = max(0.0, whole - elapsed) / max(1, workers)
        return left if self._deadline is None else min(left, max(0.0, self._deadline - monotonic()))

    def _note_once(self, text: str) -> None:
        if text.partition(" and ")[0] not in self._noted:
            self._noted.add(text.partition(" and ")[0])
            self._observer.note(text)


def _compiling(folder: Path) -> float:
    """Seconds that a trial compiled kernels for."""
    seconds = (read_result(folder) or {}).get("seconds") or {}
    return float(seconds.get("compile") or 0.0)


def _write_lost(folder: Path, reason: str) -> None:
    """The result of a trial whose workers died again and again."""
    help = "run the same command again to try once more"
    problem = {"what": reason, "file": None, "line": None, "column": None, "path": None, "help": help}
    report = {"error": {"kind": "lost", "exit_code": 1, "problems": [problem]}}
    folder.mkdir(parents=True, exist_ok=True)
    write_result(folder, report)
