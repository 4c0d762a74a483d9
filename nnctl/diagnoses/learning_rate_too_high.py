"""Steps so large that the loss jumps instead of falling."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, percent, shown
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import with_learning_rate
from nnctl.diagnoses.statistics import CERTAIN, noise, series, smoothed, tail, trend

EPOCHS = 3
JUMP = 2.0  # times the first loss
LEAP = 10.0  # times it, which is one even if it is made up for
LEFT = 0.5  # of the loss of a constant answer
OWN = 1.0  # of the weights, that a step has changed: what they began with is lost
UPDATE = 5e-3  # of the weights in a step, at the end; 0.001 is usual
APART = 2.0  # times the training loss, that validation samples have: then smaller steps only learn by heart
NOISE = 0.1  # of the loss, from an epoch to the next


class LearningRateTooHigh(Diagnosis):
    """One of two, after three epochs and more, where steps have changed the weights of a layer by a thousandth or more:

    - the loss has jumped to ten times the first one; or that of an epoch to twice it, and either has come down to no
      less than half of a constant answer's, or a step has changed the weights of a layer by more than they are.
    - ten epochs and more, a step changes the weights of a layer by half a percent to the end, and in the last half the
      loss of the training samples goes up and down by 10 % from an epoch to the next, without a certain fall, above 2 %
      of a constant answer's, while no rule changes the network.

    Source: Bengio 2012, "Practical recommendations for gradient-based training of deep architectures", 3.1.1: the
    largest rate that does not make the loss grow; Karpathy, CS231n: an update is usually a thousandth of the weights.
    """

    name: ClassVar[str] = "learning_rate_too_high"
    rank: ClassVar[int] = 1
    makes_diverge: ClassVar[bool] = True
    explains: ClassVar[tuple[str, ...]] = (
        "loss_stalls", "underfit", "plateau", "noisy_validation", "overfit", "unbalanced_classes", "more_epochs",
        "stopped_too_early",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if run.epochs < EPOCHS or not run.measured:
            return None
        batches = series([row["loss"] for row in run.measured])
        highest = float(np.nanmax(np.append(smoothed(batches), run.losses)))
        first = float(np.fmax(run.first_loss, run.baseline))
        last = max(float(np.median(losses[-3:])) for losses in (run.losses, run.judged))
        half = tail(run.judged if run.is_stochastic else run.losses, 1 / 2)
        restless = noise(np.log(half)) if (half > 0).all() and not run.is_changed_in_last(len(half)) else 0.0
        learns_by_heart = np.median(tail(run.judged, 1 / 2)) > APART * np.median(half)
        is_restless = restless > NOISE and not learns_by_heart and trend(half) > -CERTAIN and run.unlearnt > 0.02
        if run.usual_update < 1e-3:
            return None
        is_lost = last > LEFT * run.baseline or run.largest_update > OWN
        has_jumped = float(np.nanmax(run.losses)) > JUMP * first
        if highest > LEAP * first or (has_jumped and is_lost):
            what = f"the loss jumps from {shown(run.first_loss)} to {shown(highest)} and ends at {shown(last)}"
        elif run.epochs >= 10 and run.update > UPDATE and is_restless:
            what = (
                f"a step changes the weights by {percent(run.update)}, and the loss goes up and down by {restless:.0%}"
            )
        else:
            return None
        return Finding(
            self.name,
            f"learning rate too high: {what}",
            epoch=run.epoch_of(-1),
            evidence={
                "first_loss": run.first_loss,
                "highest_loss": highest,
                "last_loss": last,
                "update": run.update,
                "noise": restless,
            },
            remedy=(with_learning_rate(run.config, 0.1),),
        )
