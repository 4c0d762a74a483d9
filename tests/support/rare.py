"""A table with few positives: 3,000 rows, 27 of them sick, with some signal and much noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROWS, SICK, TEST = 3_000, 27, 1_000


def rare() -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.bool_]]:
    """inputs (3000, 6) in three decimals, targets (3000,), and the rows to test on (3000,): a third of each class.

    The sick are those of the highest risk, which is linear in four of the inputs and has much noise.
    """
    stream = np.random.default_rng(80)
    inputs = stream.normal(size=(ROWS, 6)).round(3)
    risk = inputs @ np.array([1.0, -0.8, 0.6, 0.4, 0.0, 0.0]) + stream.gumbel(0, 1, ROWS)
    sick = np.argsort(-risk)[:SICK]
    targets, tested = np.zeros(ROWS, np.int64), np.zeros(ROWS, np.bool_)
    targets[sick] = 1
    tested[sick[::3]] = True
    tested[np.flatnonzero(targets == 0)[: TEST - len(sick[::3])]] = True
    return inputs, targets, tested


def write_rare(path: Path) -> None:
    """As a CSV file: the inputs a to f, `part` (train, test), `state` (sick, well)."""
    inputs, targets, tested = rare()
    rows = [
        f"{','.join(f'{number:.3f}' for number in row)},{'test' if test else 'train'},{'sick' if sick else 'well'}"
        for row, sick, test in zip(inputs.tolist(), targets, tested, strict=True)
    ]
    path.write_text("\n".join(["a,b,c,d,e,f,part,state", *rows]) + "\n")


def roc_auc(scores: NDArray[np.float64], targets: NDArray[np.int64]) -> float:
    """How often a positive has a higher score than a negative; a tie is half of that."""
    positive, negative = scores[targets == 1][:, np.newaxis], scores[targets == 0]
    return float(((positive > negative) + (positive == negative) / 2).mean())
