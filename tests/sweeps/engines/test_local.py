"""Worker processes of this machine: what they run is what `train` runs, whoever is killed and whenever."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nnctl.commands.train import train
from nnctl.sweeps.engines import local
from nnctl.sweeps.engines.engine import Ended, Task
from nnctl.sweeps.engines.local import LocalEngine
from nnctl.sweeps.work import new_task
from nnctl.training.run_folder import LockedError, RunFolder
from tests.support.command import ROOT, checkpoints_of, rows_of, surroundings
from tests.support.configs import SINE, load
from tests.support.kills import MANY_MOMENTS, MOMENTS, SAVE_ALWAYS, SLOW_EPOCHS, killed_before
from tests.support.processes import children_of, is_alive, wait_until

# dropout, momentum, a schedule and a best epoch in the middle: everything that must survive
CONFIG = f"""
{SINE}schedule: cosine
epochs: 200
metrics: [rmse]
"""
LONG = "epochs=1000000"


def worker(statements: str) -> list[str]:
    """The command of a worker that runs some statements first."""
    return [sys.executable, "-P", "-c", f"{statements}\nfrom nnctl.sweeps.worker import main; main()"]


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Task]:
    """Makes the task of `CONFIG` with some overrides."""
    folder = tmp_path_factory.mktemp("configs")
    return lambda *overrides: new_task(load(folder, CONFIG, *overrides).config.model_dump(mode="json"), threads=1)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "run.yaml").write_text(CONFIG)
    train(folder / "run.yaml", run=folder / "run", threads=1)
    return folder / "run"


others: set[int] = set()  # processes that other tests have started


def workers() -> set[int]:
    """The processes of the engine that the test has entered."""
    return children_of(os.getpid()) - others


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No process, dead or alive, and no open file more than before."""
    others.clear()
    others.update(children_of(os.getpid()))
    before = len(list(Path("/proc/self/fd").iterdir()))
    yield
    assert workers() == set()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def all_ended(engine: LocalEngine) -> list[Ended]:
    ended: list[Ended] = []
    wait_until(lambda: ended.extend(engine.wait(0.2)) or not engine.running)
    return ended


def run(engine: LocalEngine, folder: Path, task: Task) -> Ended:
    engine.start(folder, task)
    (ended,) = all_ended(engine)
    assert ended.folder == folder
    return ended


def result_of(folder: Path) -> Any:
    return json.loads((folder / "result.json").read_text())


def assert_same(run: Path, other: Path) -> None:
    assert rows_of(run) == rows_of(other)
    assert checkpoints_of(run) == checkpoints_of(other)
    assert (run / "config.yaml").read_bytes() == (other / "config.yaml").read_bytes()


@pytest.mark.slow
def test_trials_side_by_side_give_the_bytes_of_train(
    task: Callable[..., Task], undisturbed: Path, tmp_path: Path
) -> None:
    with LocalEngine(2, 1) as engine:
        assert engine.workers == 2
        for name in "ab":
            engine.start(tmp_path / name, task())
        processes = workers()
        assert len(processes) == 2
        assert all(os.getpgid(process) == process for process in processes), "Ctrl-C would reach them"
        assert engine.running == [tmp_path / "a", tmp_path / "b"]
        assert {ended.folder.name: ended.how for ended in all_ended(engine)} == {"a": "finished", "b": "finished"}
        assert run(engine, tmp_path / "c", task()) == Ended(tmp_path / "c", "finished")
        assert workers() == processes
        assert engine.wait(0.0) == []
    for name in "abc":
        assert_same(tmp_path / name, undisturbed)


@pytest.mark.slow
def test_no_more_workers_than_trials(task: Callable[..., Task], tmp_path: Path) -> None:
    with LocalEngine(3, 1) as engine:
        assert workers() == set()
        for name in "ab":
            assert run(engine, tmp_path / name, task("epochs=1")).how == "finished"
            assert len(workers()) == 1


def test_a_failed_trial_says_why_and_the_next_one_runs(task: Callable[..., Task], tmp_path: Path) -> None:
    with LocalEngine(1, 1) as engine:
        ended = run(engine, tmp_path / "a", task("learning_rate=1e30"))
        assert ended.how == "failed"
        assert ended.error == result_of(tmp_path / "a")["error"]
        assert ended.error is not None
        assert ended.error["kind"] == "diverged"
        assert run(engine, tmp_path / "b", task("epochs=1")).how == "finished"


@pytest.mark.slow
def test_stopped_trials_go_on_later(
    task: Callable[..., Task], undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "COMMAND", worker(SLOW_EPOCHS))
    folders = [tmp_path / "a", tmp_path / "b"]
    with LocalEngine(2, 1) as engine:
        for folder in folders:
            engine.start(folder, task())
        engine.stop()  # before they have begun
        assert {ended.folder: ended.how for ended in all_ended(engine)} == dict.fromkeys(folders, "stopped")
        assert [rows_of(folder) for folder in folders] == [[], []]
        engine.start(folders[0], task())
        wait_until(lambda: rows_of(folders[0]))
        engine.stop()
        assert all_ended(engine) == [Ended(folders[0], "stopped")]
        assert 0 < len(rows_of(folders[0])) < 200
        assert result_of(folders[0])["stopped"] == "signal"
    monkeypatch.undo()
    with LocalEngine(2, 1) as engine:
        for folder in folders:
            assert run(engine, folder, task()).how == "finished"
            assert_same(folder, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize("moments", [MOMENTS, pytest.param(MANY_MOMENTS, marks=pytest.mark.slow)], ids=["few", "many"])
def test_a_worker_killed_while_it_writes_costs_nothing_but_time(
    task: Callable[..., Task],
    undisturbed: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moments: list[tuple[str, int]],
) -> None:
    folder = tmp_path / "a"
    for moment in moments:
        monkeypatch.setattr(local, "COMMAND", worker(f"{SAVE_ALWAYS}\n{killed_before(moment)}"))
        with LocalEngine(1, 1) as engine:
            engine.start(folder, task())
            assert all_ended(engine) == [
                Ended(folder, "lost", reason="its worker was killed (signal 9), perhaps since memory ran out")
            ]
    assert 0 < len(rows_of(folder)) < 200
    monkeypatch.undo()
    with LocalEngine(1, 1) as engine:
        assert run(engine, folder, task()).how == "finished"
    assert_same(folder, undisturbed)


@pytest.mark.slow
def test_a_worker_killed_between_two_trials_is_replaced(task: Callable[..., Task], tmp_path: Path) -> None:
    with LocalEngine(1, 1) as engine:
        for name in "abc":
            assert run(engine, tmp_path / name, task("epochs=1")).how == "finished"
            (process,) = workers()
            os.kill(process, signal.SIGKILL)
            os.waitid(os.P_PID, process, os.WEXITED | os.WNOWAIT)
            if name == "b":
                assert engine.wait(60.0) == []


@pytest.mark.slow
def test_a_bug_is_told_with_the_end_of_its_traceback(task: Callable[..., Task], tmp_path: Path) -> None:
    with LocalEngine(1, 1) as engine:
        ended = run(engine, tmp_path / "a", {})
        assert ended.how == "lost"
        assert ended.reason.startswith("its worker ended with exit code 1\n")
        assert ended.reason.endswith("\nKeyError: 'config'")
        assert run(engine, tmp_path / "a", task("epochs=1")).how == "finished"


def test_no_worker_can_be_started(task: Callable[..., Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "COMMAND", [str(tmp_path / "python")])
    with LocalEngine(1, 1) as engine:
        engine.start(tmp_path / "a", task())
        assert engine.running == [tmp_path / "a"]
        lost = Ended(tmp_path / "a", "lost", reason="no worker can be started: No such file or directory")
        assert engine.wait(60.0) == [lost]
        assert engine.running == []


@pytest.mark.slow
def test_nothing_around_a_worker_disturbs_it(
    task: Callable[..., Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither what the working folder holds nor what anybody prints."""
    (tmp_path / "queue.py").write_text("raise ImportError")
    (tmp_path / "numba.py").write_text("raise ImportError")
    monkeypatch.chdir(tmp_path)
    with LocalEngine(1, 1) as engine:
        assert run(engine, Path("a"), task("epochs=1")) == Ended(Path("a"), "finished")
    noise = "print('{}', flush=True), os.system('echo {}')"
    monkeypatch.setattr(
        local,
        "COMMAND",
        worker(
            "import os, nnctl.sweeps.work as work; trial = work.run_trial; "
            f"work.run_trial = lambda *arguments: ({noise}, trial(*arguments), {noise})[2]"
        ),
    )
    with LocalEngine(1, 1) as engine:
        assert run(engine, Path("b"), task("epochs=1")) == Ended(Path("b"), "finished")
        assert run(engine, Path("c"), task("epochs=1")) == Ended(Path("c"), "finished")


def test_a_folder_that_is_in_use_is_busy(task: Callable[..., Task], tmp_path: Path) -> None:
    mine = RunFolder(tmp_path / "a")
    with LocalEngine(1, 1) as engine:
        assert run(engine, tmp_path / "a", task("epochs=1")) == Ended(tmp_path / "a", "busy")
        mine.close()
        assert run(engine, tmp_path / "a", task("epochs=1")).how == "finished"


@pytest.mark.slow
@pytest.mark.parametrize("error", [None, KeyboardInterrupt])
def test_leaving_ends_trials_under_way(
    task: Callable[..., Task], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException] | None
) -> None:
    def leave() -> None:
        with LocalEngine(2, 1) as engine:
            for name in "ab":
                engine.start(tmp_path / name, task(LONG))
            wait_until((tmp_path / "a" / "metrics.jsonl").exists)
            if error is not None:
                raise error

    monkeypatch.setattr(local, "PATIENCE", 3600.0)  # which is not needed
    if error is None:
        leave()
    else:
        with pytest.raises(error):
            leave()
    assert len(rows_of(tmp_path / "a")) < 1_000_000


# starts trials, and would wait for them for ever
PARENT = """
import json, sys
from pathlib import Path
from nnctl.sweeps.engines.local import LocalEngine
folders, task = json.loads(sys.stdin.readline())
with LocalEngine(len(folders), 1) as engine:
    for folder in folders:
        engine.start(Path(folder), task)
    print("started", flush=True)
    while True:
        engine.wait(60.0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["importing", "compiling", "training"])
def test_workers_end_when_the_process_is_killed_that_started_them(
    task: Callable[..., Task], tmp_path: Path, moment: str
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    variables = {} if moment == "training" else {"NNCTL_CACHE_DIR": str(tmp_path / "cache")}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        env=surroundings(**variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        try:
            assert parent.stdin is not None
            assert parent.stdout is not None
            parent.stdin.write(json.dumps([[str(folder) for folder in folders], task(LONG)]) + "\n")
            parent.stdin.flush()
            assert parent.stdout.readline() == "started\n"
            if moment == "compiling":
                wait_until(lambda: list((tmp_path / "cache").glob("*/lock")))
            elif moment == "training":
                wait_until(lambda: all((folder / "metrics.jsonl").exists() for folder in folders))
                wait_until(lambda: all(rows_of(folder) for folder in folders))
            workers = children_of(parent.pid)
            assert len(workers) == 2
        finally:
            parent.kill()
    wait_until(lambda: not any(is_alive(worker) for worker in workers) and all(map(is_free, folders)))


def is_free(folder: Path) -> bool:
    try:
        RunFolder(folder).close()
    except LockedError:
        return False
    return True
