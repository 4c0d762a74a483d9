"""Kernels are compiled once for all processes that want them at the same time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT, surroundings

COMPILES = """
import json, sys
import numpy as np
from nnctl.kernels import cpu
from nnctl.kernels.compiler.progress import CompileWatch
print("ready", flush=True)
sys.stdin.readline()
begun = []
with CompileWatch(begun.append) as watch:
    a, outputs = np.ones((64, 64), np.float32), np.zeros((64, 64), np.float32)
    cpu.tanh.forward(a.ravel(), outputs.ravel())
    if sys.argv[1] == "product":
        cpu.matmul.matmul(a, a, outputs)
print(json.dumps([watch.count, begun.count(0), float(outputs.sum())]))
"""


def compiled_by(processes: int, what: str, cache: Path) -> tuple[int, list[int]]:
    """How many kernels processes compile that begin at the same time, and how often each tells that it begins."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", COMPILES, what],
            cwd=ROOT,
            env=surroundings(NNCTL_CACHE_DIR=str(cache)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(processes)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    told = []
    for process in running:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        told.append(json.loads(out))
    assert len({sums for _, _, sums in told}) == 1
    return sum(count for count, _, _ in told), [begun for _, begun, _ in told]


def kept(cache: Path) -> int:
    """How many kernels a cache has."""
    return len(list(cache.rglob("*.nbc")))


@pytest.mark.slow
def test_processes_that_begin_together_compile_each_kernel_once(tmp_path: Path) -> None:
    """A product has others compiled while it is compiled. Who only waits for them tells it too, once."""
    count, told = compiled_by(3, "product", tmp_path)
    assert count == kept(tmp_path) > 3
    assert told == [1, 1, 1]
    assert compiled_by(1, "product", tmp_path) == (0, [0])


@pytest.mark.slow
def test_without_a_lock_kernels_are_compiled_all_the_same(tmp_path: Path) -> None:
    before = compiled_by(1, "tanh", tmp_path)
    (lock,) = tmp_path.rglob("lock")
    lock.unlink()
    lock.mkdir()
    for file in tmp_path.rglob("*.nbc"):
        file.unlink()
    assert compiled_by(1, "tanh", tmp_path) == before == (kept(tmp_path), [1])
