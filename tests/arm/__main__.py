"""Tests kernels, layers, losses and optimizers on an emulated 64-bit Arm processor, and compares what it trains with
what this one does, byte for byte. Ends with a count.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.arm import emulator
from tests.support.command import COMMAND, CONFIGS, ROOT, surroundings

# side by side, the longest first
PARTS = (["layers"], ["kernels"], ["losses", "optimizers"])
OF_SPEED = "tests/kernels/cpu/test_peak.py::test_the_peak_is_that_of_a_processor"  # an emulated one's is far below


class Training(NamedTuple):
    """A config, and what makes it short: emulation takes about a hundred times as long."""

    name: str
    config: str
    overrides: tuple[str, ...] = ()


TRAININGS = (
    Training("xor", "xor"),
    Training("mnist_mlp", "mnist_mlp", ("epochs=1",)),
    Training("mnist_cnn", "mnist_cnn", ("epochs=1",)),
    Training("adamw", "mnist_mlp", ("epochs=1", "optimizer=adamw")),
)


def tests(part: list[str]) -> tuple[str, dict[str, int]]:
    """Run the tests of these folders on Arm. Returns what pytest printed, and how many passed, failed and so on."""
    chosen = ["-m", "not slow", *(f"tests/{folder}" for folder in part)]
    options = ["-p", "no:cacheprovider", "-p", "tests.arm.no_children", "--tb=short", "--deselect", OF_SPEED]
    done = subprocess.run(
        emulator.command("-m", "pytest", *options, *chosen),
        cwd=ROOT,
        env=emulator.environment(),
        capture_output=True,
        text=True,
    )
    last = (done.stdout.splitlines() or [""])[-1]
    counts = {what: int(number) for number, what in re.findall(r"(\d+) (passed|failed|skipped|error)", last)}
    if done.returncode or not counts.get("passed"):
        counts["failed"] = max(counts.get("failed", 0), 1)
    return done.stdout + done.stderr, counts


def checkpoint(training: Training, arm: bool, threads: int, folder: Path) -> bytes:
    """The last checkpoint of a training on Arm or on this processor."""
    run = folder / f"{training.name}-{'arm' if arm else 'here'}-{threads}"
    own = ["train", str(CONFIGS / f"{training.config}.yaml"), *training.overrides, "--run", str(run), "-q"]
    command = emulator.command(*COMMAND[1:]) if arm else COMMAND
    subprocess.run(
        [*command, *own, "--threads", str(threads)],
        cwd=folder,
        env=emulator.environment() if arm else surroundings(),
        check=True,
    )
    return (run / "checkpoints/last.safetensors").read_bytes()


def compare(folder: Path) -> list[str]:
    """Train on both processors, on one thread and two. Returns the names of those whose checkpoints differ."""
    different = []
    for training in TRAININGS:
        found = {checkpoint(training, arm, threads, folder) for arm in (False, True) for threads in (1, 2)}
        verdict = "the same bytes" if len(found) == 1 else "different bytes"
        print(f"{training.name}: {verdict} on both processors, on one thread and two", flush=True)
        different += [training.name] * (len(found) > 1)
    return different


def main() -> int:
    emulator.prepare()
    with tempfile.TemporaryDirectory() as folder:
        different = compare(Path(folder))
    total: dict[str, int] = {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for part, (printed, counts) in zip(PARTS, pool.map(tests, PARTS), strict=True):
            print(f"{' and '.join(part)}: {counts}", flush=True)
            if counts.get("failed") or counts.get("error"):
                print(printed)
            for what, number in counts.items():
                total[what] = total.get(what, 0) + number
    equal = len(TRAININGS) - len(different)
    counted = ", ".join(f"{number} {what}" for what, number in total.items())
    print(f"on AArch64: {counted}; {equal} of {len(TRAININGS)} checkpoints equal")
    return 1 if different or total.get("failed") or total.get("error") else 0


if __name__ == "__main__":
    sys.exit(main())
