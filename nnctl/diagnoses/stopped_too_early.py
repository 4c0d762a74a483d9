"""An early stop while the validation samples were still getting better."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.config.run_config import EarlyStopping
from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.statistics import slope, trend
from nnctl.metrics.measured import higher_is_better

LEAST, USUAL = 5, 8  # epochs
FALL, ABOVE = 0.05, 1.1  # of the loss of the training samples, in an epoch; times it
CERTAIN = 1.95  # standard deviations of the trend: of forty series without one, one falls as much


class StoppedTooEarly(Diagnosis):
    """A run that stopped early after five epochs and more, although the validation loss still falls with a certain
    trend over the last eight epochs (or the patience, where that is more), by more than 2 % of its level in eight
    epochs, and is below that of as many epochs before: the patience is shorter than the noise. Or after fewer epochs,
    if the training loss has fallen by 5 % in each of them and the validation loss is at most 10 % above it: nothing is
    learnt by heart yet.

    Source: Prechelt 1998, "Early stopping, but when?": slower criteria pay.
    """

    name: ClassVar[str] = "stopped_too_early"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = ("underfit",)

    def find(self, run: RunRecord) -> Finding | None:
        early = run.config.early_stopping
        if run.ended != "early" or early is None or _reached(run, early):
            return None
        if run.epochs < LEAST:
            return self._at_once(run, early.monitor or "the monitor") if _is_before_any_overfit(run) else None
        width = max(USUAL, early.patience)
        last, before = run.judged[-width:], run.judged[-2 * width : -width]
        gain = -slope(last) * USUAL / abs(float(np.median(last)))
        if (
            np.isnan(last).any()
            or trend(last) > -CERTAIN
            or gain < 0.02
            or (len(before) and np.median(before) < np.median(last))
        ):
            return None
        return Finding(
            self.name,
            f"stopped too early: {early.monitor} had no better value for {early.patience} epochs, but over the last "
            f"{len(last)} the loss still falls by {gain / USUAL:.1%} an epoch",
            epoch=run.epoch_of(-1),
            evidence={"trend": trend(last), "fall": gain / USUAL, "patience": early.patience},
            remedy=_remedy(run),
        )

    def _at_once(self, run: RunRecord, monitor: str) -> Finding:
        fall = 1 - float(run.losses[-1] / run.losses[-2])
        return Finding(
            self.name,
            f"stopped too early: {monitor} had no better value after {run.epochs} epochs, but the training loss has "
            f"just fallen by {fall:.0%}, and validation samples have no larger one",
            epoch=run.epoch_of(-1),
            evidence={"fall": fall, "loss": float(run.losses[-1]), "val_loss": float(run.validation_losses[-1])},
            remedy=_remedy(run),
        )


def _is_before_any_overfit(run: RunRecord) -> bool:
    """Whether the training loss of few epochs falls at every one, to the last, and the validation loss is not above."""
    falls, validated = -np.diff(run.losses) / run.losses[:-1], run.validation_losses
    return bool(len(falls) and len(validated) and falls.min() > FALL and validated[-1] < ABOVE * run.losses[-1])


def _remedy(run: RunRecord) -> tuple[str, ...]:
    early = run.config.early_stopping
    patience = 4 * max(1, 1 if early is None else early.patience)
    return (f"early_stopping.patience={patience}", f"epochs={max(run.config.epochs, 2 * run.epochs + patience)}")


def _reached(run: RunRecord, early: EarlyStopping) -> bool:
    """Whether the run stopped since a number was good enough."""
    monitor, threshold = early.monitor or "loss", early.stopping_threshold
    value = run.rows[-1].get(monitor)
    if threshold is None or value is None:
        return False
    return bool(value >= threshold if higher_is_better(monitor, run.config.metrics) else value <= threshold)
