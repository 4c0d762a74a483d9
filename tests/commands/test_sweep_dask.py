"""`nnctl sweep --engine dask` gives the trials and bytes of the local engine, on this machine and on a cluster."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import psutil
import pytest

from nnctl.training.metrics_file import read_rows
from tests.support.cluster import scheduler, trainer, worker
from tests.support.command import COMMAND, nnctl, report_of, surroundings
from tests.support.configs import SINE
from tests.support.processes import wait_until
from tests.support.sweeps import bytes_of, runs_in

SWEEP = f"""
base:
{indent(SINE, "  ")}  epochs: 900
method: random
trials: 6
metric: val_loss
prune: {{type: asha, min_epochs: 100, factor: 3}}
parameters: {{learning_rate: {{min: 0.0001, max: 0.1, scale: log}}, layers.1.p: [0.1, 0.3]}}
"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of a sweep by processes without Dask, beside its file, and its report."""
    folder = tmp_path_factory.mktemp("local")
    (folder / "sweep.yaml").write_text(SWEEP)
    report = report_of("sweep", "sweep.yaml", "--run", "whole", cwd=folder)
    assert report["counts"]["finished"] + report["counts"]["pruned"] == 6
    assert report["counts"]["pruned"] > 0
    return folder / "whole", report


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    folder = tmp_path_factory.mktemp("cluster")
    with scheduler(folder) as (address, _), worker(address, folder), worker(address, folder):
        yield address


@pytest.fixture(params=[pytest.param("this machine", marks=pytest.mark.slow), "cluster"])
def engine(request: pytest.FixtureRequest) -> list[str]:
    """The options of the command."""
    if request.param == "this machine":
        return ["--engine", "dask", "--workers", "2"]
    return ["--engine", "dask", "--scheduler", request.getfixturevalue("cluster")]


def trials_of(report: dict[str, Any]) -> list[dict[str, Any]]:
    """What a report says of its trials, without what depends on the clock and the folder."""
    return [{key: trial[key] for key in trial if key not in ("seconds", "run")} for trial in report["trials"]]


def assert_ends_as(local: tuple[Path, dict[str, Any]], sweep: Path, *options: str) -> None:
    """The same command again: every trial has one run, and its bytes."""
    done = nnctl("sweep", "sweep.yaml", "--run", sweep, *options, "--json", "-q", cwd=local[0].parent)
    assert (done.returncode, done.stderr) == (0, "")  # what Dask has to say nobody needs to hear
    report = json.loads(done.stdout)
    assert report["stopped"] == "finished"
    assert trials_of(report) == trials_of(local[1])
    assert bytes_of(sweep) == bytes_of(local[0])
    assert {path.name for path in sweep.iterdir()} == {path.name for path in local[0].iterdir()}


@pytest.mark.slow
def test_the_same_trials_and_bytes(local: tuple[Path, dict[str, Any]], engine: list[str], tmp_path: Path) -> None:
    assert_ends_as(local, tmp_path / "sweep", *engine)


def start(local: tuple[Path, dict[str, Any]], sweep: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, "sweep", "sweep.yaml", "--run", str(sweep), *options, "-q"],
        cwd=local[0].parent,
        env=surroundings(TMPDIR=str(sweep.parent)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def a_trainer(sweep: Path) -> psutil.Process | None:
    """A process in the midst of a trial."""
    if not sweep.exists():
        return None
    for run in runs_in(sweep):
        if len(read_rows(run)) > 20 and (process := trainer(run)) is not None:
            return process
    return None


@pytest.mark.slow
def test_killed_workers_cost_nothing_but_time(
    local: tuple[Path, dict[str, Any]], engine: list[str], tmp_path: Path
) -> None:
    process = start(local, tmp_path / "sweep", *engine)
    try:
        for _ in range(2):
            found: list[psutil.Process] = []
            wait_until(lambda found=found: found.extend(filter(None, [a_trainer(tmp_path / "sweep")])) or found)
            assert found[0].pid != process.pid
            found[0].kill()
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, err
    restarts = [line for line in err.splitlines() if line != "note: no workers: waiting for one"]  # for a moment
    assert all(line.startswith("note: trial ") and line.endswith("; restarting it") for line in restarts), err
    assert bytes_of(tmp_path / "sweep") == bytes_of(local[0])
    assert_ends_as(local, tmp_path / "sweep", *engine)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_sweep_that_is_ended_goes_on(
    local: tuple[Path, dict[str, Any]], engine: list[str], tmp_path: Path, number: int
) -> None:
    process = start(local, tmp_path / "sweep", *engine)
    wait_until(lambda: a_trainer(tmp_path / "sweep"))
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=60)
    assert said == ""
    assert process.returncode == (130 if number == signal.SIGINT else -9)
    assert_ends_as(local, tmp_path / "sweep", *engine)


@pytest.mark.slow
def test_a_scheduler_that_is_not_there(local: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    options = ["--engine", "dask", "--scheduler", "nowhere"]
    done = nnctl("sweep", "sweep.yaml", "--run", tmp_path / "sweep", *options, cwd=local[0].parent)
    assert done.returncode == 2
    assert "error: 'nowhere' is not the address of a Dask scheduler" in done.stderr
    assert "Traceback" not in done.stderr
