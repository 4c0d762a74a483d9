"""Code is compiled once for all processes that want it, and loaded from the cache by those that come later."""

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
    cpu.relu.forward(a.ravel(), outputs.ravel())
    if sys.argv[1] == "product":
        cpu.matmul.matmul(a, a, outputs)
print(json.dumps([watch.count, begun.count(0), float(outputs.sum()), "numba" in sys.modules]))
"""


def started(cache: Path, what: str = "relu", **variables: str) -> subprocess.Popen[str]:
    """A process that waits before it runs kernels."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMPILES, what],
        cwd=ROOT,
        env=surroundings(NNCTL_CACHE_DIR=str(cache), **variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: subprocess.Popen[str]) -> subprocess.Popen[str]:
    """Let it run its kernels."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, int, float, bool]:
    """How many kernels it compiled, how often it told that it begins, the sum of its results, and whether it needed
    numba.
    """
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    count, told, results, with_numba = json.loads(out)
    return count, told, results, with_numba


def kernels(cache: Path) -> list[Path]:
    return sorted(cache.rglob("*.kernel"))


@pytest.mark.slow
def test_processes_that_begin_together_compile_each_kernel_once(tmp_path: Path) -> None:
    """Who only waits for another one tells it too, once."""
    waiting = [started(tmp_path, "product") for _ in range(3)]
    processes = [go(process) for process in waiting]
    counts, told, results, _ = zip(*(ended(process) for process in processes), strict=True)
    assert sum(counts) == len(kernels(tmp_path)) > 3
    assert told == (1, 1, 1)
    assert len(set(results)) == 1


def test_a_process_that_finds_its_kernels_needs_no_compiler(tmp_path: Path) -> None:
    count, told, results, with_numba = ended(go(started(tmp_path)))
    assert (count, told, with_numba) == (len(kernels(tmp_path)), 1, True)
    assert ended(go(started(tmp_path))) == (0, 0, results, False)


@pytest.mark.slow
def test_processors_of_a_level_share_their_kernels(tmp_path: Path) -> None:
    count, *_ = ended(go(started(tmp_path, NUMBA_CPU_NAME="haswell")))
    assert count > 0
    assert ended(go(started(tmp_path, NUMBA_CPU_NAME="znver3")))[0] == 0
    assert ended(go(started(tmp_path, NNCTL_LEVEL="x86-64-v2")))[0] == count
    assert {file.parent.name for file in kernels(tmp_path)} == {"x86-64-v3", "x86-64-v2"}


@pytest.mark.slow
def test_without_a_lock_kernels_are_compiled_all_the_same(tmp_path: Path) -> None:
    before = ended(go(started(tmp_path)))
    (lock,) = tmp_path.rglob("lock")
    lock.unlink()
    lock.mkdir()
    for file in kernels(tmp_path):
        file.unlink()
    assert ended(go(started(tmp_path))) == before


TOGETHER = """
import sys
from nnctl.kernels.compiler import loading
from nnctl.kernels.compiler.code import Code, machine_code
from nnctl.kernels.cpu import relu, sigmoid, tanh
loading.machine.available_cores = lambda: 2
given = [module.forward for module in (relu, sigmoid, tanh)] + [module.backward for module in (relu, sigmoid, tanh)]
codes = [machine_code(kernel.__wrapped__, kinds) for kernel in given for kinds in KINDS]
own = []
compiled = Code.compile
Code.compile = lambda code: (own.append(code), compiled(code))
loading.load(codes)
assert all(code.address for code in codes)
print(len(codes), len(own))
"""


@pytest.mark.slow
@pytest.mark.parametrize("worker", ["works", "fails"])
def test_another_process_helps_and_is_replaced_where_it_fails(worker: str, tmp_path: Path) -> None:
    kinds = "[('float32 1',) * (2 if kernel.__name__.endswith('forward') else 3), "
    kinds += "('float64 1',) * (2 if kernel.__name__.endswith('forward') else 3)]"
    program = TOGETHER.replace("KINDS", kinds)
    if worker == "fails":
        program = program.replace("loading.load(codes)", "sys.executable = '/bin/false'; loading.load(codes)")
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=surroundings(NNCTL_CACHE_DIR=str(tmp_path)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    all_of_them, own = map(int, done.stdout.split())
    assert len(kernels(tmp_path)) == all_of_them
    assert own == all_of_them if worker == "fails" else own < all_of_them
