"""Metrics straight from all outputs and targets at once, as their textbook formulas: no tallies, no kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def predicted_classes(outputs: Array) -> list[int]:
    """The first of the largest outputs of each sample."""
    return [max(range(len(row)), key=lambda index: (row[index], -index)) for row in outputs.tolist()]


def accuracy(predicted: list[int], actual: list[int]) -> float:
    return sum(p == a for p, a in zip(predicted, actual, strict=True)) / len(actual)


def scores_of(cls: int, predicted: list[int], actual: list[int]) -> tuple[float, float, float]:
    """Precision, recall and F1 of one class; 0 where it is a share of nothing."""
    true_positives = sum(p == cls and a == cls for p, a in zip(predicted, actual, strict=True))
    false_positives = sum(p == cls and a != cls for p, a in zip(predicted, actual, strict=True))
    false_negatives = sum(p != cls and a == cls for p, a in zip(predicted, actual, strict=True))
    precision = true_positives / (true_positives + false_positives) if true_positives + false_positives else 0.0
    recall = true_positives / (true_positives + false_negatives) if true_positives + false_negatives else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def macro(which: int) -> Callable[[list[int], list[int]], float]:
    def compute(predicted: list[int], actual: list[int]) -> float:
        seen = sorted({*predicted, *actual})
        return sum(scores_of(cls, predicted, actual)[which] for cls in seen) / len(seen)

    return compute


def top_k(outputs: Array, targets: Array, k: int) -> float:
    """Samples with fewer than k other outputs as large as the target's."""
    hits = 0
    for row, target in zip(outputs.tolist(), targets.tolist(), strict=True):
        rivals = [value for index, value in enumerate(row) if index != target and value >= row[target]]
        hits += len(rivals) < k
    return hits / len(targets)


def mae(outputs: Array, targets: Array) -> float:
    return float(np.abs(outputs - targets).mean())


def rmse(outputs: Array, targets: Array) -> float:
    return float(np.sqrt(((outputs - targets) ** 2).mean(axis=0)).mean())


def r2(outputs: Array, targets: Array) -> float:
    """1 - residual sum of squares / total sum of squares, of each output; NaN where a target never changes."""
    if (targets == targets[0]).all(axis=0).any():
        return float("nan")
    residual = ((outputs - targets) ** 2).sum(axis=0)
    total = ((targets - targets.mean(axis=0)) ** 2).sum(axis=0)
    return float((1 - residual / total).mean())


def rmsle(outputs: Array, targets: Array) -> float:
    """Of numbers that are not negative; a negative output is taken as 0."""
    return rmse(np.log(1 + np.maximum(outputs, 0)), np.log(1 + targets))


CONFUSION = {"accuracy": accuracy, "precision": macro(0), "recall": macro(1), "f1": macro(2)}
ERRORS = {"mae": mae, "rmse": rmse, "r2": r2}
