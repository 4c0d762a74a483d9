"""The probability above which the second of two classes, or 1, is predicted: a number, or the best for a metric."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator, ValidationInfo

from nnctl.metrics.balanced_accuracy import BalancedAccuracy
from nnctl.metrics.metric import Metric
from nnctl.metrics.ranking import curve, margins
from nnctl.metrics.tally import collected
from nnctl.spec import OneOf, Spec

Array = NDArray[Any]
USUAL = 0.5


class BestThreshold(Spec):
    """The threshold that is best for a metric on the validation samples, found whenever the best checkpoint is kept."""

    best_for: Annotated[Metric, OneOf()] = BalancedAccuracy()
    """A metric of predicted classes: balanced_accuracy, f1, accuracy, precision or recall."""


def _threshold(value: Any, info: ValidationInfo) -> float | BestThreshold | None:
    if value is None or isinstance(value, BestThreshold):
        return value
    if value == "best":
        return BestThreshold()
    if isinstance(value, Mapping):
        return BestThreshold.model_validate(value, context=info.context)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1:
        return float(value)
    shown = str(value).lower() if isinstance(value, bool) else repr(value)
    raise ValueError(f"expected a number between 0 and 1, best, or {{best_for: f1}}, got {shown}")


def _written(value: float | BestThreshold | None) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BestThreshold) else value


# One validator, no union: its mistakes carry the key's own path and one sentence.
Threshold = Annotated[
    float | BestThreshold | None,
    PlainValidator(_threshold, json_schema_input_type=float | str | BestThreshold | None),
    PlainSerializer(_written),
]


def boundary(usual: float, threshold: float | None) -> float:
    """The logit above which 1 is predicted; of two classes the difference of their outputs is one.

    usual: the output above which it is without a threshold.
    """
    return usual if threshold is None else math.log(threshold) - math.log1p(-threshold)


def calibrated(threshold: float, temperature: float | None) -> float:
    """A threshold of probabilities as one of those that a temperature has calibrated: the same logit is the boundary.

    temperature: None: 1.
    """
    if temperature is None:
        return threshold
    logit = boundary(0.0, threshold) / temperature
    return 1 / (1 + math.exp(-logit)) if logit >= 0 else math.exp(logit) / (1 + math.exp(logit))


@dataclass(frozen=True)
class Choice:
    """value: of the metric, with this threshold; usual: with 0.5. confusion: (2, 2), with this threshold."""

    threshold: float
    value: float
    usual: float
    confusion: Array


def best_threshold(tally: Array, metric: Metric) -> Choice:
    """The threshold for which a metric of CONFUSION is best; 0.5 where no other is better.

    tally: of ROWS, of two classes or of binary targets, which are taken together. A threshold lies midway between two
    probabilities that occur; only those between a positive sample and another below it can be best. Where all samples
    are of one class, or outputs are no numbers, it is 0.5.
    """
    scores, positive, weights = margins(*collected(tally))
    if not np.isfinite(scores).all():
        scores, positive, weights = scores[:0], positive[:0], weights[:0]
    falling, hits, others = curve(scores, positive, weights)
    thresholds = [USUAL]
    if 0 < np.count_nonzero(positive) < len(positive):
        thresholds += _between(falling, hits, others)
    confusions = _confusions(falling, hits, others, thresholds)
    values = [metric.compute(confusion) for confusion in confusions]
    sign = 1.0 if metric.higher_is_better else -1.0
    best = max(range(len(values)), key=lambda index: sign * values[index])  # of equal ones the first
    return Choice(thresholds[best], values[best], values[0], confusions[best])


def _between(falling: Array, hits: Array, others: Array) -> Iterator[float]:
    """From the largest down; above all scores too, and below all where that adds a positive one.

    falling, hits, others: as `curve` gives them.
    """
    with np.errstate(over="ignore"):
        probabilities = np.concatenate([[1.0], 1 / (1 + np.exp(-falling)), [0.0]])
    ends_in_hits = np.append(True, np.diff(hits, prepend=0.0) > 0)
    stops_others = np.append(np.diff(others, prepend=0.0) > 0, True)
    for index in np.flatnonzero(ends_in_hits & stops_others):
        threshold = float(probabilities[index] + probabilities[index + 1]) / 2
        if 0 < threshold < 1:
            yield threshold


def _confusions(falling: Array, hits: Array, others: Array, thresholds: Sequence[float]) -> Array:
    """(M, 2, 2), rows the targets, columns the predictions, as a network with each threshold has them."""
    boundaries = np.array([boundary(0.0, threshold) for threshold in thresholds])
    above = np.searchsorted(-falling, -boundaries)  # distinct scores
    counts = np.stack([np.append(0.0, others), np.append(0.0, hits)], axis=1)
    predicted, occurring = counts[above], counts[-1]
    return np.stack([occurring - predicted, predicted], axis=2)
