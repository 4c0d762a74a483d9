"""Precision, recall and F1 of classes, straight from all labels: no tallies, no kernels."""

from __future__ import annotations


def scores_of(cls: int, predicted: list[int], actual: list[int]) -> tuple[float, float, float]:
    """Precision, recall and F1 of one class; 0 where it is a share of nothing."""
    true_positives = sum(p == cls and a == cls for p, a in zip(predicted, actual, strict=True))
    false_positives = sum(p == cls and a != cls for p, a in zip(predicted, actual, strict=True))
    false_negatives = sum(p != cls and a == cls for p, a in zip(predicted, actual, strict=True))
    precision = true_positives / (true_positives + false_positives) if true_positives + false_positives else 0.0
    recall = true_positives / (true_positives + false_negatives) if true_positives + false_negatives else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def macro(predicted: list[int], actual: list[int]) -> tuple[float, float, float]:
    """The means of precision, recall and F1 over the classes that occur."""
    rows = [scores_of(cls, predicted, actual) for cls in sorted({*predicted, *actual})]
    precision, recall, f1 = (sum(column) / len(rows) for column in zip(*rows, strict=True))
    return precision, recall, f1
