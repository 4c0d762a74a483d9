"""The report of a sweep: what `--json` prints and sweep.json holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from nnctl import __version__
from nnctl.sweeps.effects import effects, has_value, mean_and_deviation
from nnctl.sweeps.record import TrialRecord
from nnctl.training.result_file import Status

SweepStopped = Literal["finished", "signal", "time_limit", "failed"]
"""How a sweep ended. failed: a trial failed, and the others were to stop then."""


def report_of(
    *,
    folder: Path,
    name: str,
    method: str,
    metric: str,
    higher: bool,
    seeds: int,
    records: Sequence[TrialRecord],
    stopped: SweepStopped,
    seconds: float,
    notes: Sequence[str],
) -> dict[str, Any]:
    """All that is known of a sweep, its combinations best first.

    method: its type. metric: the key of a row of metrics.jsonl. higher: whether a higher one is better.
    seconds: that the sweep has taken. seeds: runs of each combination. notes: what the user should know.
    """
    own: dict[int, list[TrialRecord]] = {}
    for record in records:
        own.setdefault(record.combination, []).append(record)
    combinations = _ordered([_combination(own[number], seeds) for number in sorted(own)], higher)
    return {
        "sweep": str(folder),
        "name": name,
        "method": method,
        "metric": metric,
        "direction": "maximize" if higher else "minimize",
        "stopped": stopped,
        "seeds": seeds,
        "trials": [record.to_json() for record in records],
        "combinations": combinations,
        "best": _best(combinations, records),
        "effects": effects(records, higher),
        "counts": {status: sum(record.status == status for record in records) for status in get_args(Status)},
        "seconds": round(seconds, 3),
        "notes": list(notes),
        "version": __version__,
    }


def _ordered(combinations: list[dict[str, Any]], higher: bool) -> list[dict[str, Any]]:
    """Complete ones by their mean, the earlier of two equal ones first; then the others as they come."""
    complete = [combination for combination in combinations if combination["complete"]]
    ranked = sorted(complete, key=lambda combination: -combination["mean"] if higher else combination["mean"])
    return [*ranked, *(combination for combination in combinations if not combination["complete"])]


def _combination(trials: list[TrialRecord], seeds: int) -> dict[str, Any]:
    """mean, deviation (ddof=1): over the seeds that ran to their end. complete: whether all of them did."""
    ran = [trial for trial in trials if trial.status != "pruned" and has_value(trial)]
    mean, deviation = mean_and_deviation([trial.value for trial in ran if trial.value is not None])
    return {
        "parameters": trials[0].parameters,
        "trials": [trial.number for trial in trials],
        "mean": mean,
        "deviation": deviation,
        "complete": len(ran) == seeds and mean is not None,
    }


def _best(combinations: list[dict[str, Any]], records: Sequence[TrialRecord]) -> dict[str, Any] | None:
    """The first seed's trial of the best combination."""
    if not combinations or not combinations[0]["complete"]:
        return None
    best = combinations[0]
    trial = next(record for record in records if record.number == best["trials"][0])
    return {
        "trial": trial.number,
        "run": str(trial.folder),
        "parameters": trial.parameters,
        "value": trial.value,
        "mean": best["mean"],
        "deviation": best["deviation"],
        "config": str(trial.folder / "config.yaml"),
    }
