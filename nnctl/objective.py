"""A network with its loss on batches of a split: what training and evaluation share."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.losses.loss import Loss
from nnctl.metrics.scores import Scores
from nnctl.network import Network

Array = NDArray[Any]


class Objective:
    """Buffers for a batch's targets and losses, planned once beside the network's own."""

    def __init__(self, network: Network, loss: Loss, split: Split, kernels: ModuleType) -> None:
        self.network = network
        self._loss = loss
        self._kernels = kernels
        self._targets: Array = np.zeros((network.batch_size, *split.targets.shape[1:]), split.targets.dtype)
        self._losses: NDArray[np.float64] = np.zeros(network.batch_size)

    def load(self, split: Split, order: NDArray[np.int64], start: int, n: int) -> None:
        """Copy the samples order[start : start + n] of the split into the network's inputs and the targets."""
        gather = self._kernels.gather
        inputs = self.network.inputs(n)
        gather.gather_rows(inputs.reshape(n, -1), split.inputs.reshape(len(split.inputs), -1), order, start)
        if split.targets.ndim == 1:
            gather.gather_values(self._targets[:n], split.targets, order, start)
        else:
            gather.gather_rows(self._targets[:n], split.targets, order, start)

    def evaluate(self, n: int) -> float:
        """The sum of the losses of the batch, after a forward pass; writes the network's d_outputs."""
        network = self.network
        self._loss.evaluate(
            network.outputs(n), self._targets[:n], self._losses[:n], network.d_outputs(n), self._kernels
        )
        return float(self._kernels.vector.sum_in_order(self._losses[:n]))

    def score(self, scores: Scores, loss_sum: float, n: int) -> None:
        """Add the batch to the scores."""
        scores.add(loss_sum, self.network.outputs(n), self._targets[:n], self._kernels)

    def measure(self, split: Split, scores: Scores) -> dict[str, float]:
        """Loss and metrics of a whole split, in its own order, without dropout and its like."""
        scores.reset()
        order = np.arange(len(split.inputs), dtype=np.int64)
        for start in range(0, len(order), self.network.batch_size):
            n = min(self.network.batch_size, len(order) - start)
            self.load(split, order, start, n)
            self.network.forward(n)
            self.score(scores, self.evaluate(n), n)
        return scores.values()
