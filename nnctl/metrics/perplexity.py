"""Perplexity."""

from __future__ import annotations

from types import ModuleType
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import Array, Tally


class _Surprisal(Tally):
    """How many targets there are, and the sum of their -log softmax(outputs)[target]."""

    name = "surprisal"

    def shape(self, outputs: int, classes: int) -> tuple[int, ...]:
        return (2,)

    def add(
        self, array: Array, outputs: Array, targets: Array, weights: Array, threshold: float, kernels: ModuleType
    ) -> None:
        kernels.tally.add_surprisal(outputs, targets, weights, array)


SURPRISAL: Tally = _Surprisal()


class Perplexity(Metric):
    """exp of the mean cross-entropy: among how many classes, all alike, a choice would be as hard. 1 is perfect.

    Outputs are logits. A label_smoothing of the loss is no part of it.
    """

    type: Literal["perplexity"] = "perplexity"
    tally: ClassVar[Tally] = SURPRISAL
    fits: ClassVar[tuple[str, ...]] = ("classes",)
    higher_is_better: ClassVar[bool] = False

    def compute(self, tally: NDArray[Any]) -> float:
        count, total = tally.tolist()
        if not count:
            return float("nan")
        with np.errstate(over="ignore"):
            return float(np.exp(np.float64(total / count)))
