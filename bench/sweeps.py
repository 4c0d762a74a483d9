"""What a sweep costs beyond its training, and how much faster two workers are than one."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench.options import Options
from bench.wording import progress
from nnctl.cli import output
from nnctl.machine import available_cores

if TYPE_CHECKING:
    from rich.table import Table

CONFIG = Path(__file__).parents[1] / "configs" / "mnist_mlp.yaml"
TRIALS = 12
RATES = ",".join(f"{0.001 + 0.00001 * number:.5f}" for number in range(TRIALS))
SETTINGS = (f"learning_rate={RATES}", "early_stopping=null")  # as much work for each
ROUNDS = 3

Costs = dict[str, float]


def sweep_costs(options: Options) -> dict[str, list[Costs]]:
    """By the number of workers, a round each: seconds of the command, of its trials' training, and of all else a trial.

    Every worker computes on one thread, so that one is not faster alone.
    """
    numbers = [number for number in (1, 2) if number <= available_cores()]
    _swept(1)  # compiles what is not compiled yet
    costs: dict[str, list[Costs]] = {str(number): [] for number in numbers}
    for round_number in range(options.rounds or ROUNDS):
        for number in numbers:
            costs[str(number)].append(_swept(number))
        progress(f"sweeps: round {round_number + 1} done")
    return costs


def sweep_tables(measured: dict[str, Any]) -> list[Table]:
    """One table: medians, and the gain by a second worker as a ratio within each round."""
    names = ("seconds", "of them training", "other seconds a trial", "as fast as one")
    table = output.table(f"a sweep of {TRIALS} equal trials", *names, right=names)
    for number, costs in measured.items():
        gain = median(one["seconds"] / own["seconds"] for one, own in zip(measured["1"], costs, strict=True))
        shown = [f"{median(cost[key] for cost in costs):.2f}" for key in ("seconds", "training", "other")]
        table.add_row(f"{number} worker{'s' if number != '1' else ''}", *shown, f"{gain:.2f}")
    return [table]


def _swept(workers: int) -> Costs:
    with tempfile.TemporaryDirectory() as folder:
        options = ["--workers", str(workers), "--threads", "1", "--run", f"{folder}/sweep", "--json"]
        command = [sys.executable, "-c", "from nnctl.cli.main import main; main()", "sweep", str(CONFIG)]
        began = perf_counter()
        done = subprocess.run([*command, *SETTINGS, *options], check=True, capture_output=True, text=True)
        seconds = perf_counter() - began
        runs = [Path(trial["run"]) for trial in json.loads(done.stdout)["trials"]]
        training = sum(json.loads((run / "result.json").read_text())["seconds"]["train"] for run in runs)
    return {"seconds": seconds, "training": training, "other": (seconds * workers - training) / TRIALS}
