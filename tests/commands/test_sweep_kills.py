"""A sweep that is killed, or whose workers are, ends with the bytes of one that was left alone."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path
from textwrap import indent

import pytest

from tests.support.command import report_of, surroundings
from tests.support.configs import SINE
from tests.support.processes import children_of, is_alive, wait_until
from tests.support.sweeps import SLOW_COMMAND, bytes_of

BASE = f"""
base:
{indent(SINE, "  ")}  schedule: cosine
  epochs: 60
metric: val_loss
"""
SWEEPS = {
    "grid": f"{BASE}\nseeds: 2\nparameters: {{learning_rate: [0.003, 0.01], layers.1.p: [0.1, 0.3]}}\n",
    "pruned": f"""{BASE}
method: random
trials: 12
prune: {{type: asha, min_epochs: 6, factor: 3}}
parameters: {{learning_rate: {{min: 0.0001, max: 0.1, scale: log}}}}
""",
}


KILLS = 6


@pytest.fixture(scope="module", params=[pytest.param("grid", marks=pytest.mark.slow), "pruned"])
def undisturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole sweep, beside its file."""
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "sweep.yaml").write_text(SWEEPS[request.param])
    report_of("sweep", "sweep.yaml", "--run", "whole", cwd=folder)
    return folder / "whole"


def start(undisturbed: Path, sweep: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*SLOW_COMMAND, "sweep", "sweep.yaml", "--run", sweep, "--workers", "2", "-q"],
        cwd=undisturbed.parent,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )


def written(sweep: Path) -> dict[Path, int]:
    """When the last checkpoint of each trial was."""
    return {file: file.stat().st_mtime_ns for file in sweep.glob("*/checkpoints/last.safetensors")}


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    return sorted(filter(is_alive, children_of(process.pid)))


def go_on(process: subprocess.Popen[bytes], sweep: Path) -> None:
    """Wait until every worker has written a checkpoint."""
    before = written(sweep)

    def all_have() -> bool:
        assert process.poll() is None, "the sweep ended before it could be killed"
        new = {file for file, when in written(sweep).items() if before.get(file) != when}
        return len(new) >= max(1, len(workers_of(process)))

    wait_until(all_have)


def assert_ends_as(undisturbed: Path, sweep: Path) -> None:
    """The same command again: every trial has one run, and its bytes."""
    report = report_of("sweep", "sweep.yaml", "--run", sweep, cwd=undisturbed.parent)
    assert report["stopped"] == "finished"
    assert len(report["trials"]) == report["counts"]["finished"] + report["counts"]["pruned"]
    assert bytes_of(sweep) == bytes_of(undisturbed)


@pytest.mark.slow
def test_killed(undisturbed: Path, tmp_path: Path) -> None:
    draw, workers = random.Random(7), set[int]()
    for kill in range(KILLS):
        process = start(undisturbed, tmp_path / "sweep")
        try:
            if kill % 2 == 0:  # half of the moments fall into the training, half anywhere, the start included
                go_on(process, tmp_path / "sweep")
                time.sleep(draw.uniform(0.0, 0.2))
            else:
                time.sleep(draw.uniform(0.1, 1.6))
            workers.update(workers_of(process))
            assert process.poll() is None, "the sweep ended before it could be killed"
        finally:
            kill_it = os.killpg if kill % 4 < 2 else os.kill  # its workers are in groups of their own
            kill_it(process.pid, signal.SIGKILL)
            process.wait()
    assert workers
    wait_until(lambda: not any(map(is_alive, workers)))
    assert_ends_as(undisturbed, tmp_path / "sweep")


@pytest.mark.slow
def test_workers_killed(undisturbed: Path, tmp_path: Path) -> None:
    draw = random.Random(8)
    process = start(undisturbed, tmp_path / "sweep")
    try:
        for kill in range(KILLS):
            if kill % 2:
                time.sleep(draw.uniform(0.0, 1.0))
            else:
                go_on(process, tmp_path / "sweep")
                time.sleep(draw.uniform(0.0, 0.1))
            wait_until(lambda: workers_of(process))
            assert process.poll() is None, "the sweep ended before it could be killed"
            os.kill(draw.choice(workers_of(process)), signal.SIGKILL)
        assert process.wait(120) == 0
    finally:
        process.kill()
        process.wait()
    assert bytes_of(tmp_path / "sweep") == bytes_of(undisturbed)
    assert_ends_as(undisturbed, tmp_path / "sweep")
