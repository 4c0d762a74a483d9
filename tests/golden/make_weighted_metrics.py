"""Metrics of rows with weights by scikit-learn, with the outputs and targets that they are of.

Run by hand where scikit-learn is installed: `python tests/golden/make_weighted_metrics.py`. Writes weighted_metrics.npz
beside itself.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn import metrics

ROWS, CLASSES, COLUMNS = 60, 5, 3


def main() -> None:
    random = np.random.default_rng(11)
    weights = np.where(random.random(ROWS) < 0.2, 0.0, random.exponential(3.0, ROWS))
    logits, classes = random.normal(0, 2, (ROWS, CLASSES)), random.integers(0, CLASSES, ROWS)
    margins, binary = random.normal(0, 2, (ROWS, 1)), random.integers(0, 2, (ROWS, 1))
    outputs, values = random.exponential(2.0, (2, ROWS, COLUMNS))
    arrays = {"weights": weights, "logits": logits, "classes": classes, "margins": margins, "binary": binary}
    arrays |= {"outputs": outputs, "values": values}
    for name, predicted, actual in (
        ("classes", logits.argmax(axis=1), classes),
        ("binary", (margins > 0).astype(int).ravel(), binary.ravel()),
    ):
        macro = {"average": "macro", "sample_weight": weights}
        arrays[f"{name}.balanced_accuracy"] = metrics.balanced_accuracy_score(actual, predicted, sample_weight=weights)
        arrays[f"{name}.accuracy"] = metrics.accuracy_score(actual, predicted, sample_weight=weights)
        arrays[f"{name}.precision"] = metrics.precision_score(actual, predicted, **macro)
        arrays[f"{name}.recall"] = metrics.recall_score(actual, predicted, **macro)
        arrays[f"{name}.f1"] = metrics.f1_score(actual, predicted, **macro)
    arrays["classes.top_2"] = metrics.top_k_accuracy_score(classes, logits, k=2, sample_weight=weights)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for name, actual, scores in (
        ("classes", classes, probabilities),
        ("binary", binary.ravel(), 1 / (1 + np.exp(-margins.ravel()))),
    ):
        each = {"multi_class": "ovr"} if name == "classes" else {}
        arrays[f"{name}.roc_auc"] = metrics.roc_auc_score(actual, scores, sample_weight=weights, **each)
        arrays[f"{name}.average_precision"] = metrics.average_precision_score(actual, scores, sample_weight=weights)
        arrays[f"{name}.log_loss"] = metrics.log_loss(actual, scores, sample_weight=weights)
    arrays["classes.perplexity"] = np.exp(arrays["classes.log_loss"])
    arrays["values.mae"] = metrics.mean_absolute_error(values, outputs, sample_weight=weights)
    arrays["values.rmse"] = metrics.root_mean_squared_error(values, outputs, sample_weight=weights)
    arrays["values.r2"] = metrics.r2_score(values, outputs, sample_weight=weights)
    arrays["values.mape"] = metrics.mean_absolute_percentage_error(values, outputs, sample_weight=weights)
    arrays["values.median_ae"] = metrics.median_absolute_error(values, outputs, sample_weight=weights)
    arrays["values.rmsle"] = metrics.root_mean_squared_log_error(values, outputs, sample_weight=weights)
    np.savez_compressed(Path(__file__).with_name("weighted_metrics.npz"), **arrays)


if __name__ == "__main__":
    main()
