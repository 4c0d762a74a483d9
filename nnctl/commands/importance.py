"""Which inputs matter: how much worse a network measures when the values of one column are permuted.

Source: permutation importance, Breiman 2001, "Random Forests", section 10.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nnctl import random
from nnctl.data.dataset import Split

if TYPE_CHECKING:
    from nnctl.model.objective import Measure


def importances(
    split: Split,
    input_ranges: Mapping[str, tuple[int, int]],
    measure: Measure,
    higher_is_better: Mapping[str, bool],
    seed: int,
    repeats: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[dict[str, Any]]:
    """For each column its name and, by measure, {"mean":, "deviation":} of how much worse it gets, in its own units.

    input_ranges: by column, where its inputs begin and end in the samples. measure: of this very split; its first
    number is the loss, and the columns are sorted by the second, the most important one first. deviation: over the
    repeats (ddof=1), None where there is one. progress: receives how many columns are done, of how many.
    """
    before = measure.values()
    found = []
    for number, (name, (first, end)) in enumerate(input_ranges.items()):
        # Every cell is prepared by itself: to permute what was made of a column is to permute the column.
        inputs, rows = split.inputs[..., first:end], slice(None) if split.rows is None else split.rows
        own = inputs[rows].copy()
        after = []
        for repeat in range(repeats):
            inputs[rows] = own[random.generator(seed, "importance", number, repeat).permutation(len(split))]
            after.append(measure.values())
        inputs[rows] = own
        worse = {
            key: [value - values[key] if higher_is_better[key] else values[key] - value for values in after]
            for key, value in before.items()
        }
        found.append({"column": name} | {key: _summary(values) for key, values in worse.items()})
        progress(number + 1, len(input_ranges))
    deciding = list(before)[1]
    return sorted(found, key=lambda column: _rank(column[deciding]["mean"]))


def _summary(values: list[float]) -> dict[str, float | None]:
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return {"mean": float(np.mean(values)), "deviation": deviation}


def _rank(mean: float) -> float:
    """Great ones first, NaN last."""
    return math.inf if math.isnan(mean) else -mean
