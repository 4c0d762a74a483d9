"""What the diagnostics of a run cost: the same runs with and without them, in turn, from start to exit."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from safetensors.numpy import load_file

from bench.installations import CALL, ROOT
from bench.options import Options
from bench.wording import progress
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

EXAMPLES = ("mnist_mlp", "mnist_cnn", "digits_lstm")
ROUNDS = 9


def diagnostic_costs(options: Options) -> dict[str, dict[str, Any]]:
    """By example config: `with` and `without`, the least seconds; `ratio`, the median of the rounds', each of two runs
    that follow one another; `same_bits` of the last checkpoints.
    """
    found = {}
    for name in EXAMPLES:
        found[name] = _measured(name, options.rounds or ROUNDS)
        progress(f"{name}: {found[name]['ratio']:.3f}")
    return found


def diagnostic_tables(measured: dict[str, Any]) -> list[Table]:
    """One table."""
    columns = ("with diagnostics, s", "without, s", "ratio of the least", "median ratio", "same bits")
    table = output.table("nnctl train, start to exit", *columns, right=columns)
    for name, own in measured.items():
        seconds = (f"{own['with']:.2f}", f"{own['without']:.2f}", f"{own['with'] / own['without']:.3f}")
        table.add_row(f"{name}.yaml", *seconds, f"{own['ratio']:.3f}", "yes" if own["same_bits"] else "[bold]no[/]")
    return [table]


def _measured(name: str, rounds: int) -> dict[str, Any]:
    seconds: dict[bool, list[float]] = {True: [], False: []}
    same = True
    for number in range(rounds + 1):  # the first one warms up
        checkpoints = {}
        for on in (True, False) if number % 2 else (False, True):
            took, checkpoints[on] = _run(name, on)
            seconds[on].append(took)
        same = same and checkpoints[True] == checkpoints[False]
    own = {on: times[1:] for on, times in seconds.items()}
    ratio = median(a / b for a, b in zip(own[True], own[False], strict=True))
    return {"with": min(own[True]), "without": min(own[False]), "ratio": ratio, "same_bits": same}


def _run(name: str, on: bool) -> tuple[float, dict[str, bytes]]:
    """Seconds, and the tensors of the last checkpoint: parameters and the optimizer's slots."""
    with tempfile.TemporaryDirectory() as folder:
        given = [str(ROOT / "configs" / f"{name}.yaml"), f"diagnostics={str(on).lower()}", "--run", f"{folder}/run"]
        began = perf_counter()
        subprocess.run([sys.executable, "-c", CALL, "train", *given, "-q"], check=True, cwd=folder, capture_output=True)
        took = perf_counter() - began
        tensors = load_file(Path(folder) / "run" / "checkpoints" / "last.safetensors")
        return took, {name: tensor.tobytes() for name, tensor in tensors.items()}
