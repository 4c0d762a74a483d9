"""Steps so small that the epochs do not suffice."""

from __future__ import annotations

import math
from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, percent
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import with_learning_rate
from nnctl.diagnoses.statistics import CERTAIN, noise, trend

EPOCHS = 5
UPDATE = 1e-3  # of the weights in a step, which is usual
MOST = 3  # powers of ten that the rate is raised by
LEFT = 0.6  # of the first loss
STEPS, WAY = 150, 0.5  # so many steps, and how far they would take weights together, in one direction


class LearningRateTooLow(Diagnosis):
    """After five epochs and more, the loss of the training samples falls from epoch to epoch, with little noise, but
    60 % of the first loss are left, and no step has changed the weights of a layer by a thousandth; or 150 and
    more, together, by half of them, even if all went in one direction.

    A small step alone is none: near a minimum steps are small. Source: Karpathy, CS231n: a ratio of update and weight
    far below a thousandth says that the rate may be too low; Goodfellow et al. 2016, "Deep learning", 8.3.1.
    """

    name: ClassVar[str] = "learning_rate_too_low"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = (
        "loss_stalls", "underfit", "plateau", "more_epochs", "unbalanced_classes", "stopped_too_early",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if run.epochs < EPOCHS or not run.measured or not run.weighted:
            return None
        losses = run.losses
        start = run.start
        largest = run.usual_update
        fall = float(losses[0] - losses[-1])
        steady = trend(losses) < -CERTAIN and noise(losses) < 0.1 * fall
        steps = run.rows[-1]["step"]
        is_small = largest < UPDATE or (steps >= STEPS and steps * largest < WAY)
        if not (steady and is_small and losses[-1] > LEFT * start):
            return None
        return Finding(
            self.name,
            f"learning rate too low: a step changes the weights by no more than {percent(largest)}, and after "
            f"{run.epochs} epochs the loss is still {losses[-1] / start:.0%} of that without any learning, and falling",
            epoch=run.epoch_of(-1),
            evidence={"update": largest, "loss": float(losses[-1]), "first_loss": start, "trend": trend(losses)},
            remedy=(with_learning_rate(run.config, _times(largest)),),
        )


def _times(update: float) -> float:
    """The power of ten that makes a step change weights by about a thousandth, and at least ten."""
    return 10.0 ** min(MOST, max(1, round(math.log10(UPDATE / update)))) if update > 0 else 10.0
