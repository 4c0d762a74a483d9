"""What a run tells to whoever watches it. Every method here does nothing; a watcher overrides what it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnctl.model.preparation import Prepared

Row = dict[str, Any]  # a row of metrics.jsonl


class Observer:
    """Told of a run's events in their order."""

    def note(self, text: str) -> None:
        """Something the user should know."""

    def started(self, prepared: Prepared, folder: Path, epoch: int) -> None:
        """The run begins, after `epoch` epochs that are done already."""

    def compiling(self, count: int) -> None:
        """Another kernel is being compiled, after `count` others: this happens once a machine and takes seconds."""

    def compiled(self, count: int, seconds: float) -> None:
        """All kernels are there; so many had to be compiled, at least one."""

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        """Steps are done. step: the last, within the epoch, from 1. samples: in them. loss: the epoch's mean so far."""

    def finished_epoch(self, row: Row, best: bool) -> None:
        """An epoch is done and measured. best: it is the best so far."""

    def finished(self) -> None:
        """No more steps will come, however the run ended."""

    def tested(self, metrics: dict[str, float]) -> None:
        """The best checkpoint of a fold is measured on the samples to test on. metrics: `loss`, then others by name."""
