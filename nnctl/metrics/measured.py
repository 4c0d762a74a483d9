"""What a run measures: the loss and each metric, and with `val_` before the name the same on validation samples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from nnctl.metrics.metric import Metric
from nnctl.spec import kind_named

VALIDATION = "val_"


def measured_names(metrics: Iterable[Metric]) -> list[str]:
    """`loss`, then each metric, then all of them on validation samples."""
    names = ["loss", *(metric.name for metric in metrics)]
    return [*names, *(f"{VALIDATION}{name}" for name in names)]


def since_pruned(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The rows of metrics.jsonl among which the best one is the checkpoint's: those since a rule last made the network
    smaller, or all.
    """
    for position in reversed(range(len(rows))):
        changes = rows[position].get("changes")
        if isinstance(changes, list) and any(isinstance(row, dict) and row.get("best_anew") for row in changes):
            return rows[position:]
    return rows


def higher_is_better(name: str, metrics: Iterable[Metric] = ()) -> bool:
    """Whether a higher value of a measured number is the better one.

    metrics: those of the run, where they are known; else a name tells the kind of metric.
    """
    own = name.removeprefix(VALIDATION)
    if own == "loss":
        return False
    metric = next((metric for metric in metrics if metric.name == own), None) or kind_named(Metric, own)
    return metric is None or metric.higher_is_better
