"""The sweep's loop, with an engine that ends trials as a test wants it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from nnctl.errors import StorageError
from nnctl.sweeps import race as race_module
from nnctl.sweeps.combination import Checks
from nnctl.sweeps.course import Course
from nnctl.sweeps.engines.engine import Ended, Engine, How, Task
from nnctl.sweeps.load import load_sweep
from nnctl.sweeps.observer import SweepObserver
from nnctl.sweeps.race import LOSSES, Race
from nnctl.sweeps.record import TrialRecord
from nnctl.sweeps.summary import Stopped
from nnctl.sweeps.sweep_folder import SweepFolder
from nnctl.training.stop_signal import StopSignal
from tests.support.command import DATA

BASE = f"""base:
  data: {{source: {DATA}/function/sine.csv, target: y}}
  layers: [{{type: linear, out_features: 1}}]
  loss: mse
  batch_size: 8
parameters: {{learning_rate: [0.1, 0.2, 0.3, 0.4]}}
"""

Way = Callable[[int, int], How]
"""How the trial with a number ends when it runs for the nth time, from 1."""


class Scripted(Engine):
    """Ends each trial at once, the first that began first. most: the largest number that ran at a time."""

    def __init__(self, way: Way, workers: int = 2) -> None:
        self._way = way
        self._under_way: list[Path] = []
        self._workers = workers
        self.begun: list[Path] = []
        self.most = 0
        self.asked = False

    @property
    def workers(self) -> int:
        return self._workers

    @property
    def running(self) -> list[Path]:
        return self._under_way

    def start(self, folder: Path, task: Task) -> None:
        assert len(self._under_way) < self._workers
        folder.mkdir(exist_ok=True)
        self.begun.append(folder)
        self._under_way.append(folder)
        self.most = max(self.most, len(self._under_way))

    def wait(self, seconds: float) -> list[Ended]:
        if not self._under_way:
            return []
        folder = self._under_way.pop(0)
        how = "stopped" if self.asked else self._way(self._number(folder), self.begun.count(folder))
        error = {"kind": "storage", "problems": [{"what": "no space", "path": None}]}
        if how in ("finished", "failed"):
            metrics = {"stopped": "finished", "metrics": {"loss": float(self._number(folder))}}
            (folder / "result.json").write_text(json.dumps(metrics if how == "finished" else {"error": error}))
        return [Ended(folder, how, error if how == "failed" else None, "its worker was killed (signal 9)")]

    def stop(self) -> None:
        self.asked = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def _number(self, folder: Path) -> int:
        return list(dict.fromkeys(self.begun)).index(folder) + 1


class Notes(SweepObserver):
    def __init__(self) -> None:
        self.notes: list[str] = []
        self.trials: list[TrialRecord] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def ended(self, trial: TrialRecord, best: bool, seconds_left: float | None) -> None:
        self.trials.append(trial)


def raced(
    folder: Path, engine: Scripted, *, text: str = BASE, time_limit: float | None = None, fail_fast: bool = False
) -> tuple[Stopped, Course, Notes]:
    """Run a sweep of four trials."""
    (folder / "lines.yaml").write_text(text)
    loaded = load_sweep(folder / "lines.yaml")
    checks, watcher = Checks(loaded), Notes()
    combinations = checks.all(list(loaded.space.grid()), lambda done, all: None)
    with SweepFolder(folder / "sweep") as sweep:
        course = Course(loaded, checks, combinations, 4, sweep.path)

        def report() -> dict[str, Any]:
            return {}

        race = Race(course, watcher, StopSignal(), sweep, report, time_limit, fail_fast)
        race.run(engine, 1)
    return race.stopped, course, watcher


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race_module, "MOMENT", 0.001)


def test_every_trial_runs_once(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "finished")
    stopped, course, watcher = raced(tmp_path, engine)
    assert stopped == "finished"
    assert [record.value for record in course.records] == [1.0, 2.0, 3.0, 4.0]
    assert len(engine.begun) == len(watcher.trials) == 4
    assert engine.most == 2


def test_a_lost_trial_runs_again(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "lost" if number == 2 and time < 3 else "finished")
    stopped, course, watcher = raced(tmp_path, engine)
    assert stopped == "finished"
    assert [record.status for record in course.records] == ["finished"] * 4
    assert watcher.notes == ["trial 2: its worker was killed (signal 9); it is started again"] * 2


def test_a_trial_that_is_always_lost_has_failed(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "lost" if number == 2 else "finished")
    stopped, course, _ = raced(tmp_path, engine)
    assert stopped == "finished"
    assert [record.status for record in course.records] == ["finished", "failed", "finished", "finished"]
    assert course.records[1].error == "its worker was killed (signal 9)"
    assert engine.begun.count(course.trials[1].folder) == LOSSES
    assert not course.trials[1].is_settled(), "the same command tries again"


def test_a_loss_after_progress_is_the_first(tmp_path: Path) -> None:
    def way(number: int, time: int) -> How:
        with (engine.begun[-1] / "metrics.jsonl").open("a") as file:
            file.write(json.dumps({"epoch": time}) + "\n")
        return "lost" if number == 2 and time <= 2 * LOSSES else "finished"

    engine = Scripted(way, workers=1)
    _, course, _ = raced(tmp_path, engine)
    assert [record.status for record in course.records] == ["finished"] * 4


def test_a_folder_that_another_process_has_is_waited_for(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "busy" if number == 1 and time < 4 else "finished")
    _, course, watcher = raced(tmp_path, engine)
    assert [record.status for record in course.records] == ["finished"] * 4
    assert watcher.notes == ["trial 1 is under way in another process: waiting for it"]


def test_a_failed_trial_lets_the_others_go_on_or_not(tmp_path: Path) -> None:
    stopped, course, _ = raced(tmp_path, Scripted(lambda number, time: "failed" if number == 1 else "finished", 1))
    assert (stopped, [record.status for record in course.records]) == ("finished", ["failed"] + ["finished"] * 3)
    (tmp_path / "fast").mkdir()
    engine = Scripted(lambda number, time: "failed" if number == 1 else "finished", 1)
    stopped, course, _ = raced(tmp_path / "fast", engine, fail_fast=True)
    assert (stopped, [record.status for record in course.records]) == ("failed", ["failed"] + ["unfinished"] * 3)
    assert course.records[0].error == "no space"


def test_time_runs_out(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "finished")
    stopped, course, _ = raced(tmp_path, engine, time_limit=0.0)
    assert stopped == "time_limit"
    assert engine.begun == []
    assert [record.status for record in course.records] == ["unfinished"] * 4


def test_trials_wait_for_memory_while_others_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race_module, "available_memory", lambda: 0)
    engine = Scripted(lambda number, time: "finished")
    stopped, course, watcher = raced(tmp_path, engine)
    assert stopped == "finished"
    assert [record.status for record in course.records] == ["finished"] * 4
    assert engine.most == 1
    (note,) = watcher.notes
    assert "of memory and 0 bytes are free: waiting" in note


def test_two_sweeps_cannot_have_one_folder(tmp_path: Path) -> None:
    with SweepFolder(tmp_path / "sweep"), pytest.raises(StorageError, match="another sweep is running here"):
        SweepFolder(tmp_path / "sweep").__enter__()


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_no_trial_begins_before_those_it_learns_from_have_ended(tmp_path: Path, parallel: int) -> None:
    engine = Scripted(lambda number, time: "finished", workers=8)
    pruned = f"{BASE}prune: median\nparallel: {parallel}\n"
    raced(tmp_path, engine, text=pruned)
    assert engine.most == parallel
