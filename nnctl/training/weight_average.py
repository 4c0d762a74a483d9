"""The average of the weights over a run, and the network with it in the weights' place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from nnctl.averaging.averaging import Averaging
from nnctl.config.run_config import RunConfig
from nnctl.data.batches import batch_sizes, steps_per_epoch
from nnctl.data.dataset import Split
from nnctl.kernels.device import Array, Program
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.network import Network
from nnctl.model.objective import Objective


class WeightAverage:
    """average: (P,), of the parameters that train; a checkpoint keeps it."""

    def __init__(
        self,
        averaging: Averaging,
        config: RunConfig,
        split: Split,
        network: Network,
        objective: Objective,
        order: Array,
    ) -> None:
        """order: of the samples in the epoch, on the device."""
        self._averaging, self._network, self._objective = averaging, network, objective
        self._split, self._order = split, order
        drop_last = config.data.drop_last
        steps = steps_per_epoch(len(split), config.effective_batch_size, drop_last)
        self._batch_sizes = batch_sizes(len(split), config.batch_size, drop_last)
        self._epochs = config.epochs
        self.average = network.device.zeros(network.parameters.size, network.dtype)
        self._share = StepArgument("float64", lambda epoch, at: averaging.shares(at, steps))
        # the batches of a pass after an epoch count on from its own, so that none of these has the same random streams
        self._batches = steps * config.gradient_accumulation  # of an epoch
        self._start = StepArgument("int64", lambda epoch, at: (at - epoch * self._batches) * config.batch_size)
        self._momentum = StepArgument("float64", lambda epoch, at: 1.0 / (at - epoch * self._batches + 1))
        self._statistics = [name for name in network.buffers if name.rpartition(".")[2].startswith("running_")]
        self._programs: dict[int, BatchPrograms] = {}  # by how many layers train

    def record(self) -> None:
        """While a step is recorded, after its update: the average follows the weights."""
        network = self._network
        network.device.kernels.averaging.follow(network.parameters, self.average, self._share)

    def warm_up(self) -> None:
        """Record what `in_place` runs after the last epoch, if it runs anything."""
        if self._renews_statistics(self._epochs):
            for n in set(self._batch_sizes):
                self._programs_after(self._epochs).of(n)

    @contextmanager
    def in_place(self, epoch: int) -> Iterator[None]:
        """While entered, after an epoch, the network is the averaged one; then it is as before."""
        network, device = self._network, self._network.device
        own = {name: device.to_host(network.buffers[name]).copy() for name in self._statistics}
        parameters = device.to_host(network.parameters).copy()
        device.write(device.to_host(self.average), network.parameters)
        try:
            if self._renews_statistics(epoch):
                self._renew_statistics(epoch)
            yield
        finally:
            device.write(parameters, network.parameters)
            for name, array in own.items():
                device.write(array, network.buffers[name])

    def _renews_statistics(self, epoch: int) -> bool:
        return self._averaging.is_of_epochs(epoch) and bool(self._statistics)

    def _renew_statistics(self, epoch: int) -> None:
        """The mean of those of all batches of the epoch, as PyTorch's update_bn makes them."""
        programs, sizes, first = self._programs_after(epoch), self._batch_sizes, epoch * self._batches
        full = sizes.count(sizes[0])
        programs.of(sizes[0]).run(full, epoch, first)
        for n in sizes[full:]:
            programs.of(n).run(1, epoch, first + full)

    def _programs_after(self, epoch: int) -> BatchPrograms:
        """Passes of a batch, whose statistics count in the mean as much as those of each before it."""

        def record(program: Program, n: int) -> None:
            self._objective.load(self._split, self._order, self._start, n)
            self._network.forward(n, training=True, epoch=epoch, momentum=self._momentum)

        training = sum(span.is_trained(epoch) for span in self._network.spans().values())
        if training not in self._programs:
            self._programs[training] = BatchPrograms(self._network.device, record)
        return self._programs[training]
