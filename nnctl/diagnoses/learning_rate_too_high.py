"""Steps so large that the loss jumps instead of falling."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import with_learning_rate
from nnctl.diagnoses.statistics import noise, series, tail

EPOCHS = 3
JUMP = 2.0  # times the first loss
UPDATE = 0.01  # of the weights in a step; 0.001 is usual
NOISE = 0.1  # of the loss, from an epoch to the next


class LearningRateTooHigh(Diagnosis):
    """One of two, after three epochs and more:

    - the loss has jumped to twice the first one, and has come down to no less than half of a constant answer's.
    - a step changes the weights of a layer by more than 1 % to the end, and the loss of the training samples goes up
      and down by more than 10 % from an epoch to the next (with ten epochs and more), without being small.

    Source: Bengio 2012, "Practical recommendations for gradient-based training of deep architectures", 3.1.1: the
    largest rate that does not make the loss grow; Karpathy, CS231n: an update is usually a thousandth of the weights.
    """

    name: ClassVar[str] = "learning_rate_too_high"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = (
        "loss_stalls", "underfit", "plateau", "noisy_validation", "overfit", "unbalanced_classes", "more_epochs",
        "stopped_too_early",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if run.epochs < EPOCHS or not run.measured:
            return None
        batches = series([row["loss"] for row in run.measured])
        highest = float(np.nanmax(np.append(batches, run.losses)))
        last = float(np.median(run.losses[-3:]))
        start = max(run.first_loss, run.baseline)
        restless = noise(tail(run.losses, 1 / 2)) / last if last > 0 else 0.0
        if highest > JUMP * start and last > 0.5 * run.baseline:
            what = f"the loss jumps from {shown(run.first_loss)} to {shown(highest)} and ends at {shown(last)}"
        elif run.epochs >= 10 and run.update > UPDATE and restless > NOISE and run.unlearnt > 0.02:
            what = f"a step changes weights by {run.update:.1%}, and the loss goes up and down by {restless:.0%}"
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
