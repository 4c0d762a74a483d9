"""How much each row of a batch counts: a row is a sample, or a step of one where targets are one a step."""

from __future__ import annotations

import numpy as np

from nnctl.data.dataset import Split
from nnctl.kernels.device import Array, Device
from nnctl.kernels.runtime.recording import StepArgument


class RowWeights:
    """Buffers for a batch's weights, planned once. total: (1,) float64, the sum of those of the last batch in the loss.

    In the loss a row counts as its sample does times as its class does, in metrics as its sample does.
    """

    def __init__(self, has_samples: bool, classes: Array | None, rows: int, of_sample: int, device: Device) -> None:
        """has_samples: whether samples have weights of their own. classes: (K,) weights, or None. rows: of a batch.
        of_sample: rows of a sample.
        """
        self._device = device
        self._of_sample = of_sample
        self._has_samples = has_samples
        self._rows = device.zeros(rows if has_samples else 0, np.float64)
        self._classes = device.from_host(np.zeros(0) if classes is None else classes)
        self._weights = device.zeros(rows, np.float64)
        self.total = device.zeros(1, np.float64)

    @classmethod
    def of(cls, split: Split, classes: Array | None, rows: int, device: Device) -> RowWeights | None:
        """For batches of this split, or of one like it; None where every row counts alike."""
        if split.weights is None and classes is None:
            return None
        return cls(split.weights is not None, classes, rows, max(1, split.steps), device)

    def of_samples(self, split: Split) -> Array | None:
        """The weights of all samples on the device, (N, R) for R rows of a sample; 1 where a split has none."""
        if not self._has_samples:
            return None
        weights = np.ones(len(split)) if split.weights is None else split.weights
        return self._device.from_host(np.repeat(weights, self._of_sample).reshape(len(split), -1))

    def load(self, samples: Array | None, order: Array, start: int | StepArgument, n: int) -> None:
        """Copy the weights of the samples order[start : start + n]. samples: those of the whole split."""
        if samples is not None:
            rows = self._rows[: n * self._of_sample].reshape(n, -1)
            self._device.kernels.gather.gather_rows(samples, order, rows, start)

    def add_up(self, targets: Array, rows: Array) -> Array:
        """Write `total`, and return what each row weighs in the loss, (n,). rows: as `of_rows`."""
        kernels, weights = self._device.kernels, self._weights[: len(targets)]
        of_targets = kernels.weights.of_classes if targets.ndim == 1 else kernels.weights.of_values
        of_targets(targets, rows, self._classes, weights)
        kernels.reductions.sum_losses(weights, self.total)
        return weights

    def weigh(
        self, targets: Array, rows: Array, count: Array, total: Array | None, losses: Array, d_outputs: Array
    ) -> None:
        """Make the losses of a batch weighted ones, and the gradient of their mean that of the weighted mean.

        rows: as `of_rows`. total: what the mean is divided by, (1,) float64; None: the batch's own. The other arguments
        are as `Loss.evaluate` has left them.
        """
        weights = self.add_up(targets, rows)
        divisor = self.total if total is None else total
        self._device.kernels.weights.weigh(weights, divisor, count, losses, d_outputs)

    def of_rows(self, rows: int) -> Array:
        """The weights that a batch of so many rows has by its samples, (rows,), or (0,) where each counts as one."""
        return self._rows[:rows]
