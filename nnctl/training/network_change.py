"""When rules of `dynamics` change the network of a run, and what is told of it; `changed_run` makes the changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from nnctl.config.rule import ChangeRow, Rule
from nnctl.errors import CheckpointError, Problem
from nnctl.metrics.measured import higher_is_better
from nnctl.model.preparation import Prepared
from nnctl.text import counted, listed
from nnctl.training.best_value import BestValue
from nnctl.training.history import History
from nnctl.training.metrics_file import NAME, Row


def due_rules(prepared: Prepared, history: History, rows: Sequence[Row], epoch: int) -> list[int]:
    """The positions in `dynamics` of the rules that act after this epoch, which were not asked yet. rows: up to it."""
    if history.asked >= epoch:
        return []
    last = history.changes[-1] if history.changes else {}

    def stalls(rule: Rule) -> bool:
        since = max(history.last_change, rule.begin - 1)
        monitor = rule.monitor or "loss"
        best = BestValue(monitor, higher_is_better(monitor, prepared.config.metrics), rule.min_delta)
        for row in rows:
            if row["epoch"] > since:
                value = row.get(monitor)
                best.update(np.nan if value is None or not np.isfinite(value) else value, row["epoch"])
        return rule.patience is not None and epoch - max(best.epoch, since) >= rule.patience

    due = []
    for number, rule in enumerate(prepared.config.dynamics):
        if "until" in last and last["rule"] != number:
            continue  # while units are away, the rule that put them aside is alone
        own = [row for row in history.changes if row["rule"] == number]
        if rule.is_due(epoch, own, partial(stalls, rule)):
            due.append(number)
    return due


def require_rows(prepared: Prepared, rows: Sequence[Row], epochs: int, folder: Path) -> None:
    """Raise CheckpointError where a rule waits for a number to stall, and rows of these epochs do not have it."""
    for number, rule in enumerate(prepared.config.dynamics):
        if rule.patience is not None:
            known = {row["epoch"] for row in rows if rule.monitor in row}
            missing = [str(epoch) for epoch in range(1, epochs + 1) if epoch not in known]
            if missing:
                what = f"has no {rule.monitor} of epoch{'s'[: len(missing) > 1]} {listed(missing)}"
                help = "bring the file back, or start a new run without --resume"
                problem = Problem(f"{what}, from which dynamics.{number} goes on", str(folder / NAME), help=help)
                raise CheckpointError(problem)


def changes_before(history: History, epoch: int) -> list[ChangeRow]:
    """Those that were made just before this epoch, as its row has them."""
    return [row for row in history.changes if row["epoch"] == epoch - 1]


def notes_on_growth(history: History) -> Iterator[str]:
    """What to tell of all changes at the end of a run."""
    if history.changes:
        first, last = history.changes[0]["parameters"][0], history.changes[-1]["parameters"][1]
        times = counted(len(history.changes), "time")
        yield f"the network changed {times}: it began with {first:,} parameters, and ends with {last:,}"
