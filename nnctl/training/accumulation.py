"""The batches of a step, and the sum of their gradients."""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.config.run_config import RunConfig
from nnctl.data.batches import batch_sizes, steps_per_epoch
from nnctl.data.dataset import Split
from nnctl.kernels.device import Array
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.whole_step import Divisor


@dataclass(frozen=True)
class Batch:
    """number: within its step, from 0. start: the position of its first sample in the epoch. samples: how many."""

    number: int
    start: StepArgument
    samples: int
    is_last: bool


class Accumulation:
    """Steps of `gradient_accumulation` batches; fewer, and a shorter one, in the last step of an epoch.

    The loss of a step is the mean over the targets of all its batches, as if they were one: each is divided by their
    number together, or by what they weigh together.
    """

    def __init__(self, config: RunConfig, split: Split, network: Network, objective: Objective) -> None:
        self.batches = config.gradient_accumulation
        self._batch_size, size = config.batch_size, config.effective_batch_size
        steps = steps_per_epoch(len(split), size, config.data.drop_last)

        def start(first: int) -> StepArgument:
            return StepArgument("int64", lambda epoch, numbers: numbers % steps * size + first)

        self._starts = [start(first) for first in range(0, size, config.batch_size)]
        several = self.batches > 1
        self._network = network
        self._sums = network.device.zeros(network.parameters.size if several else 0, network.dtype)
        self._whole = objective.whole_step(split, size) if several else None

    def divisor(self, order: Array, n: int) -> Divisor | None:
        """While a step on n samples is recorded, before its batches: what their losses are divided by; None where there
        is one batch, and that is its own. order: of the samples in the epoch.
        """
        return None if self._whole is None else self._whole.load(order, self._starts[0], n)

    def of(self, n: int) -> list[Batch]:
        """The batches of a step on n samples."""
        sizes = batch_sizes(n, self._batch_size)
        pairs = zip(self._starts, sizes, strict=False)
        return [Batch(number, start, size, number + 1 == len(sizes)) for number, (start, size) in enumerate(pairs)]

    def add(self, part: slice, batch: Batch) -> None:
        """While a step is recorded, when a batch has written a part of the gradients: after the last one they are those
        of all batches.
        """
        kernels = self._network.device.kernels
        gradients, sums = self._network.gradients[part], self._sums[part]
        if batch.is_last and batch.number:
            kernels.accumulation.finish(gradients, sums)
        elif not batch.is_last:
            (kernels.accumulation.add if batch.number else kernels.accumulation.start)(gradients, sums)
