"""A test has the same name whenever it is collected: else two workers disagree about what there is to run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# a clock that is ahead of that of this process, as it is a little for workers that start one after the other; all that
# is random differs anyway
LATER = """
import itertools, os, sys, time
offset = float(os.environ["SECONDS_LATER"])
for name in ("time", "time_ns"):
    real = getattr(time, name)
    setattr(time, name, lambda real=real, scale=1 if name == "time" else 10**9: real() + type(real())(offset * scale))
import pytest
sys.exit(pytest.main(["--collect-only", "-p", "no:cacheprovider", "-p", "no:xdist", "tests"]))
"""


@pytest.mark.slow
def test_collecting_twice_gives_the_same_names(request: pytest.FixtureRequest) -> None:
    environment = os.environ | {"SECONDS_LATER": "86405", "PYTHONHASHSEED": "1"}
    done = subprocess.run([sys.executable, "-c", LATER], env=environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    again = {line for line in done.stdout.splitlines() if "::" in line}
    assert len(again) > 1000
    assert {item.nodeid for item in request.session.items} <= again  # those that were chosen to be run
