"""The sweep's loop, with an engine that ends trials as a test wants it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from nnctl.errors import StorageError
from nnctl.sweeps import loop as loop_module
from nnctl.sweeps.combination import Checks
from nnctl.sweeps.engines.engine import Ended, Engine, How, Task
from nnctl.sweeps.load import load_sweep
from nnctl.sweeps.loop import MOST_LOST_WORKERS, SweepLoop
from nnctl.sweeps.observer import SweepObserver
from nnctl.sweeps.plan import SweepPlan
from nnctl.sweeps.record import TrialRecord
from nnctl.sweeps.summary import SweepStopped
from nnctl.sweeps.sweep_folder import SweepFolder
from nnctl.sweeps.trial_queue import TrialQueue
from nnctl.training.stop_signal import StopSignal
from tests.support.command import DATA

BASE = f"""base:
  data: {{source: {DATA}/function/sine.csv, target: y}}
  layers: [{{type: linear, out_features: 1}}]
  loss: mse
  batch_size: 8
parameters: {{learning_rate: [0.1, 0.2, 0.3, 0.4]}}
"""

Script = Callable[[int, int], How]
"""How the trial with a number ends when it runs for the nth time, from 1."""


class Scripted(Engine):
    """Ends each trial at once, the first that began first. most: the largest number that ran at a time."""

    def __init__(self, script: Script, workers: int = 2) -> None:
        self._script = script
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
        how = "stopped" if self.asked else self._script(self._number(folder), self.begun.count(folder))
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


def looped(
    folder: Path, engine: Scripted, *, text: str = BASE, time_limit: float | None = None, fail_fast: bool = False
) -> tuple[SweepStopped, TrialQueue, Notes]:
    """Run a sweep of four trials."""
    (folder / "lines.yaml").write_text(text)
    loaded = load_sweep(folder / "lines.yaml")
    checks, observer = Checks(loaded), Notes()
    combinations = checks.all(list(loaded.space.grid()), lambda done, total: None)
    with SweepFolder(folder / "sweep") as sweep:
        queue = TrialQueue(loaded, checks, SweepPlan(4, combinations, combinations[0]), sweep.path)

        def report() -> dict[str, Any]:
            return {}

        loop = SweepLoop(queue, observer, StopSignal(), sweep, report, time_limit, fail_fast)
        loop.run(engine, 1)
    return loop.stopped, queue, observer


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "POLL", 0.001)


def test_every_trial_runs_once(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "finished")
    stopped, queue, observer = looped(tmp_path, engine)
    assert stopped == "finished"
    assert [record.value for record in queue.records] == [1.0, 2.0, 3.0, 4.0]
    assert len(engine.begun) == len(observer.trials) == 4
    assert engine.most == 2


def test_a_lost_trial_runs_again(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "lost" if number == 2 and time < 3 else "finished")
    stopped, queue, observer = looped(tmp_path, engine)
    assert stopped == "finished"
    assert [record.status for record in queue.records] == ["finished"] * 4
    assert observer.notes == ["trial 2: its worker was killed (signal 9); restarting it"] * 2


def test_a_trial_that_is_always_lost_has_failed(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "lost" if number == 2 else "finished")
    stopped, queue, _ = looped(tmp_path, engine)
    assert stopped == "finished"
    assert [record.status for record in queue.records] == ["finished", "failed", "finished", "finished"]
    assert queue.records[1].error == "its worker was killed (signal 9)"
    assert engine.begun.count(queue.trials[1].folder) == MOST_LOST_WORKERS
    assert not queue.trials[1].is_final(), "the same command tries again"


def test_a_loss_after_progress_is_the_first(tmp_path: Path) -> None:
    def script(number: int, time: int) -> How:
        with (engine.begun[-1] / "metrics.jsonl").open("a") as file:
            file.write(json.dumps({"epoch": time}) + "\n")
        return "lost" if number == 2 and time <= 2 * MOST_LOST_WORKERS else "finished"

    engine = Scripted(script, workers=1)
    _, queue, _ = looped(tmp_path, engine)
    assert [record.status for record in queue.records] == ["finished"] * 4


def test_a_folder_that_another_process_has_is_waited_for(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "busy" if number == 1 and time < 4 else "finished")
    _, queue, observer = looped(tmp_path, engine)
    assert [record.status for record in queue.records] == ["finished"] * 4
    assert observer.notes == ["trial 1 is running in another process: waiting for it"]


def test_a_failed_trial_lets_the_others_go_on_or_not(tmp_path: Path) -> None:
    stopped, queue, _ = looped(tmp_path, Scripted(lambda number, time: "failed" if number == 1 else "finished", 1))
    assert (stopped, [record.status for record in queue.records]) == ("finished", ["failed"] + ["finished"] * 3)
    (tmp_path / "fast").mkdir()
    engine = Scripted(lambda number, time: "failed" if number == 1 else "finished", 1)
    stopped, queue, _ = looped(tmp_path / "fast", engine, fail_fast=True)
    assert (stopped, [record.status for record in queue.records]) == ("failed", ["failed"] + ["unfinished"] * 3)
    assert queue.records[0].error == "no space"


def test_time_runs_out(tmp_path: Path) -> None:
    engine = Scripted(lambda number, time: "finished")
    stopped, queue, _ = looped(tmp_path, engine, time_limit=0.0)
    assert stopped == "time_limit"
    assert engine.begun == []
    assert [record.status for record in queue.records] == ["unfinished"] * 4


def test_trials_wait_for_memory_while_others_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "available_memory", lambda: 0)
    engine = Scripted(lambda number, time: "finished")
    stopped, queue, observer = looped(tmp_path, engine)
    assert stopped == "finished"
    assert [record.status for record in queue.records] == ["finished"] * 4
    assert engine.most == 1
    (note,) = observer.notes
    assert "of memory and 0 bytes are free: waiting" in note


def test_two_sweeps_cannot_have_one_folder(tmp_path: Path) -> None:
    with SweepFolder(tmp_path / "sweep"), pytest.raises(StorageError, match="another sweep is running here"):
        SweepFolder(tmp_path / "sweep").__enter__()


@pytest.mark.parametrize("parallel", [1, 2, 3])
def test_no_trial_begins_before_those_it_learns_from_have_ended(tmp_path: Path, parallel: int) -> None:
    engine = Scripted(lambda number, time: "finished", workers=8)
    pruned = f"{BASE}prune: median\nparallel: {parallel}\n"
    looped(tmp_path, engine, text=pruned)
    assert engine.most == parallel
