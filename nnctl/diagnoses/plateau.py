"""A loss that hovers above what smaller steps would reach."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.statistics import noise, slope, tail, trend
from nnctl.schedules.constant import Constant

EPOCHS = 12
EXCESS = 0.05  # of the loss
NOISE = 0.025  # of the loss from an epoch to the next, where layers draw anew in each step
UPDATE = 3e-3  # of the weights in a step, still
LEARNT = 0.97  # of the loss of a constant answer: else it stalls
APART = 2.0  # times the training loss, that validation samples have: then smaller steps only learn by heart


class Plateau(Diagnosis):
    """With a constant learning rate and twelve epochs and more, steps in the last half still change weights by 0.3 %,
    while the training loss is about 5 % above what smaller steps would reach, and falls by less than that, and no rule
    changes the network.

    How far above: every epoch goes through all samples once, so its loss would stay the same if the weights did. What
    it varies by from epoch to epoch, times the root of the steps in an epoch, is what it varies by from step to step;
    and for weights that wander about a minimum, that is about as much as the loss is above it. Layers that draw anew in
    each step, such as dropout, make it vary, too: with them, it has to vary by 2.5 % from epoch to epoch.

    Source: Robbins and Monro 1951; Bottou et al. 2018, "Optimization methods for large-scale machine learning", 4.2:
    with a constant rate, the expected loss stays above the minimum by an amount proportional to the rate; Mandt et al.
    2017, "Stochastic gradient descent as approximate Bayesian inference".
    """

    name: ClassVar[str] = "plateau"

    def find(self, run: RunRecord) -> Finding | None:
        last = tail(run.losses, 1 / 2)
        if run.epochs < EPOCHS or type(run.config.schedule) is not Constant or run.config.schedule.warmup:
            return None
        if run.is_changed_in_last(len(last)):
            return None
        level, validated = float(np.median(last)), tail(run.validation_losses, 1 / 2)
        if not level > 0 or (len(validated) and not np.median(validated) < APART * level):
            return None
        own = noise(last) / level
        excess = own if run.is_stochastic else own * math.sqrt(run.steps_an_epoch)
        fall = -slope(last) * len(last) / level
        is_above = excess > max(NOISE if run.is_stochastic else EXCESS, fall)
        if not is_above or not run.update > UPDATE or not 0.02 < run.unlearnt < LEARNT:
            return None
        return Finding(
            self.name,
            f"plateau: since epoch {run.epoch_of(-len(last))} the loss hovers around {shown(level)}, as steps jump "
            "about a minimum; smaller ones at the end would take it down",
            epoch=run.epoch_of(-len(last)),
            evidence={"loss": level, "noise": own, "excess": excess, "trend": trend(last), "update": run.update},
            remedy=("schedule=cosine",),
        )
