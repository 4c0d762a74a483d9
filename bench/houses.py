"""How good configs/ames.yaml is on houses held out, beside scikit-learn's models on the very same rows."""

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
from bench.wording import progress
from nnctl.cli import output
from nnctl.config.load import load_config
from nnctl.data.reading import find, infer, read
from nnctl.data.splits.selection import split

if TYPE_CHECKING:
    from rich.table import Table

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "configs" / "ames.yaml"
SEEDS = range(5)  # of the splits
SCORES = ("rmsle", "r2")

Scores = dict[str, float]


def house_scores(options: Options) -> dict[str, list[Scores]]:
    """By model, one a seed: `rmsle`, the RMSE of the prices' logarithms, and `r2` in dollars, on the test rows."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measured = {"nnctl": [_scores(folder, seed) for seed in SEEDS]}
        progress("nnctl: done")
        if options.peers:
            source = load_config(CONFIG).config.data.source
            np.savez(folder / "rows.npz", **_rows())
            command = [str(peers_python()), "-m", "bench.peers.houses_worker", source, str(folder / "rows.npz")]
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
            measured |= json.loads(done.stdout)
    return measured


def house_tables(measured: dict[str, Any]) -> list[Table]:
    """One table: the mean over the seeds, then each."""
    columns = ("RMSE of log price", "R2 in dollars", *(f"RMSE, seed {seed}" for seed in SEEDS))
    table = output.table(f"house prices, mean of {len(SEEDS)} splits", *columns, right=columns)
    for name, scores in measured.items():
        means = (f"{np.mean([score[key] for score in scores]):.4f}" for key in SCORES)
        table.add_row(name, *means, *(f"{score['rmsle']:.4f}" for score in scores))
    return [table]


def _scores(folder: Path, seed: int) -> Scores:
    run = folder / str(seed)
    for command in (["train", CONFIG, f"seed={seed}", "--run", run, "-q"], ["eval", run]):
        program = [sys.executable, "-c", "from nnctl.cli.main import main; main()", *map(str, command), "--json"]
        done = subprocess.run(program, check=True, capture_output=True, text=True)
    metrics = json.loads(done.stdout)["metrics"]
    return {key: metrics[key] for key in SCORES}


def _rows() -> dict[str, Any]:
    """Of each seed the test rows, and the others: a model without early stopping can learn from the validation rows."""
    source = load_config(CONFIG).config.data
    parts = read(source, find(source))
    rows = {}
    for seed in SEEDS:
        splits = split(infer(source, parts), parts, "values", (), seed)
        rows[f"test{seed}"] = splits["test"].rows
        rows[f"train{seed}"] = np.concatenate([splits["train"].rows, splits["validation"].rows])
    return rows
