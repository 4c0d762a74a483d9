"""Seconds from the start of a command to its exit, and to a run's first step with and without kernels in the cache.

Each of a clone and of an installed wheel. Without: the first start ever, with a folder for the cache that is new.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench.installations import ROOT, Installation, clone, installed
from bench.options import Options
from bench.wording import progress
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

CONFIGS = ROOT / "configs"
COMMANDS = {
    "nnctl --help": ["--help"],
    "nnctl check mnist_cnn.yaml": ["check", str(CONFIGS / "mnist_cnn.yaml")],
    "nnctl train xor.yaml": ["train", str(CONFIGS / "xor.yaml")],
}
FIRST_STEPS = ("mnist_mlp", "mnist_cnn")
REPEATS, COLD_REPEATS = 7, 3
HEADINGS = {
    "commands": "{}, start to exit",
    "first_step_warm": "{}, start to first step",
    "first_step_cold": "{}, start to first step, the cache empty",
}
INHERITED_NOT = ("NUMBA_CACHE_DIR", "PYTHONDONTWRITEBYTECODE")  # an installed program's byte code is kept

Times = dict[str, float]


def startup(options: Options) -> dict[str, dict[str, dict[str, Times]]]:
    """By installation `commands` from start to exit, `first_step_warm` and `first_step_cold` from start to first step.

    Installations run in turn, so that a machine's moods meet both.
    """
    warm, cold = options.rounds or REPEATS, options.rounds or COLD_REPEATS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        both = [clone(), installed(folder, options.wheel)]
        caches = {of: folder / f"cache of the {of.name}" for of in both}
        by_kind: dict[str, dict[str, dict[str, Times]]] = {
            "commands": {
                command: _times(both, lambda of, given=given: _whole(of.command(given), caches[of]), warm, warming=True)
                for command, given in COMMANDS.items()
            },
            "first_step_warm": {
                config: _times(both, lambda of, config=config: _first_step(of, config, caches[of]), cold, warming=True)
                for config in FIRST_STEPS
            },
            "first_step_cold": {
                config: _times(both, lambda of, config=config: _cold(of, config), cold) for config in FIRST_STEPS
            },
        }
    return {
        of.name: {kind: {name: times[of.name] for name, times in own.items()} for kind, own in by_kind.items()}
        for of in both
    }


def startup_tables(measured: dict[str, Any]) -> list[Table]:
    """One table, in seconds."""
    table = output.table("start-up, seconds: median (least)", *measured, right=tuple(measured))
    first = next(iter(measured.values()))
    for kind, heading in HEADINGS.items():
        for name in first[kind]:
            times = [of[kind][name] for of in measured.values()]
            table.add_row(heading.format(name), *(f"{own['median']:.2f} ({own['least']:.2f})" for own in times))
    return [table]


def _times(
    both: Sequence[Installation], run: Callable[[Installation], float], repeats: int, *, warming: bool = False
) -> dict[str, Times]:
    """By installation, of several runs. warming: after one that fills the caches."""
    times: dict[str, list[float]] = {of.name: [] for of in both}
    for _ in range(warming + repeats):
        for of in both:
            times[of.name].append(run(of))
    return {name: _summary(own[warming:]) for name, own in times.items()}


def _summary(times: list[float]) -> Times:
    return {"median": median(times), "least": min(times), "most": max(times)}


def _cold(installation: Installation, name: str) -> float:
    with tempfile.TemporaryDirectory() as cache:
        seconds = _first_step(installation, name, Path(cache))
    progress(f"{installation.name}: {name} with an empty cache: {seconds:.1f} s")
    return seconds


def _whole(command: list[str], cache: Path) -> float:
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        subprocess.run(command, cwd=folder, env=_environment(cache), check=True, capture_output=True)
        return perf_counter() - began


def _first_step(installation: Installation, name: str, cache: Path) -> float:
    """Until the steps are first told of. cache: the folder for compiled kernels."""
    with tempfile.TemporaryDirectory() as folder:
        command = installation.first_step(CONFIGS / f"{name}.yaml", f"{folder}/run")
        began = perf_counter()
        with subprocess.Popen(
            command, cwd=folder, env=_environment(cache), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            told = process.stdout.readline()
            seconds = perf_counter() - began
            _, errors = process.communicate()
    if not told:
        raise RuntimeError(f"{name} made no step: exit code {process.returncode}\n{errors.decode()}")
    return seconds


def _environment(cache: Path) -> dict[str, str]:
    """This one, with kernels in nnctl's own folder."""
    kept = {key: value for key, value in os.environ.items() if key not in INHERITED_NOT}
    return kept | {"NNCTL_CACHE_DIR": str(cache)}
