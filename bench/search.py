"""What a search method finds, and what pruning saves, on bench/search_space.yaml: trials that really train."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.options import Options
from bench.wording import progress
from nnctl.cli import output
from nnctl.commands.sweep import sweep

if TYPE_CHECKING:
    from rich.table import Table

SPACE = Path(__file__).with_name("search_space.yaml")
SEEDS = 5  # of the searches; each splits the data its own way
WAYS = {
    "random": ["method=random"],
    "tpe": ["method=tpe"],
    "random, prune: asha": ["method=random", "prune=asha"],
}

Found = dict[str, float]


def searches(options: Options) -> dict[str, list[Found]]:
    """For each way to search, one a seed: `best`, the least val_rmsle of all trials, `epochs` and `trials` in all."""
    measured = {}
    for way, settings in WAYS.items():
        measured[way] = [_search([*settings, f"seed={seed}"]) for seed in range(options.rounds or SEEDS)]
        progress(f"{way}: {', '.join('{best:.4f}'.format(**found) for found in measured[way])}")
    return measured


def search_tables(measured: dict[str, Any]) -> list[Table]:
    """One table: the median over the seeds, the epochs of all, then each seed's best."""
    seeds = range(len(measured["random"]))
    columns = ("median", "epochs", *(f"seed {seed}" for seed in seeds))
    trials = measured["random"][0]["trials"]
    table = output.table(f"least val_rmsle of {trials} trials", *columns, right=columns)
    for way, found in measured.items():
        best = [one["best"] for one in found]
        epochs = sum(one["epochs"] for one in found)
        table.add_row(way, f"{median(best):.4f}", f"{epochs:,}", *(f"{value:.4f}" for value in best))
    return [table]


def _search(settings: list[str]) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        report = sweep(SPACE, settings, run=Path(folder) / "sweep").report
    trials = report["trials"]
    return {
        "best": report["best"]["value"],
        "epochs": sum(trial["epochs"] for trial in trials),
        "trials": len(trials),
        "seconds": report["seconds"],
    }
