"""Forecasts that need no network, such as the last value: how good they are is what a network is to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LAST, SEASONAL = "last value", "seasonal value"


@dataclass(frozen=True)
class NaiveScores:
    """How good one of them is on some samples, in the targets' own units."""

    samples: int
    """Those for which there is a forecast, and which are measured."""
    accuracy: float
    """How many forecasts are the target itself, of all; NaN where there are none, as are the others."""
    rmse: float = float("nan")
    """The mean over the targets, as of the metric; NaN for words."""
    mae: float = float("nan")

    def values(self, *, are_values: bool) -> dict[str, float]:
        """Those for targets that are values, or for others."""
        return {"rmse": self.rmse, "mae": self.mae} if are_values else {"accuracy": self.accuracy}


def naive_scores(forecasts: Mapping[str, Array], targets: Array) -> dict[str, NaiveScores]:
    """By the forecast's name. forecasts, targets: (N,) or (N, K); integers are words, of which -1 is none, NaN is no
    number.
    """
    return {name: _scores(forecast, targets) for name, forecast in forecasts.items()}


def _scores(forecasts: Array, targets: Array) -> NaiveScores:
    forecasts, targets = (values.reshape(len(values), -1) for values in (forecasts, targets))
    are_words = targets.dtype.kind in "iu"
    known = (forecasts >= 0 if are_words else ~np.isnan(forecasts)).all(axis=1)
    forecasts, targets = forecasts[known], targets[known]
    if not len(targets):
        return NaiveScores(0, float("nan"))
    accuracy = float((forecasts == targets).mean())
    if are_words:
        return NaiveScores(len(targets), accuracy)
    with np.errstate(over="ignore"):
        errors = forecasts.astype(np.float64) - targets.astype(np.float64)
        rmse, mae = float(np.sqrt((errors**2).mean(axis=0)).mean()), float(np.abs(errors).mean())
    return NaiveScores(len(targets), accuracy, rmse, mae)
