"""A summary of a data set for `nnctl check`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnctl.data.dataset import Dataset, Split
from nnctl.data.lengths import padding
from nnctl.data.source import Array
from nnctl.data.stream import block_rows
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.targets import class_counts


def describe(dataset: Dataset) -> dict[str, Any]:
    """What a person wants to know before training, as plain JSON values.

    {"inputs_shape": [...], "outputs": int, "classes": [...], "target_names": [...], "notes": [...], "columns":
    [{"name": str, "type": str, "missing": {split: int}, "enters": str}], "splits": {name: {"samples": int, "inputs":
    RANGES or null, "tokens": TOKENS or null, "constant_columns": int, "missing": int, and "classes": {name: count} or
    "targets": [{"name": str, **RANGES}]}}} with RANGES {"min":, "max":, "mean":}. Inputs are as the network sees them,
    but for slot numbers, which are left out; targets are in their own units. Constant columns are counted over the last
    axis; columns are those of a table that are inputs, and missing are cells of theirs. TOKENS, where samples are
    sequences of slot numbers: {"count":, "unknown":, "mean_length":, "longest":}, of those that are read; unknown are
    those in slot 0. "vocabulary": how many slots there are beside it, or null.
    """
    return {
        "inputs_shape": list(dataset.inputs_shape),
        "outputs": dataset.outputs,
        "classes": list(dataset.classes),
        "target_names": list(dataset.target_names),
        "columns": _columns(dataset),
        "vocabulary": None if dataset.preprocessing.slots is None else dataset.preprocessing.slots - 1,
        "splits": {name: _split(dataset, name, split) for name, split in dataset.splits().items()},
        "notes": list(dataset.notes),
    }


def _columns(dataset: Dataset) -> list[dict[str, Any]]:
    preprocessing = dataset.preprocessing
    return [
        {
            "name": column.name,
            "type": column.kind,
            "missing": {split: counts[column.name] for split, counts in dataset.missing.items()},
            "enters": column.description,
        }
        for column in (preprocessing.columns if isinstance(preprocessing, TablePreprocessing) else ())
    ]


def _split(dataset: Dataset, name: str, split: Split) -> dict[str, Any]:
    are_tokens = dataset.preprocessing.slots is not None
    return {
        "samples": len(split),
        **({"inputs": None, "constant_columns": 0} if are_tokens else _inputs(dataset, split)),
        "tokens": _tokens(split) if are_tokens else None,
        "missing": sum(dataset.missing[name].values()),
        **_targets(dataset, split),
    }


def _tokens(split: Split) -> dict[str, Any]:
    """Of samples that are sequences of slot numbers, (N, T)."""
    steps = split.inputs.shape[1]
    lengths = np.full(len(split), steps) if split.lengths is None else split.lengths
    return {
        "count": int(lengths.sum()),
        "unknown": int(np.count_nonzero((split.inputs == 0) & ~padding(lengths, steps))),
        "mean_length": float(lengths.mean()),
        "longest": int(lengths.max()),
    }


def _inputs(dataset: Dataset, split: Split) -> dict[str, Any]:
    """Bytes, which may be more than memory holds, are scaled some samples at a time."""
    low, high, total, count = np.inf, -np.inf, 0.0, 0
    lows, highs = [], []  # of each column
    step = len(split) if split.scaling is None else block_rows(split.inputs[0].size)
    for start in range(0, len(split), step):
        rows = np.arange(start, min(start + step, len(split)))
        inputs = split.scaled(rows)
        flat = inputs.reshape(-1, inputs.shape[-1])
        numbers = flat[:, : flat.shape[1] - len(dataset.preprocessing.embeddings)]
        if split.lengths is not None:
            numbers = inputs[~padding(split.lengths[rows], inputs.shape[1])]
            flat = numbers if numbers.ndim == 2 else flat
        lows.append(flat.min(axis=0))
        highs.append(flat.max(axis=0))
        if numbers.size:
            low, high = min(low, float(numbers.min())), max(high, float(numbers.max()))
            total, count = total + float(numbers.sum(dtype=np.float64)), count + numbers.size
    return {
        "inputs": {"min": low, "max": high, "mean": total / count} if count else None,
        "constant_columns": int((np.min(lows, axis=0) == np.max(highs, axis=0)).sum()),
    }


def _targets(dataset: Dataset, split: Split) -> dict[str, Any]:
    if dataset.classes:
        counts = class_counts(split.targets, len(dataset.classes)).tolist()
        return {"classes": dict(zip(dataset.classes, counts, strict=True))}
    targets = split.targets if dataset.transform is None else dataset.transform.inverse_transform(split.targets)
    targets = targets.reshape(-1, dataset.outputs)
    targets = targets[~np.isnan(targets[:, 0])]
    names = dataset.target_names or [str(column) for column in range(dataset.outputs)]
    return {"targets": [{"name": name, **_ranges(targets[:, column])} for column, name in enumerate(names)]}


def _ranges(numbers: Array) -> dict[str, float]:
    return {
        "min": float(numbers.min()),
        "max": float(numbers.max()),
        "mean": float(numbers.mean(dtype=np.float64)),
    }
