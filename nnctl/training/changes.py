"""What may change between the beginning of a run and its resumption: nothing but a larger `epochs`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nnctl.checkpoint import Checkpoint
from nnctl.errors import CheckpointError, DataError, Problem
from nnctl.preparation import Prepared


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
        for key, before, after in _differences(then, now)
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


_ABSENT = object()


def _differences(then: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    before, after = dict(_leaves("", then)), dict(_leaves("", now))
    for key in {**before, **after}:
        one, other = before.get(key, _ABSENT), after.get(key, _ABSENT)
        if one != other:
            yield key, one, other


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Dotted paths with the values that are no mappings and no lists."""
    if isinstance(value, dict | list) and value:
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves(f"{path}.{key}" if path else str(key), item)
    else:
        yield path, value


def _shown(value: Any) -> str:
    return "absent" if value is _ABSENT else str(value)
