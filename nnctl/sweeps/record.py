"""What is known of one trial of a sweep."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nnctl.training.result_file import Status


@dataclass(frozen=True)
class TrialRecord:
    """number: from 1, in the order of the sweep. combination: from 0; trials that differ by the seed alone share it.

    folder: its run folder. parameters: what it sets, by the names in the sweep's file. value: the sweep's metric at the
    best epoch, None where there is none (yet). metrics: all of them there. epochs: done. seconds: the last process that
    ran it took. error: what is wrong with a failed one, in words.
    """

    number: int
    combination: int
    seed: int
    folder: Path
    parameters: dict[str, Any]
    status: Status = "unfinished"
    value: float | None = None
    metrics: dict[str, float | None] = field(default_factory=dict)
    epochs: int = 0
    seconds: float = 0.0
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """A trial as `--json` and sweep.json have it."""
        return {
            "trial": self.number,
            "run": str(self.folder),
            "seed": self.seed,
            "parameters": self.parameters,
            "status": self.status,
            "value": self.value,
            "metrics": self.metrics,
            "epochs": self.epochs,
            "seconds": self.seconds,
            "error": self.error or None,
        }
