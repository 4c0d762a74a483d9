"""Seconds from the start of a command to its exit, and to a run's first step with and without compiled kernels."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench.options import Options
from bench.wording import progress
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs"
COMMAND = [sys.executable, "-c", "from nnctl.cli.main import main; main()"]
COMMANDS = {
    "nnctl --help": ["--help"],
    "nnctl check mnist_cnn.yaml": ["check", str(CONFIGS / "mnist_cnn.yaml")],
    "nnctl train xor.yaml": ["train", str(CONFIGS / "xor.yaml")],
}
FIRST_STEPS = ("mnist_mlp", "mnist_cnn")
REPEATS, COLD_REPEATS = 7, 3

Times = dict[str, float]


def startup(options: Options) -> dict[str, dict[str, Times]]:
    """`commands` from start to exit, caches warm; `first_step_warm` and `first_step_cold` from start to first step."""
    warm, cold = options.rounds or REPEATS, options.rounds or COLD_REPEATS
    return {
        "commands": {name: _times(partial(_whole, given), warm) for name, given in COMMANDS.items()},
        "first_step_warm": {name: _times(partial(_first_step, name), cold) for name in FIRST_STEPS},
        "first_step_cold": {name: _cold(name, cold) for name in FIRST_STEPS},
    }


def startup_tables(measured: dict[str, Any]) -> list[Table]:
    """One table, in seconds."""
    headings = {
        "commands": "{}, start to exit",
        "first_step_warm": "{}, start to first step",
        "first_step_cold": "{}, start to first step, nothing compiled yet",
    }
    table = output.table("start-up, seconds", "median", "least", "most", right=("median", "least", "most"))
    for kind, heading in headings.items():
        for name, times in measured[kind].items():
            table.add_row(heading.format(name), *(f"{times[key]:.3f}" for key in ("median", "least", "most")))
    return [table]


def _times(run: Callable[[], float], repeats: int) -> Times:
    """Of several runs, after one that warms the caches."""
    run()
    return _summary([run() for _ in range(repeats)])


def _cold(name: str, repeats: int) -> Times:
    times = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            times.append(_first_step(name, cache))
        progress(f"{name}, nothing compiled yet: {times[-1]:.1f} s")
    return _summary(times)


def _summary(times: list[float]) -> Times:
    return {"median": median(times), "least": min(times), "most": max(times)}


def _whole(arguments: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        subprocess.run([*COMMAND, *arguments], cwd=folder, env=_environment(), check=True, capture_output=True)
        return perf_counter() - began


def _first_step(name: str, cache: str | None = None) -> float:
    """Until the steps are first told of. cache: the folder for compiled kernels, else the user's own."""
    environment = _environment() | ({} if cache is None else {"NNCTL_CACHE_DIR": cache})
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.first_step", str(CONFIGS / f"{name}.yaml"), f"{folder}/run"]
        began = perf_counter()
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            told = process.stdout.readline()
            seconds = perf_counter() - began
        if not told:
            raise RuntimeError(f"{name} made no step: exit code {process.returncode}")
    return seconds


def _environment() -> dict[str, str]:
    """This one, with kernels in nnctl's own folder and Python's byte code kept, as an installed program's is."""
    return {
        key: value for key, value in os.environ.items() if key not in ("NUMBA_CACHE_DIR", "PYTHONDONTWRITEBYTECODE")
    }
