"""What may change between the beginning of a run and its resumption: nothing but a larger `epochs`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nnctl.config.differences import ABSENT, differences
from nnctl.errors import CheckpointError, DataError, Problem
from nnctl.files import to_json
from nnctl.model.checkpoint import Checkpoint
from nnctl.model.preparation import Prepared
from nnctl.spec import Spec


def refuse_changes(checkpoint: Checkpoint, prepared: Prepared, folder: Path) -> None:
    """Raise CheckpointError with every changed key, or DataError with every changed file."""
    then, now = checkpoint.description["config"], prepared.config.model_dump(mode="json")
    problems = [
        Problem(
            f"was {_shown(before)} when the run began, is {_shown(after)} now",
            str(folder),
            path=key,
            help="epochs may only grow" if key == "epochs" else "set it back, or start a new run without --resume",
        )
        for key, (before, after) in differences([then, now]).items()
        if not (key == "epochs" and isinstance(before, int) and after >= before)
    ]
    if problems:
        raise CheckpointError(*problems)
    before, after = checkpoint.description["data"], prepared.dataset.hashes
    changed = sorted(file for file in before.keys() | after.keys() if before.get(file) != after.get(file))
    if changed:
        raise DataError(
            Problem(
                f"the data changed since the run began: {', '.join(changed)}",
                str(folder),
                help="bring the old files back, or start a new run without --resume",
            )
        )


def _shown(value: Any) -> str:
    if value is ABSENT:
        return "absent"
    if isinstance(value, dict) and Spec.tag in value:
        return str(value[Spec.tag])
    text = to_json(value) if isinstance(value, dict | list) else str(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
