"""A run that ends while it is still getting better."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.statistics import slope, tail, trend
from nnctl.schedules.constant import Constant

EPOCHS = 8
CERTAIN = 1.96  # standard deviations of the trend: of forty series without one, one falls as much
GAIN = 0.05  # of the loss, by as many epochs again as the last third has
GAIN_OF_ALL = 0.015  # of the loss of a constant answer, or of the first one


class MoreEpochs(Diagnosis):
    """A run to its last epoch, eight or more, whose loss (of the validation samples, where there are some) still falls
    in the last third with a certain trend: at this rate as many epochs again would take off 5 % of it, and 1.5 % of
    what a constant answer has. With a schedule that ends in small steps, the last epochs say nothing, and nothing is
    told.

    Source: the line through the last epochs, by Theil 1950 and Sen 1968.
    """

    name: ClassVar[str] = "more_epochs"

    def find(self, run: RunRecord) -> Finding | None:
        losses = run.judged
        if run.ended != "finished" or run.epochs < EPOCHS or type(run.config.schedule) is not Constant:
            return None
        last = tail(losses, 1 / 3)
        level = float(np.median(last[-3:]))
        gain = -slope(last) * len(last)
        whole = run.baseline if run.baseline == run.baseline else abs(float(losses[0]))
        certain = trend(last) < -CERTAIN
        if np.isnan(last).any() or not certain or gain < GAIN * abs(level) or gain < GAIN_OF_ALL * whole:
            return None
        return Finding(
            self.name,
            f"more epochs: the loss still falls, by {gain / (gain + abs(level)):.0%} in the last {len(last)} epochs",
            epoch=run.epoch_of(-1),
            evidence={"trend": trend(last), "fall": gain, "loss": level},
            remedy=(f"epochs={2 * run.config.epochs}",),
            advice="continue this one with --resume",
        )
