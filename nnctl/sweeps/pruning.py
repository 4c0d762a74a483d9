"""Stopping a trial early: what a task says of it, and the observer that asks the run to stop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnctl.spec import kinds
from nnctl.sweeps.pruners.pruner import Judge, Pruner
from nnctl.training.metrics_file import Row, read_rows
from nnctl.training.observers.observer import Observer, Run
from nnctl.training.stop_signal import Stop


def pruning(pruner: Pruner, metric: str, higher: bool, earlier: Sequence[Sequence[float]]) -> dict[str, Any]:
    """What `PruningObserver` needs, as JSON. metric: the key of a row of metrics.jsonl. earlier: curves."""
    settings = pruner.model_dump(mode="json")
    return {"pruner": settings, "metric": metric, "higher": higher, "earlier": [list(curve) for curve in earlier]}


class PruningObserver(Observer):
    """Asks the run to stop when the pruner decides so, after each epoch and before the first of a resumed run."""

    def __init__(self, stop: Stop, prune: dict[str, Any], epochs: int) -> None:
        settings = dict(prune["pruner"])
        pruner = kinds(Pruner)[settings["type"]].model_validate(settings)
        self._judge: Judge = pruner.judge(prune["earlier"], epochs, prune["higher"])
        self._metric: str = prune["metric"]
        self._stop = stop
        self._curve: list[float] = []

    def started(self, run: Run) -> None:
        self._curve = [_number(row[self._metric]) for row in read_rows(run.folder)]
        self._decide()

    def finished_epoch(self, row: Row, best: bool) -> None:
        self._curve.append(_number(row[self._metric]))
        self._decide()

    def _decide(self) -> None:
        if self._curve and self._stop.asked is None and self._judge(self._curve):
            self._stop.asked = "pruned"


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
