"""The loss and the metrics of the samples seen so far, in one small vector that a checkpoint can keep."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.device import CPU, Array, Device
from nnctl.metrics.metric import Metric
from nnctl.metrics.tally import Tally


class Scores:
    """Adds up batches. state: (S,) float64 on the device: samples and summed loss first, then the tallies."""

    def __init__(
        self, metrics: Sequence[Metric], outputs: int, classes: int, threshold: float, device: Device | None = None
    ) -> None:
        self._metrics = metrics
        self._threshold = threshold
        self._device = device or CPU()
        tallies = sorted({metric.tally for metric in metrics}, key=lambda tally: tally.name)
        empty = {tally: tally.zeros(outputs, classes) for tally in tallies}
        self.state: Array = self._device.zeros(2 + sum(array.size for array in empty.values()), np.float64)
        self._tallies: dict[Tally, Array] = {}
        offset = 2
        for tally, array in empty.items():
            self._tallies[tally] = self.state[offset : offset + array.size].reshape(array.shape)
            offset += array.size

    def reset(self) -> None:
        self._device.write(np.zeros(self.state.shape), self.state)

    def add(self, loss_sum: Array, outputs: Array, targets: Array) -> None:
        """Add a batch. outputs: (N, K). targets: as the loss has them. loss_sum: of its samples, (1,) float64."""
        kernels = self._device.kernels
        kernels.reductions.count_samples(outputs.shape[0], loss_sum, self.state)
        for tally, array in self._tallies.items():
            tally.add(array, outputs, targets, self._threshold, kernels)

    @property
    def mean_loss(self) -> float:
        """The loss of the samples so far; NaN where there are none."""
        samples, loss = self._device.to_host(self.state)[:2]
        return float(loss / samples) if samples else float("nan")

    def tally(self, tally: Tally) -> NDArray[np.float64]:
        """The array of a tally that one of the metrics has."""
        return self._device.to_host(self._tallies[tally])

    def values(self) -> dict[str, float]:
        """`loss` (the mean over the samples), then each metric by name; NaN where there are no samples."""
        return {"loss": self.mean_loss} | {
            metric.name: metric.compute(self.tally(metric.tally)) for metric in self._metrics
        }
