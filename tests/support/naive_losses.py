"""Each loss as its textbook formula, per sample, in float64 NumPy: the truth that the kernels are checked against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Reference = Callable[[Any, Array, Array], NDArray[np.float64]]


def cross_entropy(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
    classes = outputs.shape[1]
    exponentials = np.exp(outputs)
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    wanted = (1 - loss.label_smoothing) * np.eye(classes)[targets] + loss.label_smoothing / classes
    return -(wanted * np.log(probabilities)).sum(axis=1)


def binary_cross_entropy(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
    probabilities = 1 / (1 + np.exp(-outputs))
    return -np.where(targets == 1, np.log(probabilities), np.log(1 - probabilities)).mean(axis=1)


def mse(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
    return ((outputs - targets) ** 2).mean(axis=1)


def squared_error(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
    return 0.5 * ((outputs - targets) ** 2).sum(axis=1)


def mae(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
    return np.abs(outputs - targets).mean(axis=1)


def huber(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
    distance = np.abs(outputs - targets)
    small, large = 0.5 * distance**2, loss.delta * (distance - 0.5 * loss.delta)
    return np.where(distance <= loss.delta, small, large).mean(axis=1)


def hinge(loss: Any, outputs: Array, targets: Array) -> NDArray[np.float64]:
    return np.maximum(0, 1 - np.where(targets == 1, outputs, -outputs)).mean(axis=1)


REFERENCES: dict[str, Reference] = {
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
    "huber": huber,
    "mae": mae,
    "mse": mse,
    "squared_error": squared_error,
}
