"""An early stop while the validation samples were still getting better."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.config.run_config import EarlyStopping
from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.statistics import slope, trend
from nnctl.metrics.measured import higher_is_better

LEAST = 8  # epochs
CERTAIN = 2.0  # standard deviations of the trend


class StoppedTooEarly(Diagnosis):
    """A run that stopped early, while over the epochs of its patience, at least eight, the validation
    loss still falls with a certain trend, and by more than 2 % of its level over the next eight: the patience is
    shorter than the noise.

    Source: Prechelt 1998, "Early stopping, but when?": slower criteria pay.
    """

    name: ClassVar[str] = "stopped_too_early"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = ("underfit",)

    def find(self, run: RunRecord) -> Finding | None:
        early = run.config.early_stopping
        if run.ended != "early" or early is None or run.epochs < LEAST or _reached(run, early):
            return None
        last = run.judged[-max(LEAST, early.patience) :]
        gain = -slope(last) * LEAST / abs(float(np.median(last)))
        if np.isnan(last).any() or trend(last) > -CERTAIN or gain < 0.02:
            return None
        patience = 4 * max(1, early.patience)
        epochs = max(run.config.epochs, 2 * run.epochs + patience)
        return Finding(
            self.name,
            f"stopped too early: {early.monitor} had no better value for {early.patience} epochs, but over the last "
            f"{len(last)} the loss still falls by {gain / LEAST:.1%} an epoch",
            epoch=run.epoch_of(-1),
            evidence={"trend": trend(last), "fall": gain / LEAST, "patience": early.patience},
            remedy=(
                f"early_stopping.patience={patience}",
                f"epochs={epochs}",
            ),
        )


def _reached(run: RunRecord, early: EarlyStopping) -> bool:
    """Whether the run stopped since a number was good enough."""
    monitor, threshold = early.monitor or "loss", early.stopping_threshold
    value = run.rows[-1].get(monitor)
    if threshold is None or value is None:
        return False
    return bool(value >= threshold if higher_is_better(monitor, run.config.metrics) else value <= threshold)
