"""A test has the same name whenever it is collected: else two workers disagree about what there is to run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# seconds that differ for each process that collects, as they do for workers that start a moment apart; all that is
# random differs anyway
LATER = """
import itertools, os, sys, time
offset = float(os.environ["SECONDS_LATER"])
for name in ("time", "time_ns"):
    real = getattr(time, name)
    setattr(time, name, lambda real=real, scale=1 if name == "time" else 10**9: real() + type(real())(offset * scale))
import pytest
sys.exit(pytest.main(["--collect-only", "-p", "no:cacheprovider", "-p", "no:xdist", "tests"]))
"""


def collected(seconds_later: int) -> list[str]:
    """Names of all tests, as a process collects them whose clock is so much ahead."""
    environment = os.environ | {"SECONDS_LATER": str(seconds_later), "PYTHONHASHSEED": str(1 + seconds_later)}
    done = subprocess.run([sys.executable, "-c", LATER], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_collecting_twice_gives_the_same_names() -> None:
    first, second = collected(0), collected(86_405)
    assert len(first) > 1000
    assert first == second
