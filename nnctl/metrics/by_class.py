"""Precision, recall and F1 of each class, and their mean over the classes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class ClassScores(NamedTuple):
    """One class. precision: of what was predicted as it; recall: of its samples; f1: their harmonic mean.

    samples: how many it has, or what they weigh.
    """

    precision: float
    recall: float
    f1: float
    samples: float


def by_class(confusion: NDArray[Any]) -> list[ClassScores]:
    """A row a class. confusion: (classes, classes), rows the targets, columns the predictions.

    A ratio with denominator 0 is 0: the precision of a class never predicted, the recall of a class that never occurs.
    Source: van Rijsbergen 1979, "Information retrieval", chapter 7; f1 = 2 hits / (occurred + predicted).
    """
    rows = []
    for index in range(len(confusion)):
        hits, occurred, predicted = confusion[index, index], confusion[index].sum(), confusion[:, index].sum()
        rows.append(
            ClassScores(
                precision=_ratio(hits, predicted),
                recall=_ratio(hits, occurred),
                f1=_ratio(2.0 * hits, occurred + predicted),
                samples=occurred.item(),
            )
        )
    return rows


def macro(confusion: NDArray[Any], score: str) -> float:
    """The plain mean of `precision`, `recall` or `f1` over the classes that occur or are predicted; NaN without any."""
    present = confusion.sum(axis=0) + confusion.sum(axis=1) > 0
    scores = [getattr(row, score) for row, is_present in zip(by_class(confusion), present, strict=True) if is_present]
    return float(np.mean(scores)) if scores else float("nan")


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
