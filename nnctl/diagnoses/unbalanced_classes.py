"""Classes so rare that the network does without them."""

from __future__ import annotations

from typing import ClassVar

from nnctl.diagnoses.diagnosis import Diagnosis, Finding
from nnctl.diagnoses.record import RunRecord
from nnctl.text import listed

RARE = 0.2  # of the samples of the most frequent class
GAIN = 0.02  # of accuracy, over the answer that is always the most frequent class


class UnbalancedClasses(Diagnosis):
    """A class has less than a fifth of the training samples of the most frequent one, and is not predicted for any
    validation sample in the best epoch; or, where no validation samples tell, the accuracy is that of always answering
    with the most frequent class (by less than 2 points more, and less than a quarter of what there is to gain).

    Source: He and Garcia 2009, "Learning from imbalanced data".
    """

    name: ClassVar[str] = "unbalanced_classes"
    rank: ClassVar[int] = 1
    explains: ClassVar[tuple[str, ...]] = ("underfit", "loss_stalls", "plateau")

    def find(self, run: RunRecord) -> Finding | None:
        counts: dict[str, int] = run.facts.get("classes") or {}
        best = run.best
        if len(counts) < 2 or best is None or run.epochs < 2:
            return None
        total, largest = sum(counts.values()), max(counts.values())
        rare = {name: count for name, count in counts.items() if 0 < count < RARE * largest}
        missed = best.get("diagnoses", {}).get("never_predicted", {}).get("classes", {})
        where = tuple(name for name in rare if name in missed)
        accuracy, usual = best.get("accuracy"), largest / total
        most = usual + min(GAIN, (1 - usual) / 4)
        is_untold = "val_loss" not in best or (len(counts) == 2 and best.get("val_accuracy") == 1)
        if not where and is_untold and accuracy is not None and accuracy < most:
            where = tuple(rare)
        if not where:
            return None
        have, are = ("has", "is") if len(where) == 1 else ("have", "are")
        share = sum(counts[name] for name in where) / total
        with_verbs = f"{have} {share:.1%} of the training samples and {are} never predicted"
        return Finding(
            self.name,
            f"unbalanced classes: {listed(where, 4)} {with_verbs}",
            where=where,
            epoch=best["epoch"],
            evidence={"classes": counts, "accuracy": accuracy, "most_frequent": largest / total},
            remedy=() if run.config.class_weight else ("class_weight=balanced",),
            advice="measure balanced_accuracy, to which each class is equal",
            is_noted=bool(missed),
        )
