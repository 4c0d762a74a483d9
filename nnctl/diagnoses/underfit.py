"""A network that cannot answer as well as the training data would allow."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.diagnoses.remedies import kind_of, wider
from nnctl.metrics.measured import VALIDATION

EPOCHS, STEPS = 5, 100
MARGIN = 0.05  # of accuracy, or of the explained variance
LOOKED_AT = 300  # training samples, at most, that the neighbours' score is of


class Underfit(Diagnosis):
    """After five epochs and a hundred steps, the best accuracy on the training samples (or share of explained variance)
    is 5 points and three standard errors below that of the nearest neighbour among the others, and the loss does not
    certainly fall any more.

    What a neighbour knows the inputs tell: its error is at most twice the least possible. So noise in the data is no
    underfit, however high the loss. Source: Cover and Hart 1967, "Nearest neighbor pattern classification".
    """

    name: ClassVar[str] = "underfit"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = ("plateau", "noisy_validation")

    def find(self, run: RunRecord) -> Finding | None:
        known = run.facts.get("neighbours")
        if not known or run.epochs < EPOCHS or run.rows[-1]["step"] < STEPS or run.is_falling:
            return None
        name, neighbour = next(iter(known.items()))
        score = _score(run, name)
        looked_at = min(LOOKED_AT, run.facts["samples"]["train"])
        error = 3 * math.sqrt(max(neighbour * (1 - neighbour), 0) / looked_at) if name == "accuracy" else 0.0
        if not score < neighbour - MARGIN - error:
            return None
        what = "is right for" if name == "accuracy" else "explains"
        of = "of the training samples" if name == "accuracy" else "of the variance of the training targets"
        remedy = wider(run.config)
        return Finding(
            self.name,
            f"underfit: the network {what} {score:.0%} {of}, their nearest neighbours {neighbour:.0%}",
            epoch=run.epoch_of(-1),
            evidence={name: score, "neighbours": neighbour},
            remedy=remedy,
            advice="add a layer, or train with less dropout and weight_decay",
        )


def _score(run: RunRecord, name: str) -> float:
    """The best of the training samples and of the validation samples, which no dropout and no augmentation spoils."""
    found = [run.values(prefix + name) for prefix in ("", VALIDATION)]
    if name == "r2" and np.isnan(found[0]).all():
        found = [np.array([1 - run.unlearnt])] if kind_of(run.config.loss) in ("mse", "squared_error") else []
    values = np.concatenate(found) if found else np.array([np.nan])
    return float(np.nanmax(values)) if np.isfinite(values).any() else float("nan")
