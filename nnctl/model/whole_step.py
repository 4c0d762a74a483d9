"""What the losses of a step are divided by, where it has several batches: the same for each of them.

So their gradients add up to that of the mean over all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnctl.kernels.device import Array, Device
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.model.row_weights import RowWeights
from nnctl.model.samples import Samples


@dataclass(frozen=True)
class Divisor:
    """count: (1,) int64, how many rows have a target. total: (1,) float64, what they weigh, or None: all alike."""

    count: Array
    total: Array | None


class WholeStep:
    """Buffers for the targets, lengths and weights of all samples of a step, planned once."""

    def __init__(
        self, samples: Samples, targets: Array, steps: int, weights: RowWeights | None, device: Device
    ) -> None:
        """targets: (R,) or (R, K), a buffer for as many rows as a step may have. steps: of a sample, each of them a
        row; 0 where a sample is one. weights: for so many rows.
        """
        self._samples = samples
        self._targets = targets
        self._has_steps = steps > 0
        self._of_sample = max(1, steps)
        self._weights = weights
        self._device = device
        self._lengths = device.zeros(len(targets) // self._of_sample, np.int64)
        self._counts: dict[int, Array] = {}  # by the size of a step

    def load(self, order: Array, start: int | StepArgument, n: int) -> Divisor:
        """That of the samples order[start : start + n]; it is written when this is called, or its recording runs."""
        kernels, samples, weights = self._device.kernels, self._samples, self._weights
        rows = n * self._of_sample
        if n not in self._counts:
            self._counts[n] = self._device.from_host(np.array([rows], np.int64))
        count = self._counts[n]
        if self._has_steps and samples.lengths is not None:
            lengths = self._lengths[:n]
            kernels.gather.gather_values(samples.lengths, order, lengths, start)
            kernels.targets.count_steps(lengths, count)
        if weights is None:
            return Divisor(count, None)
        targets = self._targets[:rows]
        samples.load_targets(order, start, targets, n, self._device)
        weights.load(samples.weights, order, start, n)
        weights.add_up(targets, weights.of_rows(rows))
        return Divisor(count, weights.total)
