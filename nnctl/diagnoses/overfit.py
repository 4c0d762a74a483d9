"""A network that learns its training samples by heart."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import kind_of
from nnctl.diagnoses.statistics import noise, smoothed, trend

AFTER = 4  # epochs after the best one
RISE = 0.1  # of the best loss
LOST = 0.2  # of what was learnt
OF_ALL = 0.01  # of the loss of a constant answer, at least
CERTAIN = 2.0  # standard deviations of the trend from the best epoch on, of few values


class Overfit(Diagnosis):
    """After the epoch of the lowest validation loss, that loss rises by 10 %, or by a fifth of what was learnt (a
    constant answer's loss less the lowest), by 1 % of a constant answer's and by twice its noise from an epoch
    to the next, with a certain trend, while the training loss has not risen with it.

    A run that stopped early is not told: it has what it could have. Source: Prechelt 1998, "Early stopping, but when?",
    for the generalization loss; Geman et al. 1992.
    """

    name: ClassVar[str] = "overfit"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = ("noisy_validation",)

    def find(self, run: RunRecord) -> Finding | None:
        losses = run.validation_losses
        if run.ended == "early" or len(losses) <= AFTER or np.isnan(losses).any():
            return None
        level = smoothed(losses)
        best = int(level.argmin())
        behind = losses[best:]
        last = float(np.median(losses[-3:]))
        rise = last - float(level[best])
        learnt = run.baseline - float(level[best])
        enough = min(RISE * abs(level[best]), LOST * learnt if learnt > 0 else np.inf)
        is_risen = rise > max(enough, 2 * noise(behind)) and not rise < OF_ALL * run.baseline
        if len(behind) <= AFTER or not is_risen or trend(behind) < CERTAIN or run.losses[-1] > run.losses[best]:
            return None
        epoch = run.epoch_of(best)
        return Finding(
            self.name,
            f"overfit from epoch {epoch} on: the validation loss rises from {shown(level[best])} to {shown(last)}, "
            f"while the training loss falls to {shown(run.losses[-1])}",
            epoch=epoch,
            evidence={
                "best_val_loss": float(level[best]),
                "val_loss": last,
                "loss": float(run.losses[-1]),
                "noise": noise(behind),
                "trend": trend(behind),
            },
            remedy=_remedy(run),
            advice="more training samples, or augmentation, dropout or smaller layers",
        )


def _remedy(run: RunRecord) -> tuple[str, ...]:
    """Weight decay, and an early stop that saves the time; only what is not there."""
    config = run.config
    found = []
    if kind_of(config.optimizer) in ("adam", "adamw"):
        decay = getattr(config.optimizer, "weight_decay", 0.0)
        own = 0.1 if kind_of(config.optimizer) == "adam" or not decay else 10 * decay
        found.append(f"optimizer={{type: adamw, weight_decay: {own:g}}}")
    if config.early_stopping is None:
        found.append("early_stopping.patience=5")
    return tuple(found)
