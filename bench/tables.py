"""A table of a million rows: read, preprocessed, trained on for an epoch; beside pandas with scikit-learn's network."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.options import Options
from bench.peers_venv import peers_python
from bench.wording import megabytes, progress
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

ROOT = Path(__file__).parents[1]
ROWS = 1_000_000
KINDS = (3, 5, 10, 40, 200)  # of the columns of words
NUMBERS = 14  # and the target, which is the twentieth column
BLOCK = 10_000
CONFIG = """
data: {source: table.csv, target: y}
layers:
  - {type: linear, out_features: 64, activation: relu}
  - {type: linear, out_features: 64, activation: relu}
  - {type: linear, out_features: 1}
loss: mse
optimizer: adam
learning_rate: 0.001
batch_size: 1024
epochs: 1
metrics: [rmse]
"""
SECONDS = ("read", "preprocess", "epoch")


def table_costs(options: Options) -> dict[str, Any]:
    """`file_bytes`, and for each contestant in `of` seconds of each part, `read_peak_bytes` and `peak_bytes`."""
    commands = {"nnctl": [sys.executable, "-m", "bench.table_worker"]}
    if options.peers:
        commands["pandas, scikit-learn"] = [str(peers_python()), "-m", "bench.peers.table_worker"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_table(folder / "table.csv", ROWS)
        (folder / "config.yaml").write_text(CONFIG)
        measured: dict[str, Any] = {"file_bytes": (folder / "table.csv").stat().st_size, "of": {}}
        for contestant, command in commands.items():
            done = subprocess.run([*command, name], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            measured["of"][contestant] = json.loads(done.stdout.splitlines()[-1])
            progress(f"{contestant}: {measured['of'][contestant]['epoch']:.1f} s an epoch")
    return measured


def table_tables(measured: dict[str, Any]) -> list[Table]:
    """One table, in seconds and MB."""
    heading = f"{ROWS:,} rows of 20 columns, {megabytes(measured['file_bytes'])} MB"
    columns = (*(f"{part} s" for part in SECONDS), "peak MB of reading", "peak MB")
    table = output.table(heading, *columns, right=columns)
    for name, cost in measured["of"].items():
        peaks = (megabytes(cost[key]) for key in ("read_peak_bytes", "peak_bytes"))
        table.add_row(name, *(f"{cost[part]:.2f}" for part in SECONDS), *peaks)
    return [table]


def write_table(path: Path, rows: int) -> None:
    """A CSV file of numbers with four decimals and of words, from which a smooth target follows with some noise."""
    random = np.random.default_rng(0)
    effects = [random.normal(size=kinds) for kinds in KINDS]
    names = [*(f"x{number}" for number in range(NUMBERS)), *(f"c{kinds}" for kinds in KINDS), "y"]
    with path.open("w") as file:
        file.write(",".join(names) + "\n")
        for start in range(0, rows, BLOCK):
            numbers = random.normal(size=(min(BLOCK, rows - start), NUMBERS))
            codes = random.integers(0, KINDS, size=(len(numbers), len(KINDS)))
            target = np.tanh(numbers[:, 0] + numbers[:, 1] * numbers[:, 2]) + random.normal(0, 0.1, len(numbers))
            for own, code in zip(effects, codes.T, strict=True):
                target += own[code]
            for x, c, y in zip(numbers.tolist(), codes.tolist(), target.tolist(), strict=True):
                file.write(",".join([*(f"{value:.4f}" for value in x), *(f"kind {code}" for code in c), f"{y:.4f}\n"]))
