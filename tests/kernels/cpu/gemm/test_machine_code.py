"""The machine code of the inner loops of products, for every level that has tiles of its own."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from typing import NamedTuple

import pytest

from tests.support.command import ROOT, surroundings

pytestmark = pytest.mark.slow


class Expected(NamedTuple):
    """multiply_adds: of a full tile; most: instructions of its loop."""

    multiply_adds: int
    most: int


LEVELS = {
    # 12 x 2 multiply-adds, 12 loads of A, 2 of B, 2 prefetches; 8 for addresses and the count
    "x86-64-v4": Expected(24, 48),
    # 6 x 2 multiply-adds, 6 loads of A, 2 of B, a prefetch; 6 for addresses and the count
    "x86-64-v3": Expected(12, 27),
    # 6 x 4 multiply-adds, 6 loads of A, 2 to 3 of B, a prefetch; 5 for addresses and the count
    "aarch64": Expected(24, 39),
}


@functools.cache
def inner_loops(name: str) -> dict[str, list[list[str]]]:
    """Of the micro-kernel and of dot products, those that multiply."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.machine_code"],
        cwd=ROOT,
        env=surroundings(NNCTL_LEVEL=name),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    return {kernel: [loop for loop in loops if multiply_adds(loop)] for kernel, loops in found.items()}


def count(loop: list[str], *names: str) -> int:
    """How many instructions have names that begin so."""
    return sum(instruction.startswith(names) for instruction in loop)


def multiply_adds(loop: list[str]) -> int:
    return count(loop, "fmla", "vfmadd")


@pytest.mark.parametrize("name", LEVELS)
def test_a_full_tile_is_little_more_than_its_multiply_adds(name: str) -> None:
    loops = inner_loops(name)["micro_kernel"]
    full = max(multiply_adds(loop) for loop in loops)
    assert full == LEVELS[name].multiply_adds
    tiles = [loop for loop in loops if multiply_adds(loop) == full]
    assert len(tiles) >= 2, "with the last vector whole and not"
    for loop in tiles:
        assert len(loop) <= LEVELS[name].most, loop
        assert count(loop, "prfm", "prefetch") <= 4


@pytest.mark.parametrize("kernel", ["micro_kernel", "dot_products"])
@pytest.mark.parametrize("name", LEVELS)
def test_no_sum_leaves_the_registers(name: str, kernel: str) -> None:
    """Nothing is stored in a loop, nor loaded from the stack, nor copied from register to register."""
    for loop in inner_loops(name)[kernel]:
        assert not [instruction for instruction in loop if "[sp" in instruction or "(%rsp" in instruction], loop
        assert count(loop, "st", "vmovaps", "vmovapd") == 0, loop


def test_neon_multiplies_by_elements() -> None:
    """No scalar is copied into all lanes; only a row of less than a vector has branches for its lanes."""
    for loop in inner_loops("aarch64")["micro_kernel"]:
        assert count(loop, "ld1r", "dup") == 0, loop
        assert count(loop, "tb") == 0 or multiply_adds(loop) <= 6, loop
