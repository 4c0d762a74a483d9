"""Seconds from start to exit of whole commands, with warm caches."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

CONFIGS = Path(__file__).parents[1] / "configs"
COMMAND = [sys.executable, "-c", "from nnctl.cli.main import main; main()"]
REPEATS = 7


def startup_times() -> dict[str, dict[str, float]]:
    """For each command the median and the least of several runs, after one that warms the caches."""
    commands = {
        "nnctl --help": ["--help"],
        "nnctl check mnist_cnn.yaml": ["check", str(CONFIGS / "mnist_cnn.yaml")],
        "nnctl train xor.yaml": ["train", str(CONFIGS / "xor.yaml")],
    }
    return {name: _times(arguments) for name, arguments in commands.items()}


def _times(arguments: list[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        times = []
        for _ in range(REPEATS + 1):
            began = perf_counter()
            subprocess.run([*COMMAND, *arguments], cwd=folder, check=True, capture_output=True)
            times.append(perf_counter() - began)
    return {"median": median(times[1:]), "least": min(times[1:])}
