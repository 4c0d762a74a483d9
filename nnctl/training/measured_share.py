"""The share of the learning rate that a schedule leaves which depends on what was measured.

It follows from the rows of metrics.jsonl, so that a checkpoint need not know of it: whenever one is on the disk, so are
its rows. Other schedules leave 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

from nnctl.config.run_config import RunConfig
from nnctl.errors import CheckpointError, Problem
from nnctl.metrics.measured import higher_is_better
from nnctl.schedules.measured_schedule import MeasuredSchedule
from nnctl.text import listed
from nnctl.training.metrics_file import NAME, Row

MOST = 10  # epochs that a note names


class MeasuredShare:
    """share: of the learning rate, in the epoch after the rows so far."""

    def __init__(self, config: RunConfig) -> None:
        self.share = 1.0
        self._tracker = None
        if isinstance(config.schedule, MeasuredSchedule):
            self._tracker, self._monitor = config.schedule.tracker(), config.schedule.monitor or "loss"
            self._sign = -1.0 if higher_is_better(self._monitor, config.metrics) else 1.0

    def update(self, row: Row) -> None:
        """Take an epoch's row. Infinity counts as nothing measured, as it is in the file."""
        if self._tracker is not None:
            value = row.get(self._monitor)
            value = math.nan if value is None or math.isinf(value) else self._sign * value
            self._tracker.update(value, row["epoch"])
            self.share = self._tracker.share


def shares_of(config: RunConfig, rows: Sequence[Row], epochs: int) -> list[float]:
    """The share in each epoch, from the first to the one after `epochs` of them. rows: theirs."""
    measured, by_epoch = MeasuredShare(config), {row["epoch"]: row for row in rows}
    found = [measured.share]
    for epoch in range(1, epochs + 1):
        measured.update(by_epoch.get(epoch, {"epoch": epoch}))
        found.append(measured.share)
    return found


def measured_share(config: RunConfig, rows: Sequence[Row], epochs: int, folder: Path) -> MeasuredShare:
    """As it is after so many epochs of a run. rows: theirs. Raises CheckpointError where some are missing."""
    measured = MeasuredShare(config)
    if isinstance(config.schedule, MeasuredSchedule):
        known = {row["epoch"] for row in rows if config.schedule.monitor in row}
        missing = [str(epoch) for epoch in range(1, epochs + 1) if epoch not in known]
        if missing:
            what = f"has no {config.schedule.monitor} of epoch{'s'[: len(missing) > 1]} {listed(missing)}"
            why = f"from which {_name(config)} goes on"
            help = "bring the file back, or go on with schedule=constant and a learning_rate of your choice"
            raise CheckpointError(Problem(f"{what}, {why}", str(folder / NAME), help=help))
    for row in rows:
        measured.update(row)
    return measured


def reduction_notes(config: RunConfig, rows: Sequence[Row]) -> Iterator[str]:
    """What the schedule did to the learning rate in the epochs of these rows, if anything."""
    if not isinstance(config.schedule, MeasuredSchedule) or not rows:
        return
    shares = shares_of(config, rows, rows[-1]["epoch"])
    rates = {row["epoch"]: row["learning_rate"] for row in rows}
    reduced = [
        epoch
        for epoch in range(1, len(shares) - 1)
        if shares[epoch] < shares[epoch - 1] and rates.get(epoch + 1, math.inf) < rates.get(epoch, 0.0)
    ]
    if reduced:
        times = "once" if len(reduced) == 1 else f"{len(reduced):,} times"
        when = f"after epoch{'s'[: len(reduced) > 1]} {', '.join(map(str, reduced[:MOST]))}"
        before, after = (f"{rates[epoch]:.1e}" for epoch in (reduced[0], reduced[-1] + 1))
        more = ", …" if len(reduced) > MOST else ""
        yield f"{_name(config)} lowered the learning rate {times}, from {before} to {after}: {when}{more}"


def _name(config: RunConfig) -> str:
    return str(getattr(config.schedule, config.schedule.tag))
