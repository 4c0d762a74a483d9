"""A Dask cluster started by hand: its processes listen on this machine only."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.support.command import surroundings
from tests.support.processes import wait_until

# writes more often, so that there is soon a checkpoint to go on from
WORKER = "from nnctl.training import saver; saver.INTERVAL = 0.1; from distributed.cli.dask_worker import main; main()"


@contextlib.contextmanager
def scheduler(folder: Path, **variables: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler on a free port, and its address."""
    file = folder / "scheduler.json"
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", *options]
    with _process(command, folder, variables) as process:
        wait_until(lambda: _read(file))
        yield _read(file)["address"], process


@contextlib.contextmanager
def worker(address: str, folder: Path, *options: str, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a folder, for trials one after another."""
    fixed = ["--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]
    with _process([sys.executable, "-c", WORKER, address, *fixed, *options], folder, variables) as process:
        yield process


def trainer(run: Path) -> psutil.Process | None:
    """The process, of those that this one has begun, that holds the lock of a run folder."""
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if any(file.path == str(run / ".lock") for file in process.open_files()):
                return process
    return None


@contextlib.contextmanager
def _process(command: list[str], folder: Path, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """In a group of its own, all of which is gone afterwards."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=surroundings(**variables, TMPDIR=str(folder)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(file: Path) -> dict[str, Any]:
    """What the scheduler says of itself; nothing while it has not said all."""
    try:
        found: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return {}
    return found
