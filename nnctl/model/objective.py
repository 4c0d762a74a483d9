"""A network with its loss on batches of a split: what training and evaluation share."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.data.table.target_transform import TargetTransform
from nnctl.kernels.runtime.program import Program, record
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.losses.loss import Loss
from nnctl.metrics.scores import Scores
from nnctl.model.network import Network

Array = NDArray[Any]


class Objective:
    """Buffers for a batch's targets and losses, planned once beside the network's own.

    loss_sum: (1,) float64, the sum of the losses of the last batch. transform: of the split's targets; the loss is in
    transformed units, the metrics are in the targets' own.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        split: Split,
        kernels: ModuleType,
        transform: TargetTransform | None = None,
    ) -> None:
        self.network = network
        self.loss_sum: NDArray[np.float64] = np.zeros(1)
        self._loss = loss
        self._kernels = kernels
        self._targets: Array = np.zeros((network.batch_size, *split.targets.shape[1:]), split.targets.dtype)
        self._losses: NDArray[np.float64] = np.zeros(network.batch_size)
        self._units = None if transform is None else _OwnUnits(transform, self._targets.shape, kernels)

    def load(self, split: Split, order: NDArray[np.int64], start: int | StepArgument, n: int) -> None:
        """Copy the samples order[start : start + n] of the split into the network's inputs and the targets."""
        gather = self._kernels.gather
        inputs = self.network.inputs(n)
        gather.gather_rows(split.inputs.reshape(len(split.inputs), -1), order, inputs.reshape(n, -1), start)
        if split.targets.ndim == 1:
            gather.gather_values(split.targets, order, self._targets[:n], start)
        else:
            gather.gather_rows(split.targets, order, self._targets[:n], start)

    def evaluate(self, n: int) -> float:
        """After a forward pass, write the network's d_outputs and loss_sum. Returns it, save while being recorded."""
        network, losses = self.network, self._losses[:n]
        self._loss.evaluate(network.outputs(n), self._targets[:n], losses, network.d_outputs(n), self._kernels)
        self._kernels.reductions.sum_losses(losses, self.loss_sum)
        return float(self.loss_sum[0])

    def score(self, scores: Scores, n: int) -> None:
        """Add the batch to the scores, in the targets' own units."""
        outputs, targets = self.network.outputs(n), self._targets[:n]
        if self._units is not None:
            outputs, targets = self._units.restored(outputs, targets)
        scores.add(self.loss_sum, outputs, targets, self._kernels)


class _OwnUnits:
    """A batch's outputs and targets in the targets' own units, in buffers planned once."""

    def __init__(self, transform: TargetTransform, shape: tuple[int, ...], kernels: ModuleType) -> None:
        self._log = transform.log
        self._mean, self._std = (np.array(numbers, np.float64) for numbers in (transform.mean, transform.std))
        self._outputs, self._targets = np.zeros(shape), np.zeros(shape)
        self._kernels = kernels

    def restored(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """Both in the targets' own units, float64. outputs, targets: (N, K), transformed."""
        own = self._outputs[: len(outputs)], self._targets[: len(targets)]
        for values, out in zip((outputs, targets), own, strict=True):
            self._kernels.target_units.restore(values, self._mean, self._std, out, self._log)
        return own


class Measure:
    """Loss and metrics of a whole split, in its own order, without dropout and its like; recorded once."""

    def __init__(self, objective: Objective, split: Split, scores: Scores) -> None:
        self._scores = scores
        samples, batch_size = len(split), objective.network.batch_size
        full, rest = divmod(samples, batch_size)
        order = np.arange(samples, dtype=np.int64)
        start = StepArgument("int64", lambda epoch, steps: steps * batch_size)
        self._programs: list[tuple[Program, int]] = []  # each with the number of its batches
        for n, batches in ((batch_size, full), (rest, 1)):
            if n and batches:
                with record(n) as program:
                    objective.load(split, order, start, n)
                    objective.network.forward(n)
                    objective.evaluate(n)
                    objective.score(scores, n)
                self._programs.append((program, batches))

    def values(self) -> dict[str, float]:
        """`loss`, then each metric by name."""
        self._scores.reset()
        first = 0
        for program, batches in self._programs:
            program.run(batches, first_step=first)
            first += batches
        return self._scores.values()
