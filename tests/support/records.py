"""Records of trials for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnctl.sweeps.record import TrialRecord


def record(number: int, value: float | None, parameters: dict[str, Any] | None = None, **known: Any) -> TrialRecord:
    """A finished trial; alone in its combination, where nothing else is known of it."""
    known = {"combination": number - 1, "seed": 1, "status": "finished", "epochs": 10, "seconds": 2.0} | known
    return TrialRecord(
        number=number, folder=Path(f"runs/s/{number:03}"), value=value, parameters=parameters or {}, **known
    )
