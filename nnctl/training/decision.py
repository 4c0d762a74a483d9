"""What the validation samples say of the classes that a checkpoint predicts: its threshold, and who is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nnctl.metrics.scores import Scores
from nnctl.metrics.tally import CONFUSION, ROWS, Tally
from nnctl.metrics.threshold import BestThreshold, best_threshold
from nnctl.model.never_predicted import never_predicted, never_predicted_note, remedies
from nnctl.model.preparation import Prepared
from nnctl.text import shown_number
from nnctl.training.metrics_file import Row

Findings = dict[str, dict[str, Any]]
"""By name, as a row of metrics.jsonl has them among its diagnoses."""


class Decision:
    """tallies: what it needs of the validation samples."""

    def __init__(self, prepared: Prepared) -> None:
        self._classes = prepared.dataset.classes
        self._has_weights = _has_weights(prepared)
        self._threshold = prepared.config.threshold
        self.tallies: tuple[Tally, ...] = () if prepared.config.loss.targets == "values" else (CONFUSION,)
        if isinstance(self._threshold, BestThreshold):
            self.tallies += (ROWS,)

    def of(self, scores: Scores) -> tuple[float | None, Findings]:
        """The threshold, None where none is to be found, and what else there is to know. scores: with the tallies."""
        if not self.tallies:
            return None, {}
        threshold, findings, confusion = None, Findings(), scores.tally(CONFUSION)
        if isinstance(self._threshold, BestThreshold):
            metric = self._threshold.best_for
            choice = best_threshold(scores.tally(ROWS), metric)
            threshold, confusion = choice.threshold, choice.confusion
            findings["threshold"] = {
                "value": threshold,
                "metric": metric.name,
                "best": choice.value,
                "at_0.5": choice.usual,
            }
        if not self._has_weights:
            confusion = confusion.astype(int)
        if found := never_predicted(confusion, self._classes):
            findings["never_predicted"] = {"samples": confusion.sum().item(), "classes": found}
        return threshold, findings


def decision_notes(prepared: Prepared, row: Row) -> Iterator[str]:
    """What to tell of the best epoch. row: its row."""
    classes, findings = prepared.dataset.classes, row.get("diagnoses", {})
    if found := findings.get("threshold"):
        positive = classes[1] if classes else "1"
        best, usual = (f"{found[key]:.4f}" for key in ("best", "at_0.5"))
        yield (
            f"{positive} is predicted above a probability of {shown_number(found['value'])}: {found['metric']} of the "
            f"validation samples is {best} then, with 0.5 {usual}; metrics of the epochs are those with 0.5"
        )
    if found := findings.get("never_predicted"):
        tries = remedies(prepared.config, classes, prepared.plan.outputs[-1])
        yield never_predicted_note(
            found["classes"], "validation", found["samples"], has_weights=_has_weights(prepared), remedies=tries
        )


def _has_weights(prepared: Prepared) -> bool:
    """Whether the validation samples have weights."""
    validation = prepared.dataset.validation
    return validation is not None and validation.weights is not None
