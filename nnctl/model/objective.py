"""A network with its loss on batches of a split: what training and evaluation share."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from nnctl.data.dataset import Split
from nnctl.data.table.target_transform import TargetTransform
from nnctl.kernels.device import Array, Device, Program
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.layers.operation import rows
from nnctl.losses.loss import Loss
from nnctl.metrics.scores import Scores
from nnctl.metrics.tally import Sizes
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.network import Network
from nnctl.model.partners import Partners
from nnctl.model.row_weights import RowWeights
from nnctl.model.samples import Samples
from nnctl.model.whole_step import Divisor, WholeStep


class Objective:
    """Buffers for a batch's targets and losses, planned once beside the network's own.

    Where targets are one a step, each step is a row as a sample is elsewhere; steps beyond a length have no target, and
    do not count. loss_sum: (1,) float64, the sum of the losses of the last batch. transform: of the split's targets;
    the loss is in transformed units, the metrics are in the targets' own. class_weights: (K,), how much each class
    counts in the loss; None: all alike. temperature: what logits are divided by for the metrics, not for the loss.
    """

    def __init__(
        self,
        network: Network,
        loss: Loss,
        split: Split,
        transform: TargetTransform | None = None,
        class_weights: Array | None = None,
        temperature: float | None = None,
    ) -> None:
        device = network.device
        self.network = network
        self.loss_sum: Array = device.zeros(1, np.float64)
        self._loss = loss
        self._device = device
        self._steps = split.steps
        self._rows = max(1, self._steps)  # of a sample
        count, columns = network.batch_size * self._rows, split.targets.shape[2 if self._steps else 1 :]
        self._targets = device.zeros((count, *columns), np.int64 if loss.targets == "classes" else split.targets.dtype)
        self._losses = device.zeros(count, np.float64)
        self._counts: dict[int, Array] = {}  # by the size of a batch
        self._class_weights = class_weights
        self._weights = RowWeights.of(split, class_weights, count, device)
        self._alike = device.zeros(0, np.float64)
        outputs = count, network.plan.outputs[-1]
        self._units = _own_units(transform, loss.inside == "exp", temperature, outputs, device)
        self._splits: dict[int, tuple[Split, Samples]] = {}  # those that are on the device, by their identity
        self._inputs: dict[int, Array] = {}  # and their inputs, which some share, by the address on the host
        self._rows_of_inputs = device.zeros(network.batch_size, np.int64)

    def load(self, split: Split, order: Array, start: int | StepArgument, n: int) -> None:
        """Copy the samples order[start : start + n] of the split into the network's inputs and the targets.

        order: (M,) int64, on the device.
        """
        gather, samples = self._device.kernels.gather, self._on_device(split)
        inputs, lengths = self.network.inputs(n), self.network.lengths(n)
        own, first = order, start
        if samples.rows is not None:
            own, first = self._rows_of_inputs[:n], 0
            gather.gather_values(samples.rows, order, own, start)
        if samples.lengths is not None and lengths is not None:
            gather.gather_values(samples.lengths, order, lengths, start)
        if samples.table is None:
            gather.gather_rows(samples.inputs, own, inputs.reshape(n, -1), first)
        else:
            gather.gather_bytes(samples.inputs, samples.table, own, inputs.reshape(n, -1), first)
            if lengths is not None:  # a byte of 0 need not be the number 0
                gather.clear_padding(lengths, inputs.reshape(n, inputs.shape[1], -1))
        samples.load_targets(order, start, self._targets[: n * self._rows], n, self._device)
        if self._weights is not None:
            self._weights.load(samples.weights, order, start, n)

    def evaluate(self, n: int, divisor: Divisor | None = None) -> None:
        """After a forward pass, write the network's d_outputs and loss_sum.

        divisor: what the gradient of the losses' sum is divided by; unset, the batch's own, for that of their mean.
        """
        network, kernels = self.network, self._device.kernels
        lengths, own = network.lengths(n), self._count(n)
        if self._steps and lengths is not None:
            kernels.targets.count_steps(lengths, own)
        count, total = (own, None) if divisor is None else (divisor.count, divisor.total)
        targets, losses = self._targets[: n * self._rows], self._losses[: n * self._rows]
        outputs, d_outputs = rows(network.outputs(n)), rows(network.d_outputs(n))

        def evaluate(targets: Array, weights: Array, losses: Array, d_outputs: Array) -> None:
            self._loss.evaluate(outputs, targets, count, losses, d_outputs, kernels)
            if self._weights is not None:
                self._weights.weigh(targets, weights, count, total, losses, d_outputs)

        weights = self._of_rows(len(targets))
        evaluate(targets, weights, losses, d_outputs)
        mixing = network.mixing(n)
        if mixing is not None:
            self._partners.blend(mixing, n, evaluate, targets, weights, losses, d_outputs)
        kernels.reductions.sum_losses(losses, self.loss_sum)

    def losses(self, n: int) -> Array:
        """Of each row of the batch that was evaluated last, (R,) float64."""
        return self._losses[: n * self._rows]

    def mean_loss(self, n: int) -> float:
        """The loss of the last batch, of n samples, on the host."""
        count = self._count(n) if self._weights is None else self._weights.total
        total, rows = (float(self._device.to_host(number)[0]) for number in (self.loss_sum, count))
        return total / rows if rows else float("nan")

    def score(self, scores: Scores, n: int) -> None:
        """Add the batch to the scores, in the targets' own units."""
        outputs, targets = rows(self.network.outputs(n)), self._targets[: n * self._rows]
        if self._units is not None:
            outputs, targets = self._units.restore(outputs, targets)
        count = self._count(n) if self._weights is None else self._weights.total
        scores.add(self.loss_sum, count, outputs, targets, self._of_rows(len(targets)))

    def whole_step(self, split: Split, most: int) -> WholeStep:
        """For steps of several batches of the split, which have up to so many samples together."""
        count = most * self._rows
        weights = RowWeights.of(split, self._class_weights, count, self._device)
        targets = self._device.zeros((count, *self._targets.shape[1:]), self._targets.dtype)
        return WholeStep(self._on_device(split), targets, self._steps, weights, self._device)

    def _of_rows(self, rows: int) -> Array:
        """How much each of so many rows counts as its sample does, (rows,), or (0,) where all count alike."""
        return self._alike if self._weights is None else self._weights.of_rows(rows)

    @cached_property
    def _partners(self) -> Partners:
        """Only where samples are mixed."""
        d_outputs = rows(self.network.d_outputs(self.network.batch_size))
        return Partners(self._targets, self._of_rows(len(self._targets)), d_outputs, self._device)

    def _count(self, n: int) -> Array:
        """How many targets a batch of n samples has, (1,) int64; `evaluate` counts them where samples have lengths."""
        if n not in self._counts:
            self._counts[n] = self._device.from_host(np.array([n * self._rows], np.int64))
        return self._counts[n]

    def _on_device(self, split: Split) -> Samples:
        if id(split) not in self._splits:
            copy, address = self._device.from_host, split.inputs.ctypes.data
            if address not in self._inputs:
                self._inputs[address] = copy(split.inputs.reshape(len(split.inputs), -1))
            samples = Samples(
                self._inputs[address],
                copy(split.targets.reshape(len(split), -1) if self._steps else split.targets),
                None if split.lengths is None else copy(split.lengths),
                None if split.scaling is None else copy(split.scaling.table()),
                None if self._weights is None else self._weights.of_samples(split),
                None if split.rows is None else copy(split.rows),
            )
            self._splits[id(split)] = split, samples  # the split itself, so that its identity stays its own
        return self._splits[id(split)][1]


def _own_units(
    transform: TargetTransform | None,
    are_logarithms: bool,
    temperature: float | None,
    shape: tuple[int, int],
    device: Device,
) -> _TargetUnits | _OutputUnits | None:
    """What brings a batch into the units of the metrics; None where it is in them.

    are_logarithms: whether outputs are those of a rate. shape: of the outputs.
    """
    if transform is not None:
        return _TargetUnits(transform, shape, device)
    if are_logarithms or temperature is not None:
        return _OutputUnits(1 / (temperature or 1.0), are_logarithms, shape, device)
    return None


class _OutputUnits:
    """A batch's outputs times a factor, or exp of that, in a buffer planned once; targets are in their units."""

    def __init__(self, factor: float, exponential: bool, shape: tuple[int, int], device: Device) -> None:
        self._zeros, self._factors = (device.from_host(np.full(shape[1], value)) for value in (0.0, factor))
        self._exponential = exponential
        self._outputs = device.zeros(shape, np.float64)
        self._device = device

    def restore(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """The outputs, float64, and the targets as they are. outputs: (N, K)."""
        own = self._outputs[: len(outputs)]
        self._device.kernels.target_units.restore(outputs, self._zeros, self._factors, own, self._exponential)
        return own, targets


class _TargetUnits:
    """A batch's outputs and targets in the targets' own units, in buffers planned once."""

    def __init__(self, transform: TargetTransform, shape: tuple[int, int], device: Device) -> None:
        self._log = transform.log
        self._mean, self._std = (
            device.from_host(np.array(numbers, np.float64)) for numbers in (transform.mean, transform.std)
        )
        self._outputs, self._targets = device.zeros(shape, np.float64), device.zeros(shape, np.float64)
        self._device = device

    def restore(self, outputs: Array, targets: Array) -> tuple[Array, Array]:
        """Both in the targets' own units, float64. outputs, targets: (N, K), transformed."""
        own = self._outputs[: len(outputs)], self._targets[: len(targets)]
        for values, out in zip((outputs, targets), own, strict=True):
            self._device.kernels.target_units.restore(values, self._mean, self._std, out, self._log)
        return own


def sizes_of(split: Split, outputs: int, classes: int) -> Sizes:
    """For the tallies of a split. outputs: the network's. classes: how many there are, 0 for other targets."""
    return Sizes(outputs, classes or 2, 1 if classes else outputs, len(split) * max(1, split.steps))


class Measure:
    """Loss and metrics of a whole split, in its own order, without dropout and its like; recorded once.

    limit: what clips a batch's outputs on the host, (n, K) in place, a row a sample or a step, before they are scored,
    and says which rows it changed, (n,); the loss is that of the outputs as they are.
    """

    def __init__(
        self, objective: Objective, split: Split, scores: Scores, limit: Callable[[Array], Array] | None = None
    ) -> None:
        self.scores = scores
        self._limit = limit
        self._network = objective.network
        device, samples, batch_size = objective.network.device, len(split), objective.network.batch_size
        order = device.from_host(np.arange(samples, dtype=np.int64))
        start = StepArgument("int64", lambda epoch, steps: steps * batch_size)

        def batch(program: Program, n: int) -> None:
            objective.load(split, order, start, n)
            objective.network.forward(n)
            objective.evaluate(n)
            if limit is None:
                objective.score(scores, n)

        full, rest = divmod(samples, batch_size)
        programs = BatchPrograms(device, batch)
        scorings = BatchPrograms(device, lambda program, n: objective.score(scores, n))
        sizes = [(n, batches) for n, batches in ((batch_size, full), (rest, 1)) if n and batches]
        self._programs = [
            (n, batches, programs.of(n), None if limit is None else scorings.of(n)) for n, batches in sizes
        ]
        self.limited = 0
        """How many rows the limit changed when the values were last made."""

    def values(self) -> dict[str, float]:
        """`loss`, then each metric by name."""
        self.scores.reset()
        self.limited = first = 0
        for n, batches, program, scoring in self._programs:
            if scoring is None:
                program.run(batches, first_step=first)
            else:
                for step in range(first, first + batches):
                    program.run(1, first_step=step)
                    self._clip(n)
                    scoring.run(1, first_step=step)
            first += batches
        return self.scores.values()

    def _clip(self, n: int) -> None:
        assert self._limit is not None
        device = self._network.device
        outputs = device.to_host(self._network.outputs(n)).copy()
        if count := int(np.count_nonzero(self._limit(rows(outputs)))):
            device.write(outputs, self._network.outputs(n))
            self.limited += count
