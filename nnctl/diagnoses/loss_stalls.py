"""A loss that stays at that of a constant answer: nothing is learnt."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding, shown
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import default_weights, wider, with_learning_rate

EPOCHS, STEPS = 5, 100
SHARE = 0.99  # of the loss of the best constant answer
BY_CHANCE = 0.05  # of it, at most, that parameters may take off where there is nothing to learn
UPDATES = 1e-3, 0.1  # of the weights in a step, which are neither small nor large
KNOWN = 0.8  # of neighbours' accuracy, or of the variance that they explain
VALIDATED = 0.97  # of it, for the validation samples, which are learnt then


class LossStalls(Diagnosis):
    """After five epochs and a hundred steps, the loss of the training samples has not come below 99 % of what the best
    constant answer has, and does not certainly fall. So much less is none, either, as parameters take off by chance:
    their number and two standard deviations of chi-squared, over the number of samples; 5 % at most, and where
    validation samples have not come below 97 % of theirs.

    Where the loss has a rate inside, as that of counts, nothing is told: its least value is not 0. Source: Karpathy
    2019, "A recipe for training neural networks": compare with an input-independent baseline; Akaike 1974, for what
    parameters take off.
    """

    name: ClassVar[str] = "loss_stalls"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = (
        "plateau", "noisy_validation", "overfit", "unbalanced_classes", "more_epochs", "stopped_too_early",
    )  # fmt: skip

    def find(self, run: RunRecord) -> Finding | None:
        if (
            run.epochs < EPOCHS
            or run.config.loss.inside == "exp"
            or run.rows[-1]["step"] < STEPS
            or not run.unlearnt > SHARE - _by_chance(run)
            or run.is_falling
        ):
            return None
        return Finding(
            self.name,
            f"the loss stalls at {shown(run.losses[-1])}: a constant answer has {shown(run.baseline)}, so nothing is "
            "learnt",
            epoch=run.epoch_of(0),
            evidence={"loss": float(run.losses[-1]), "baseline": run.baseline, "update": run.update},
            remedy=_remedy(run),
            advice="" if _neighbours_know(run) else "look whether the inputs tell anything of the target",
        )


def _remedy(run: RunRecord) -> tuple[str, ...]:
    """Usual initial weights, steps of the usual size, or a larger network where the inputs tell the target."""
    if remedy := default_weights(run.config, run.weighted):
        return remedy
    if not UPDATES[0] <= run.update <= UPDATES[1]:
        return (with_learning_rate(run.config, 10 if run.update < UPDATES[0] else 0.1),)
    return wider(run.config) if _neighbours_know(run) else ()


def _neighbours_know(run: RunRecord) -> bool:
    """Whether nearest neighbours answer well: then the inputs tell the target."""
    return any(score > KNOWN for score in (run.facts.get("neighbours") or {}).values())


def _by_chance(run: RunRecord) -> float:
    """How much of the loss of a constant answer parameters take off, although there is nothing to learn."""
    constant = run.facts.get("validation_baseline")
    if constant and np.nanmin(run.validation_losses, initial=np.inf) < VALIDATED * constant:
        return 0.0
    parameters, samples = run.facts.get("parameters", 0), run.facts.get("samples", {}).get("train", 1)
    return float(min(BY_CHANCE, (parameters + 2 * math.sqrt(2 * parameters)) / max(1, samples)))
