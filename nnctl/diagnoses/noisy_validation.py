"""A validation loss that goes up and down so much that the best epoch is chosen by chance."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import with_learning_rate
from nnctl.diagnoses.statistics import noise, tail
from nnctl.schedules.constant import Constant

EPOCHS = 12
NOISE = 0.05  # of the validation loss
TIMES = 1.5  # the training loss's
MANY = 0.2  # of the samples, for validation
OF_ALL = 0.01  # of the loss of a constant answer: less is of no account
LAST = 4  # epochs
CHANGE = 1 / 3  # of what the last half changes


class NoisyValidation(Diagnosis):
    """In the last half of twelve epochs and more, the validation loss goes up and down from an epoch to the next by 5 %
    of its level (and 1 % of a constant answer's loss), 1.5 times as much as the training loss and more than a third of
    what it changes in that half, and does not calm down at the end.

    Source: the standard error of a mean over few samples; Bouthillier et al. 2021, "Accounting for variance in machine
    learning benchmarks".
    """

    name: ClassVar[str] = "noisy_validation"

    def find(self, run: RunRecord) -> Finding | None:
        losses = tail(run.validation_losses, 1 / 2)
        if run.epochs < EPOCHS or not len(losses) or np.isnan(losses).any():
            return None
        level, own = float(np.median(losses)), noise(losses)
        trained = tail(run.losses, 1 / 2)
        quiet = noise(trained) / max(float(np.median(trained)), 1e-300)
        half = len(losses) // 2
        change = abs(float(np.median(losses[:half]) - np.median(losses[half:])))
        is_noisy = own > NOISE * level and own >= CHANGE * change and own / level >= TIMES * quiet
        calms_down = np.abs(np.diff(losses[-LAST:], 2)).max() < NOISE / 2 * level
        if not is_noisy or calms_down or own < OF_ALL * run.baseline:
            return None
        samples = run.facts.get("samples", {}).get("validation", 0)
        return Finding(
            self.name,
            f"noisy validation: the loss of the {samples:,} validation samples goes up and down by {own / level:.0%} "
            "from an epoch to the next, so that the best epoch is chance",
            epoch=run.epoch_of(-len(losses)),
            evidence={"noise": own, "val_loss": level, "training_noise": quiet, "samples": samples},
            remedy=_remedy(run),
        )


def _remedy(run: RunRecord) -> tuple[str, ...]:
    """More samples to judge by, and steps that become small at the end."""
    found, validation = [], run.config.data.validation
    if isinstance(validation, float) and validation < MANY:
        found.append(f"data.validation={MANY:g}")
    if type(run.config.schedule) is Constant:
        found.append("schedule=cosine")
    return tuple(found) or (with_learning_rate(run.config, 0.3),)
