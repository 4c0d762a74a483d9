"""A summary of a data set for `nnctl check`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnctl.data.dataset import Dataset, Split
from nnctl.data.source import Array


def describe(dataset: Dataset) -> dict[str, Any]:
    """What a person wants to know before training, as plain JSON values.

    {"inputs_shape": [...], "outputs": int, "classes": [...], "target_names": [...], "notes": [...], "splits":
    {name: {"samples": int, "inputs": RANGES, "constant_columns": int, "missing": 0, and "classes": {name: count} or
    "targets": [{"name": str, **RANGES}]}}} with RANGES {"min":, "max":, "mean":}. Inputs are as the network sees them;
    constant columns are counted over the last axis.
    """
    return {
        "inputs_shape": list(dataset.inputs_shape),
        "outputs": dataset.outputs,
        "classes": list(dataset.classes),
        "target_names": list(dataset.target_names),
        "splits": {name: _split(dataset, split) for name, split in dataset.splits().items()},
        "notes": list(dataset.notes),
    }


def _split(dataset: Dataset, split: Split) -> dict[str, Any]:
    flat = split.inputs.reshape(-1, split.inputs.shape[-1])
    summary: dict[str, Any] = {
        "samples": len(split),
        "inputs": _ranges(split.inputs),
        "constant_columns": int((flat.min(axis=0) == flat.max(axis=0)).sum()),
        "missing": 0,
    }
    if dataset.classes:
        counts = np.bincount(split.targets, minlength=len(dataset.classes)).tolist()
        summary["classes"] = dict(zip(dataset.classes, counts, strict=True))
    else:
        names = dataset.target_names or [str(column) for column in range(dataset.outputs)]
        summary["targets"] = [{"name": name, **_ranges(split.targets[:, column])} for column, name in enumerate(names)]
    return summary


def _ranges(numbers: Array) -> dict[str, float]:
    return {
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "mean": float(numbers.mean(dtype=np.float64)),
    }
