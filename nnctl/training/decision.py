"""What the validation samples say of the predictions of a checkpoint: its threshold, its temperature, its errors, and
which classes are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.scores import Scores
from nnctl.metrics.tally import CONFUSION, ROWS, Tally
from nnctl.metrics.temperature import calibration
from nnctl.metrics.threshold import BestThreshold, best_threshold, calibrated
from nnctl.model.conformal import TENSOR, can_keep_errors, errors_to_keep
from nnctl.model.never_predicted import never_predicted, never_predicted_note, remedies
from nnctl.model.objective import sizes_of
from nnctl.model.preparation import Prepared
from nnctl.text import shown_number
from nnctl.training.metrics_file import Row

Findings = dict[str, dict[str, Any]]
"""By name, as a row of metrics.jsonl has them among its diagnoses."""


@dataclass
class Decided:
    """threshold, temperature: None where none is to be found. findings: what else there is to know. tensors: what the
    checkpoint keeps beside its state.
    """

    threshold: float | None = None
    temperature: float | None = None
    findings: Findings = field(default_factory=Findings)
    tensors: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)


class Decision:
    """tallies: what it needs of the validation samples."""

    def __init__(self, prepared: Prepared) -> None:
        config, dataset = prepared.config, prepared.dataset
        self._classes = dataset.classes
        self._transform = dataset.transform
        self._has_weights = _has_weights(prepared)
        self._threshold, self._calibrate = config.threshold, config.calibrate
        self._are_values = config.loss.targets == "values"
        self.tallies: tuple[Tally, ...] = () if self._are_values else (CONFUSION,)
        if self._are_values and dataset.validation is not None:
            sizes = sizes_of(dataset.validation, dataset.outputs, 0)
            self.tallies = (ROWS,) if can_keep_errors(sizes) else ()
        elif isinstance(self._threshold, BestThreshold) or self._calibrate:
            self.tallies += (ROWS,)

    def of(self, scores: Scores) -> Decided:
        """scores: with the tallies."""
        if not self.tallies:
            return Decided()
        if self._are_values:
            return Decided(tensors={TENSOR: errors_to_keep(scores.tally(ROWS), self._transform)})
        found, confusion = Decided(), scores.tally(CONFUSION)
        if self._calibrate:
            made = calibration(scores.tally(ROWS))
            chosen = 0 if made.is_by_chance else 1  # without a temperature, or with it
            found.temperature = (1.0, made.temperature)[chosen]
            found.findings["calibration"] = {
                "temperature": found.temperature,
                "log_loss": made.log_loss[chosen],
                "expected_calibration_error": made.calibration_error[chosen],
                "before": {"log_loss": made.log_loss[0], "expected_calibration_error": made.calibration_error[0]},
                "all_right": made.all_right,
                "best": {"temperature": made.temperature, "log_loss": made.log_loss[1]},
            }
        if isinstance(self._threshold, BestThreshold):
            metric = self._threshold.best_for
            choice = best_threshold(scores.tally(ROWS), metric)
            found.threshold, confusion = choice.threshold, choice.confusion
            found.findings["threshold"] = {
                "value": calibrated(choice.threshold, found.temperature),
                "metric": metric.name,
                "best": choice.value,
                "at_0.5": choice.usual,
            }
        if not self._has_weights:
            confusion = confusion.astype(int)
        if missing := never_predicted(confusion, self._classes):
            found.findings["never_predicted"] = {"samples": confusion.sum().item(), "classes": missing}
        return found


def decision_notes(prepared: Prepared, row: Row) -> Iterator[str]:
    """What to tell of the best epoch. row: its row."""
    classes, findings = prepared.dataset.classes, row.get("diagnoses", {})
    if found := findings.get("calibration"):
        yield _calibration_note(found)
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


def _calibration_note(found: Mapping[str, Any]) -> str:
    before = found["before"]
    if found["all_right"] or found["log_loss"] is None:
        why = (
            "every validation sample is predicted right, and none shows how often the network is wrong"
            if found["all_right"]
            else "the network's outputs for the validation samples are no numbers"
        )
        return f"calibrate finds no temperature, and probabilities stay as they are: {why}"
    best = found.get("best", found)  # rows of older runs have none
    temperature = shown_number(float(f"{best['temperature']:.4g}"))
    if found["temperature"] != best["temperature"]:
        return (
            f"calibrate leaves probabilities as they are: the best temperature, {temperature}, would lower the log "
            f"loss of the validation samples from {before['log_loss']:.4f} to {best['log_loss']:.4f}, which may be "
            "chance"
        )
    log_loss, error = (
        f"{found[name]:.4f} with it, {before[name]:.4f} without" for name in ("log_loss", "expected_calibration_error")
    )
    return (
        f"probabilities are calibrated with a temperature of {temperature}: log loss of the validation samples is "
        f"{log_loss}; expected calibration error {error}; metrics of the epochs are those without"
    )


def _has_weights(prepared: Prepared) -> bool:
    """Whether the validation samples have weights."""
    validation = prepared.dataset.validation
    return validation is not None and validation.weights is not None
