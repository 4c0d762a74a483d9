"""The loss and the metrics of the samples seen so far, in one small vector that a checkpoint can keep."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import Array, TallyName, add_to_tally, new_tally


class Scores:
    """Adds up batches. state: (S,) float64, all that it knows; samples and summed loss first, then the tallies."""

    def __init__(self, metrics: Sequence[Metric], outputs: int, classes: int, threshold: float) -> None:
        self._metrics = metrics
        self._threshold = threshold
        names: list[TallyName] = sorted({metric.tally for metric in metrics})
        empty = {name: new_tally(name, outputs, classes) for name in names}
        self.state: NDArray[np.float64] = np.zeros(2 + sum(tally.size for tally in empty.values()))
        self.tallies: dict[TallyName, NDArray[np.float64]] = {}
        offset = 2
        for name, tally in empty.items():
            self.tallies[name] = self.state[offset : offset + tally.size].reshape(tally.shape)
            offset += tally.size

    @property
    def samples(self) -> int:
        return int(self.state[0])

    def reset(self) -> None:
        self.state[:] = 0.0

    def add(self, loss_sum: Array, outputs: Array, targets: Array, kernels: ModuleType) -> None:
        """Add a batch. outputs: (N, K). targets: as the loss has them. loss_sum: of its samples, (1,) float64."""
        kernels.reductions.count_samples(outputs.shape[0], loss_sum, self.state)
        for name, tally in self.tallies.items():
            add_to_tally(name, tally, outputs, targets, self._threshold, kernels)

    @property
    def mean_loss(self) -> float:
        """The loss of the samples so far; NaN where there are none."""
        return float(self.state[1] / self.state[0]) if self.state[0] else float("nan")

    def values(self) -> dict[str, float]:
        """`loss` (the mean over the samples), then each metric by name; NaN where there are no samples."""
        return {"loss": self.mean_loss} | {
            metric.name: metric.compute(self.tallies[metric.tally]) for metric in self._metrics
        }
