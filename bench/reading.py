"""A CSV file of a million rows, read by nnctl, pandas and pyarrow in turn; and how `check` grows with columns."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.installations import clone
from bench.options import Options
from bench.peers_venv import peers_python
from bench.tables import ROOT, ROWS, write_table
from bench.wording import megabytes, progress
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

PEERS = ("pandas", "pyarrow")
COLUMNS = (1250, 2500, 5000)
FEW_ROWS = 150
ROUNDS = 5
CONFIG = """
data: {source: wide.csv, target: y}
layers: [{type: linear, out_features: 1}]
loss: mse
"""


def readings(options: Options) -> dict[str, Any]:
    """`file_bytes`; `of`: by contestant medians of `seconds` and `peak_bytes`; `columns`: seconds of check."""
    rounds = options.rounds or ROUNDS
    commands = {"nnctl": [sys.executable, "-m", "bench.read_worker"]}
    if options.peers:
        commands |= {name: [str(peers_python()), "-m", "bench.peers.read_worker", name] for name in PEERS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_table(folder / "table.csv", ROWS)
        found: dict[str, list[dict[str, float]]] = {contestant: [] for contestant in commands}
        for _ in range(rounds + 1):  # the first brings the file into memory, and compiles
            for contestant, command in commands.items():
                done = subprocess.run(
                    [*command, str(folder / "table.csv")], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
                )
                found[contestant].append(json.loads(done.stdout))
        of = {
            contestant: {key: median(run[key] for run in runs[1:]) for key in ("seconds", "peak_bytes")}
            for contestant, runs in found.items()
        }
        progress("; ".join(f"{contestant} reads in {cost['seconds']:.2f} s" for contestant, cost in of.items()))
        file_bytes = (folder / "table.csv").stat().st_size
        return {"file_bytes": file_bytes, "of": of, "columns": {str(n): _check(folder, n, rounds) for n in COLUMNS}}


def reading_tables(measured: dict[str, Any]) -> list[Table]:
    """One of contestants, one of columns."""
    heading = f"{ROWS:,} rows of 20 columns, {megabytes(measured['file_bytes'])} MB"
    reading = output.table(heading, "read s", "peak MB", right=("read s", "peak MB"))
    for name, cost in measured["of"].items():
        reading.add_row(name, f"{cost['seconds']:.2f}", megabytes(cost["peak_bytes"]))
    checking = output.table(f"columns of {FEW_ROWS} rows", "check s", right=(f"columns of {FEW_ROWS} rows", "check s"))
    for columns, seconds in measured["columns"].items():
        checking.add_row(f"{int(columns):,}", f"{seconds:.2f}")
    return [reading, checking]


def _check(folder: Path, columns: int, rounds: int) -> float:
    """Seconds from the start of `nnctl check` to its exit, on a table of so many columns: the median."""
    write_wide(folder / "wide.csv", columns)
    (folder / "config.yaml").write_text(CONFIG)
    seconds = []
    for _ in range(rounds):
        began = perf_counter()
        subprocess.run(clone().command(["check", str(folder / "config.yaml")]), check=True, capture_output=True)
        seconds.append(perf_counter() - began)
    return median(seconds)


def write_wide(path: Path, columns: int) -> None:
    """A CSV file of few rows of numbers with three decimals, the last of them the target."""
    random = np.random.default_rng(0)
    names = [*(f"gene{number}" for number in range(columns - 1)), "y"]
    lines = [",".join(f"{value:.3f}" for value in random.normal(size=columns)) for _ in range(FEW_ROWS)]
    path.write_text("\n".join([",".join(names), *lines, ""]))
