"""The loss and the metrics of the samples seen so far, in one vector that a checkpoint can keep."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.device import CPU, Array, Device
from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import Sizes, Tally


class Scores:
    """Adds up batches. state: (S,) float64 on the device: targets (or what they weigh) and summed loss first, then the
    tallies.

    tallies: that are kept beside those of the metrics.
    """

    def __init__(
        self,
        metrics: Sequence[Metric],
        sizes: Sizes,
        threshold: float,
        device: Device | None = None,
        tallies: Iterable[Tally] = (),
    ) -> None:
        self._metrics = metrics
        self._threshold = threshold
        self._device = device or CPU()
        kept = sorted({*tallies, *(metric.tally for metric in metrics)}, key=lambda tally: tally.name)
        shapes = {tally: tally.shape(sizes) for tally in kept}
        self.state: Array = self._device.zeros(2 + sum(map(math.prod, shapes.values())), np.float64)
        self._tallies: dict[Tally, Array] = {}
        offset = 2
        for tally, shape in shapes.items():
            self._tallies[tally] = self.state[offset : offset + math.prod(shape)].reshape(shape)
            offset += math.prod(shape)

    def reset(self) -> None:
        self._device.write(np.zeros(self.state.shape), self.state)

    def add(self, loss_sum: Array, count: Array, outputs: Array, targets: Array, weights: Array) -> None:
        """Add a batch. outputs: (N, K), a row a sample or a step. targets: as the loss has them.

        loss_sum: of all rows, (1,) float64. count: (1,), how many rows have a target, int64, or what they weigh in the
        loss, float64. weights: of the rows in the metrics, (N,) float64, or (0,) where each counts as one.
        """
        kernels = self._device.kernels
        kernels.reductions.count_rows(count, loss_sum, self.state)
        for tally, array in self._tallies.items():
            tally.add(array, outputs, targets, weights, self._threshold, kernels)

    @property
    def mean_loss(self) -> float:
        """The loss of the targets so far; NaN where there are none."""
        count, loss = self._device.to_host(self.state)[:2]
        return float(loss / count) if count else float("nan")

    def tally(self, tally: Tally) -> NDArray[np.float64]:
        """The array of a tally that is kept."""
        return self._device.to_host(self._tallies[tally])

    def values(self) -> dict[str, float]:
        """`loss` (the mean over samples, or their steps), then each metric by name; NaN where there are none."""
        return {"loss": self.mean_loss} | {
            metric.name: metric.compute(self.tally(metric.tally)) for metric in self._metrics
        }
