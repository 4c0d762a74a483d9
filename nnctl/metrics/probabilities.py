"""Probabilities out of logits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def softmax(logits: Array) -> Array:
    """Of each row, in float64. logits: (N, K).

    NumPy's, not the kernels': a float32 network has no kernels for float64, and compiling them takes seconds.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        exact = logits.astype(np.float64)
        exponentials = np.exp(exact - exact.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(exponentials / exponentials.sum(axis=1, keepdims=True))


def sigmoid(logits: Array) -> Array:
    """Of each, in float64; any shape."""
    with np.errstate(over="ignore"):
        return np.asarray(1 / (1 + np.exp(-logits.astype(np.float64))))
