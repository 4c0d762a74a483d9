"""An early stop while the validation samples were still getting better."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.statistics import slope, trend

LEAST, USUAL = 5, 8  # epochs
CERTAIN = 1.95  # standard deviations of the trend: of forty series without one, one falls as much


class StoppedTooEarly(Diagnosis):
    """A run that stopped early after five epochs and more, while over the epochs of its patience, at least the last
    eight, the validation loss still falls with a certain trend, and by more than 2 % of its level over the next eight:
    the patience is shorter than the noise.

    Source: Prechelt 1998, "Early stopping, but when?": slower criteria pay.
    """

    name: ClassVar[str] = "stopped_too_early"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = ("underfit",)

    def find(self, run: RunRecord) -> Finding | None:
        early = run.config.early_stopping
        if run.ended != "early" or early is None or run.epochs < LEAST:
            return None
        last = run.judged[-max(USUAL, early.patience) :]
        gain = -slope(last) * USUAL / abs(float(np.median(last)))
        if np.isnan(last).any() or trend(last) > -CERTAIN or gain < 0.02:
            return None
        patience = 4 * max(1, early.patience)
        epochs = max(run.config.epochs, 2 * run.epochs + patience)
        return Finding(
            self.name,
            f"stopped too early: {early.monitor} had no better value for {early.patience} epochs, but over the last "
            f"{len(last)} the loss still falls by {gain / USUAL:.1%} an epoch",
            epoch=run.epoch_of(-1),
            evidence={"trend": trend(last), "fall": gain / USUAL, "patience": early.patience},
            remedy=(
                f"early_stopping.patience={patience}",
                f"epochs={epochs}",
            ),
        )
