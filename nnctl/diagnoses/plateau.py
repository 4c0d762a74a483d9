"""A loss that hovers above what smaller steps would reach."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.statistics import CERTAIN, noise, tail, trend
from nnctl.schedules.constant import Constant

EPOCHS = 12
NOISE = 0.025  # of the loss, from an epoch to the next
UPDATE = 3e-3  # of the weights in a step, still


class Plateau(Diagnosis):
    """With a constant learning rate and twelve epochs and more, the training loss has no certain trend in the last
    half, goes up and down by 2.5 % from an epoch to the next, and steps still change weights by 3 in a thousand: they
    jump across what they look for.

    Source: Robbins and Monro 1951; Bottou et al. 2018, "Optimization methods for large-scale machine learning", 4.2:
    with a constant rate, the expected loss stays above the minimum by an amount proportional to the rate.
    """

    name: ClassVar[str] = "plateau"

    def find(self, run: RunRecord) -> Finding | None:
        last = tail(run.losses, 1 / 2)
        if run.epochs < EPOCHS or type(run.config.schedule) is not Constant or run.config.schedule.warmup:
            return None
        level = float(np.median(last))
        own = noise(last) / level if level > 0 else 0.0
        if not own > NOISE or trend(last) < -CERTAIN or not run.update > UPDATE or not 0.02 < run.unlearnt < 0.9:
            return None
        return Finding(
            self.name,
            f"plateau: since epoch {run.epoch_of(-len(last))} the loss hovers around {shown(level)}, up and down by "
            f"{own:.0%} from an epoch to the next; smaller steps at the end would take it down",
            epoch=run.epoch_of(-len(last)),
            evidence={"loss": level, "noise": own, "trend": trend(last), "update": run.update},
            remedy=("schedule=cosine",),
        )
