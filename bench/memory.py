"""The most memory that `nnctl train` takes, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.options import Options
from bench.wording import megabytes
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

ROOT = Path(__file__).parents[1]
EXAMPLES = ("xor", "mnist_mlp", "mnist_cnn")


def peaks(options: Options) -> dict[str, int]:
    """Bytes, by example config, over one epoch."""
    return {name: _peak(name) for name in EXAMPLES}


def memory_tables(measured: dict[str, Any]) -> list[Table]:
    """One table."""
    table = output.table("nnctl train, an epoch", "peak MB", right=("peak MB",))
    for name, peak in measured.items():
        table.add_row(f"{name}.yaml", megabytes(peak))
    return [table]


def _peak(name: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        config = ROOT / "configs" / f"{name}.yaml"
        command = [sys.executable, "-m", "bench.peak_of_command", "train", str(config), "epochs=1"]
        options = ["--run", f"{folder}/run", "--quiet"]
        done = subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True, text=True)
    peak: int = json.loads(done.stdout.splitlines()[-1])["peak_bytes"]
    return peak
