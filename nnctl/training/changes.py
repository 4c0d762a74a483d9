"""What may change between the beginning of a run and its resumption, and what that means for the bits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.config.differences import ABSENT, differences
from nnctl.config.load import settings_of
from nnctl.config.run_config import RunConfig
from nnctl.data.hashes import changed_files
from nnctl.data.table.settings import ColumnSettings
from nnctl.errors import CheckpointError, DataError, Problem
from nnctl.files import to_json
from nnctl.spec import Spec
from nnctl.training.measured_share import shares_of
from nnctl.training.metrics_file import Row

FREE = ("epochs", "early_stopping", "learning_rate", "schedule")  # keys that may change; epochs may grow
MOST_STEPS = 1_000  # at which learning rates are compared

Changes = dict[str, tuple[Any, Any]]
"""By dotted key the values then and now."""


def allowed_changes(then: RunConfig, now: RunConfig, folder: Path) -> Changes:
    """What has changed, if all of it may. Raises CheckpointError with every other changed key."""
    found = {
        key: (before, after)
        for key, (before, after) in differences(list(map(settings_of, (then, now)))).items()
        if not _is_new_key(key, before, after)
    }
    problems = [
        Problem(
            f"was {_shown(before)} when the run began, is {_shown(after)} now",
            str(folder),
            path=key,
            help=f"epochs may only grow: give epochs={before} or more"
            if key == "epochs"
            else "set it back, or start a new run without --resume",
        )
        for key, (before, after) in found.items()
        if key.partition(".")[0] not in FREE or (key == "epochs" and after < before)
    ]
    if problems:
        raise CheckpointError(*problems)
    return found


def _is_new_key(key: str, before: Any, after: Any) -> bool:
    """Whether it is one of a column that an older version did not have, with the value that it took for granted."""
    plain = ColumnSettings.plain if key.startswith("data.columns.") else {}
    name = key.rpartition(".")[2]
    return before is ABSENT and name in plain and after == plain[name]


def refuse_changed_data(then: dict[str, str], now: dict[str, str], folder: Path) -> None:
    """Raise DataError with every changed file. then, now: hashes."""
    if changed := changed_files(then, now):
        what = f"the data changed since the run began: {', '.join(changed)}"
        help = "bring the old files back, or start a new run without --resume"
        raise DataError(Problem(what, str(folder), help=help))


def notes_on_changes(
    changes: Changes, then: RunConfig, now: RunConfig, step: int, steps: int, rows: Sequence[Row]
) -> Iterator[str]:
    """What changes mean. step: so many are done. steps: in an epoch. rows: of the epochs that are done."""
    early = [key for key in changes if key.partition(".")[0] == "early_stopping"]
    if early:
        yield f"{_told(changes, early)}: that decides when the run stops; the bits of each epoch stay the same"
    others = [key for key in changes if key not in early]
    if not others or not step:
        return
    rates = [_learning_rates(config, step, steps, rows) for config in (then, now)]
    if rates[0][:-1] == rates[1][:-1]:  # up to here
        yield f"{_told(changes, others)}: the bits are those of a run with these settings in one go"
        return
    why = [key for key in others if key != "epochs"]
    spread = f"{getattr(now.schedule, now.schedule.tag)} is spread over {now.epochs:,} epochs now"
    yield (
        f"the learning rate goes {_from_to(rates[0][-2], rates[1][-1])}: {_told(changes, why) if why else spread}; "
        "a run with these settings in one go has other bits"
    )


def _learning_rates(config: RunConfig, step: int, steps: int, rows: Sequence[Row]) -> list[float]:
    """At some of the steps that are done, the last of them and the next one."""
    done: NDArray[np.int64] = np.unique(np.linspace(0, step - 1, MOST_STEPS).astype(np.int64))
    chosen, shares = np.append(done, step), shares_of(config, rows, step // steps)
    rates = config.schedule.learning_rates(config.learning_rate, chosen, steps, config.epochs)
    return [rate * shares[epoch] for rate, epoch in zip(rates, chosen // steps, strict=True)]


def _from_to(before: float, after: float) -> str:
    """Two learning rates in as few digits as tell them apart."""
    digits = next((digits for digits in (1, 3) if f"{before:.{digits}e}" != f"{after:.{digits}e}"), 16)
    return f"from {before:.{digits}e} to {after:.{digits}e}"


def _told(changes: Changes, keys: list[str]) -> str:
    return ", ".join(f"{key} is {_shown(changes[key][1])} now, was {_shown(changes[key][0])}" for key in keys)


def _shown(value: Any) -> str:
    if value is ABSENT or value is None:
        return "absent"
    if isinstance(value, dict) and Spec.tag in value:
        return str(value[Spec.tag])
    text = value if isinstance(value, str) and value else to_json(value)
    return text if len(text) <= 100 else f"{text[:99]}…"
