"""What is fitted to the training samples, and every split transformed by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nnctl.data.source import Preprocessing, Source
from nnctl.data.splits.selection import Selection, Split
from nnctl.data.table.target_transform import TargetTransform
from nnctl.targets import Targets

LARGE = 1 << 28  # bytes of numbers: more than any processor's caches hold


@dataclass(frozen=True)
class FittedData:
    """What was fitted to the training samples and is kept in a checkpoint."""

    preprocessing: Preprocessing
    transform: TargetTransform | None
    """Of targets that are values; None for none."""
    classes: tuple[str, ...]
    """Their names in the order of the class numbers; empty for other targets."""


def fit(source: Source, train: Selection, classes: tuple[str, ...], targets: Targets) -> FittedData:
    """The preprocessing of inputs and targets, fitted to these samples and no others. Raises DataError."""
    steps = source.target_steps if targets == "values" else []
    transform = TargetTransform.fit(train.targets, train.rows, steps, train.samples.problem) if steps else None
    return FittedData(source.fit(train.samples, train.rows), transform, classes)


def transform(
    selections: Mapping[str, Selection], fitted: FittedData, precision: str, *, keep_bytes: bool | None = None
) -> dict[str, Split]:
    """Every split, prepared. Raises DataError for numbers that the precision cannot hold.

    keep_bytes: whether inputs of bytes stay bytes in memory, to be scaled where batches are gathered. Unset: where they
    are large, since numbers in the caches are gathered faster, and bytes out of the memory.
    """
    if keep_bytes is None:
        keep_bytes = _are_large_bytes(selections, precision)
    return {
        name: selection.transform(fitted.preprocessing, fitted.transform, precision, keep_bytes=keep_bytes)
        for name, selection in selections.items()
    }


def _are_large_bytes(selections: Mapping[str, Selection], precision: str) -> bool:
    """Whether all splits are bytes, and as numbers would take more than a cache holds."""
    numbers = 0
    for selection in selections.values():
        inputs = selection.samples.inputs
        if not isinstance(inputs, np.ndarray) or inputs.dtype != np.uint8:
            return False
        numbers += inputs[0].size * len(selection.rows)
    return numbers * np.dtype(precision).itemsize > LARGE
