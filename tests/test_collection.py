"""A test has the same name whenever it is collected: else two workers disagree about what there is to run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

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


def collecting(seconds_later: int) -> subprocess.Popen[str]:
    """A process that names all tests, and whose clock is so much ahead."""
    environment = os.environ | {"SECONDS_LATER": str(seconds_later), "PYTHONHASHSEED": str(1 + seconds_later)}
    return subprocess.Popen(
        [sys.executable, "-c", LATER],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.slow
def test_collecting_twice_gives_the_same_names() -> None:
    processes = [collecting(0), collecting(86_405)]
    told = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], told
    first, second = ([line for line in lines.splitlines() if "::" in line] for lines in told)
    assert len(first) > 1000
    assert first == second
