"""Trials on Dask give the bytes that they give without it, whoever is killed meanwhile."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import nnctl
from nnctl.config.load import load_config
from nnctl.errors import UsageError
from nnctl.sweeps.engines import dask
from nnctl.sweeps.engines.dask import DaskEngine
from nnctl.sweeps.engines.dask_worker import TOKEN, read_files, write_files
from nnctl.sweeps.engines.engine import Ended, Task
from nnctl.sweeps.work import new_task, run_trial
from nnctl.training.metrics_file import read_rows
from nnctl.training.result_file import read_result, status_of
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import Stop
from tests.support.cluster import scheduler, trainer, worker
from tests.support.command import checkpoints_of, rows_of, surroundings
from tests.support.configs import SINE
from tests.support.processes import wait_until

Tasks = dict[str, Task]
CONFIG = f"""
seed: 5
{SINE}optimizer: adam
learning_rate: 0.01
epochs: 100
metrics: [rmse]
"""
CHANGES = {
    "first": [],
    "second": ["learning_rate=0.003", "batch_size=16"],
    "third": ["layers.0.out_features=8", "optimizer=sgd"],
    "long": ["epochs=3000"],
    "endless": ["epochs=1000000"],
    "diverging": ["optimizer=sgd", "learning_rate=1e30"],
    "missing": [],
}
# what a sweep does with one trial: the arguments are the scheduler, the run folder, and the task
SWEEP = """
import json, sys
from pathlib import Path
from nnctl.sweeps.engines.dask import DaskEngine
from nnctl.training.stop_signal import StopSignal

with StopSignal() as stop, DaskEngine(sys.argv[1] or None, 2, 1) as engine:
    engine.start(Path(sys.argv[2]), json.loads(sys.argv[3]))
    asked = False
    while engine.running:
        if stop.asked and not asked:
            asked = True
            engine.stop()
        for ended in engine.wait(0.1):
            print(ended.how)
"""


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> Tasks:
    file = tmp_path_factory.mktemp("config") / "trial.yaml"
    file.write_text(CONFIG)
    made = {name: new_task(load_config(file, keys).config.model_dump(mode="json")) for name, keys in CHANGES.items()}
    made["missing"]["config"]["data"]["source"] = str(file.parent / "gone.csv")
    return made


@pytest.fixture(scope="module")
def undisturbed(tasks: Tasks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the same trials, run in this process."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for name in ("first", "second", "third", "long"):
        assert run_trial(folder / name, tasks[name], Stop()).how == "finished"
    return folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers, which work in a folder of their own."""
    folder = tmp_path_factory.mktemp("cluster")
    with scheduler(folder) as (address, _), worker(address, folder), worker(address, folder):
        yield address


def assert_same(run: Path, undisturbed: Path) -> None:
    other = undisturbed / run.name
    assert load_config(run / "config.yaml").config == load_config(other / "config.yaml").config
    assert rows_of(run) == rows_of(other)
    assert checkpoints_of(run) == checkpoints_of(other)
    assert status_of(read_result(run)) == "finished"


def run_all(engine: DaskEngine, folder: Path, tasks: Tasks, *names: str) -> dict[str, Ended]:
    """Run these trials, and those under way, to their ends, as many at a time as there are workers."""
    left, ended = list(names), dict[str, Ended]()

    def all_have_ended() -> bool:
        while left and len(engine.running) < engine.workers:
            name = left.pop(0)
            engine.start(folder / name, tasks[name])
        ended.update((one.folder.name, one) for one in engine.wait(0.2))
        return not left and not engine.running

    wait_until(all_have_ended)
    return ended


def how(ended: dict[str, Ended]) -> dict[str, str]:
    return {name: one.how for name, one in ended.items()}


def wait_for_rows(run: Path, count: int) -> None:
    wait_until(lambda: len(read_rows(run)) >= count)


def kill_its_worker(run: Path) -> None:
    """SIGKILL in the midst of a trial."""
    wait_for_rows(run, 50)
    killed = trainer(run)
    assert killed is not None
    killed.kill()
    wait_until(lambda: not killed.is_running() or killed.status() == psutil.STATUS_ZOMBIE)
    assert status_of(read_result(run)) == "unfinished"


@pytest.mark.slow
def test_processes_of_this_machine(tasks: Tasks, undisturbed: Path, tmp_path: Path) -> None:
    with DaskEngine(None, 2, 1) as engine:
        assert engine.workers == 2
        ended = run_all(engine, tmp_path, tasks, "first", "diverging", "missing", "second", "third")
        assert engine.running == []
        assert engine.wait(5.0) == []
    finished = dict.fromkeys(["first", "second", "third"], "finished")
    assert how(ended) == finished | {"diverging": "failed", "missing": "failed"}
    for name in finished:
        assert_same(tmp_path / name, undisturbed)
    for name, kind in (("diverging", "diverged"), ("missing", "data")):
        assert ended[name].error["kind"] == kind
        assert read_result(tmp_path / name) == {"error": ended[name].error}
    assert not (tmp_path / TOKEN).exists()


@pytest.mark.slow
def test_a_cluster_started_by_hand(cluster: str, tasks: Tasks, undisturbed: Path, tmp_path: Path) -> None:
    with DaskEngine(cluster, 1, 2) as engine:
        wait_until(lambda: engine.workers == 2)
        ended = run_all(engine, tmp_path, tasks, "first", "second", "third")
        assert set(how(ended).values()) == {"finished"}
        again = run_all(engine, tmp_path, tasks, "first")
        assert again["first"] == ended["first"]
    for name in ended:
        assert_same(tmp_path / name, undisturbed)
        # as many as Dask gave the worker: those that this machine has to share out say nothing about it
        assert json.loads((tmp_path / name / "environment.json").read_text())["threads"] == 1


@pytest.mark.slow
def test_trials_go_to_idle_workers(cluster: str, tasks: Tasks, tmp_path: Path) -> None:
    with DaskEngine(cluster, 1, None) as engine:
        wait_until(lambda: engine.workers == 2)
        for name in ("endless", "long"):
            engine.start(tmp_path / name, tasks[name])
        wait_for_rows(tmp_path / "endless", 1)
        wait_for_rows(tmp_path / "long", 1)
        assert trainer(tmp_path / "endless") != trainer(tmp_path / "long")
        engine.stop()
        run_all(engine, tmp_path, tasks)


@pytest.mark.slow
def test_a_killed_process_of_this_machine_costs_nothing_but_time(
    tasks: Tasks, undisturbed: Path, tmp_path: Path
) -> None:
    with DaskEngine(None, 2, 1) as engine:
        engine.start(tmp_path / "long", tasks["long"])
        kill_its_worker(tmp_path / "long")
        ended = run_all(engine, tmp_path, tasks, "first", "second")
        assert how(ended) == dict.fromkeys(["long", "first", "second"], "finished")
        wait_until(lambda: engine.workers == 2)  # Dask has started it again
    for name in ended:
        assert_same(tmp_path / name, undisturbed)


@pytest.mark.slow
def test_a_killed_worker_of_a_cluster_costs_nothing_but_time(tasks: Tasks, undisturbed: Path, tmp_path: Path) -> None:
    """One that nobody starts again: its trial moves, and goes on from its checkpoint."""
    run = tmp_path / "long"
    with (
        scheduler(tmp_path) as (address, _),
        worker(address, tmp_path, "--no-nanny"),
        worker(address, tmp_path, "--no-nanny"),
        DaskEngine(address, 1, None) as engine,
    ):
        wait_until(lambda: engine.workers == 2)
        engine.start(run, tasks["long"])
        wait_until((run / "checkpoints" / "last.safetensors").exists)
        kill_its_worker(run)
        before = read_rows(run)[0]
        assert how(run_all(engine, tmp_path, tasks)) == {"long": "finished"}
        assert engine.workers == 1
    assert read_rows(run)[0] == before  # the time that it took is that of the first worker
    assert_same(run, undisturbed)


@pytest.mark.slow
def test_a_trial_that_dask_gives_up_is_lost(tasks: Tasks, undisturbed: Path, tmp_path: Path) -> None:
    never_again = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with (
        scheduler(tmp_path, **never_again) as (address, _),
        worker(address, tmp_path),
        DaskEngine(address, 1, None) as engine,
    ):
        engine.start(tmp_path / "long", tasks["long"])
        kill_its_worker(tmp_path / "long")
        lost = run_all(engine, tmp_path, tasks)["long"]
        assert lost.how == "lost"
        assert lost.reason == "Dask gave it up after 1 of its workers died"
        assert how(run_all(engine, tmp_path, tasks, "long")) == {"long": "finished"}
    assert_same(tmp_path / "long", undisturbed)


@pytest.mark.slow
def test_trials_stop_and_go_on(cluster: str, tasks: Tasks, undisturbed: Path, tmp_path: Path) -> None:
    """One more than there are workers: it has not begun, and is taken back."""
    runs = [tmp_path / "long", tmp_path / "endless", tmp_path / "waiting"]
    with DaskEngine(cluster, 1, None) as engine:
        wait_until(lambda: engine.workers == 2)
        for run, name in zip(runs, ("long", "endless", "long"), strict=True):
            engine.start(run, tasks[name])
        for run in runs[:2]:
            wait_for_rows(run, 10)
        engine.stop()
        ended = run_all(engine, tmp_path, tasks)
    assert how(ended) == dict.fromkeys(["long", "endless", "waiting"], "stopped")
    assert not runs[2].exists()
    for run in runs[:2]:
        assert read_result(run)["stopped"] == "signal"
    assert 10 <= len(read_rows(runs[0])) < 3000
    with DaskEngine(cluster, 1, None) as engine:
        assert how(run_all(engine, tmp_path, tasks, "long")) == {"long": "finished"}
    assert_same(tmp_path / "long", undisturbed)


@pytest.mark.slow
def test_a_worker_that_does_not_see_the_folder_sends_the_files(
    cluster: str,
    tasks: Tasks,
    undisturbed: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same path means another place there: it begins at the process's working folder."""
    monkeypatch.chdir(tmp_path)
    here = Path("/proc/self/cwd")
    elsewhere = "cluster*/**/long"
    with DaskEngine(cluster, 1, None) as engine:
        engine.start(here / "long", tasks["long"])
        wait_until(lambda: any(read_rows(run) for run in tmp_path_factory.getbasetemp().glob(elsewhere)))
        assert list(tmp_path.iterdir()) == [tmp_path / TOKEN]
        engine.stop()
        assert how(run_all(engine, here, tasks)) == {"long": "stopped"}
    before = read_rows(tmp_path / "long")
    assert 0 < len(before) < 3000
    assert read_result(tmp_path / "long")["stopped"] == "signal"
    with DaskEngine(cluster, 1, None) as engine:
        ended = run_all(engine, here, tasks, "long", "first", "diverging")
        locked = RunFolder(tmp_path / "second")
        assert how(run_all(engine, here, tasks, "second")) == {"second": "busy"}
        locked.close()
    assert how(ended) == {"long": "finished", "first": "finished", "diverging": "failed"}
    for name in ("long", "first"):
        assert_same(tmp_path / name, undisturbed)
        result = read_result(tmp_path / name)
        assert result["run"] == str(here / name)
        assert result["checkpoint"] == str(here / name / "checkpoints" / "best.safetensors")
        assert (tmp_path / name / "result.json").read_text() == json.dumps(result, indent=2) + "\n"
    assert read_rows(tmp_path / "long")[: len(before)] == before
    assert read_result(tmp_path / "diverging") == {"error": ended["diverging"].error}
    assert ended["diverging"].error["problems"][0]["file"] == str(here / "diverging")


def test_only_the_files_of_a_run_are_written(tmp_path: Path) -> None:
    files = {"config.yaml": b"seed: 1\n", "checkpoints/last.safetensors": b"1"}
    write_files(tmp_path / "run", {**files, "../beside": b"2", "/tmp/away": b"3", ".lock": b"4"})
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()} == {
        "run/config.yaml",
        "run/checkpoints/last.safetensors",
    }
    assert read_files(tmp_path / "run") == files


def start_sweep(scheduler: str, run: Path, task: Task) -> subprocess.Popen[str]:
    """In a process of its own, whose temporary files are in a folder beside the run folder's."""
    run.parent.mkdir()
    (room := run.parent.with_name("room")).mkdir()
    return subprocess.Popen(
        [sys.executable, "-c", SWEEP, scheduler, str(run), json.dumps(task)],
        env=surroundings(TMPDIR=str(room)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


@pytest.mark.slow
def test_ctrl_c_reaches_the_sweep_and_not_its_workers(tasks: Tasks, tmp_path: Path) -> None:
    """They save and end as they are asked to; nothing is said, and nothing is left."""
    run = tmp_path / "sweep" / "endless"
    process = start_sweep("", run, tasks["endless"])
    wait_for_rows(run, 5)
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=60) == ("stopped\n", "")
    assert process.returncode == 0
    assert read_result(run)["stopped"] == "signal"
    assert list(run.parent.iterdir()) == [run]
    assert list((tmp_path / "room").iterdir()) == []


@pytest.mark.slow
def test_workers_of_this_machine_end_with_the_sweep(tasks: Tasks, tmp_path: Path) -> None:
    run = tmp_path / "sweep" / "endless"
    process = start_sweep("", run, tasks["endless"])
    wait_for_rows(run, 5)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert trainer(run) in workers
    process.kill()
    process.communicate()
    wait_until(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in workers))
    RunFolder(run).close()  # it is locked no longer


@pytest.mark.slow
def test_a_process_that_dies_while_it_starts_is_started_again(tasks: Tasks, tmp_path: Path) -> None:
    process = start_sweep("", tmp_path / "sweep" / "first", tasks["first"])

    def workers() -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            return [one for one in psutil.Process(process.pid).children() if "spawn_main" in " ".join(one.cmdline())]
        return []

    wait_until(workers)
    for killed in workers():
        killed.kill()
    assert process.communicate(timeout=60) == ("finished\n", "")


@pytest.mark.slow
def test_processes_that_do_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "START", 0.0)
    with pytest.raises(UsageError, match="do not start"), DaskEngine(None, 1, 1):
        pass
    assert not [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


def break_off(engine: DaskEngine, run: Path, task: Task) -> psutil.Process:
    """An error in the midst of a trial. Returns the process that it was in."""
    found = None
    with contextlib.suppress(ZeroDivisionError), engine:
        engine.start(run, task)
        wait_for_rows(run, 5)
        found = trainer(run)
        raise ZeroDivisionError
    assert found is not None
    return found


@pytest.mark.slow
def test_an_error_ends_the_workers_of_this_machine_at_once(tasks: Tasks, tmp_path: Path) -> None:
    process = break_off(DaskEngine(None, 1, 1), tmp_path / "run", tasks["endless"])
    assert not process.is_running()
    assert read_result(tmp_path / "run") is None


@pytest.mark.slow
def test_an_error_ends_the_trials_of_a_cluster(cluster: str, tasks: Tasks, tmp_path: Path) -> None:
    process = break_off(DaskEngine(cluster, 1, None), tmp_path / "run", tasks["endless"])
    wait_until(lambda: read_result(tmp_path / "run"))
    assert read_result(tmp_path / "run")["stopped"] == "signal"
    assert process.is_running()


@pytest.mark.slow
def test_a_cluster_finishes_what_a_killed_sweep_began(
    cluster: str, tasks: Tasks, undisturbed: Path, tmp_path: Path
) -> None:
    """And the same sweep waits until the folder is free."""
    sweep = tmp_path / "sweep"
    process = start_sweep(cluster, sweep / "long", tasks["long"])
    wait_for_rows(sweep / "long", 5)
    process.kill()
    process.communicate()
    seen = set[str]()
    with DaskEngine(cluster, 1, 1) as engine:
        wait_until(lambda: seen.add(run_all(engine, sweep, tasks, "long")["long"].how) or "finished" in seen)
    assert seen <= {"busy", "finished"}
    assert_same(sweep / "long", undisturbed)


@pytest.mark.slow
def test_the_scheduler_dies(tasks: Tasks, tmp_path: Path) -> None:
    with scheduler(tmp_path) as (address, process), worker(address, tmp_path), DaskEngine(address, 1, None) as engine:
        engine.start(tmp_path / "run", tasks["endless"])
        wait_for_rows(tmp_path / "run", 5)
        process.kill()
        with pytest.raises(UsageError, match="is gone") as told:
            wait_until(lambda: engine.wait(0.2))
    assert told.value.problems[0].what == f"the Dask scheduler at {address} is gone"
    assert "run the same command again" in told.value.problems[0].help


def refusal(address: str) -> str:
    """What is said of a cluster that cannot be used."""
    with pytest.raises(UsageError) as told, DaskEngine(address, 1, None):
        pass
    return str(told.value)


@pytest.mark.slow
def test_a_cluster_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask, "PATIENCE", 0.5)
    assert "no Dask scheduler answers at tcp://127.0.0.1:1\n  help: start one" in refusal("tcp://127.0.0.1:1")
    assert "'nowhere' is not the address of a Dask scheduler: missing port" in refusal("nowhere")
    assert "'http://127.0.0.1:1' is not the address of a Dask scheduler: unknown address scheme" in refusal(
        "http://127.0.0.1:1"
    )
    with socket.create_server(("127.0.0.1", 0)) as silent:  # somebody else
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        assert f"no Dask scheduler answers at {address}" in refusal(address)
    monkeypatch.setattr(dask, "PATIENCE", 5.0)  # for a scheduler that does answer, however busy the machine is
    with scheduler(tmp_path) as (address, _):
        assert f"the Dask scheduler at {address} has no workers\n  help: start some" in refusal(address)


@pytest.mark.slow
def test_another_nnctl_is_refused(tmp_path: Path) -> None:
    """One worker has an older one, and one has an older one yet, which knows nothing of sweeps."""
    for name in ("older", "oldest"):
        copy = shutil.copytree(Path(nnctl.__file__).parent, tmp_path / name / "nnctl")
        (copy / "__init__.py").write_text('__version__ = "0.0.7"\n')
    shutil.rmtree(copy / "sweeps")
    with (
        scheduler(tmp_path) as (address, _),
        worker(address, tmp_path, PYTHONPATH=str(tmp_path / "older")),
        worker(address, tmp_path, PYTHONPATH=str(tmp_path / "oldest")),
    ):
        wait_until(lambda: refusal(address).count("the Dask worker at") == 2)
        said = refusal(address)
    this = f"this is nnctl {nnctl.__version__}\n  help: install nnctl {nnctl.__version__} for all workers"
    assert re.search(rf"at tcp://[\d.:]+ has nnctl 0.0.7, {re.escape(this)}", said)
    assert re.search(rf"at tcp://[\d.:]+ has no nnctl for sweeps \(.*'nnctl.sweeps'.*\), {re.escape(this)}", said)


def test_without_dask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="needs the package distributed") as told:
        DaskEngine(None, 1, 1)
    assert told.value.problems[0].help == "pip install 'nnctl[cluster]'"
