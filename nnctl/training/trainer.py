"""The training loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cached_property, partial
from time import perf_counter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nnctl.data.batches import batch_sizes, order, steps_per_epoch
from nnctl.data.dataset import Split
from nnctl.errors import DivergedError, Problem
from nnctl.kernels.device import Program
from nnctl.model.batch_programs import BatchPrograms
from nnctl.model.network import Network
from nnctl.model.objective import Measure, Objective
from nnctl.model.preparation import Prepared, new_scores
from nnctl.model.regularizer import Regularizer
from nnctl.training.accumulation import Accumulation, Batch
from nnctl.training.best_value import best_value, early_value, must_stop
from nnctl.training.decision import Decision
from nnctl.training.diagnostics import Diagnostics
from nnctl.training.divergence import first_non_finite
from nnctl.training.measured_share import MeasuredShare
from nnctl.training.metrics_file import Row
from nnctl.training.network_change import changes_before, due_rules
from nnctl.training.observers.observer import Observer
from nnctl.training.parameter_update import ParameterUpdate
from nnctl.training.probes.gradient_norm import GradientNorm
from nnctl.training.probes.probe import Probe, probes
from nnctl.training.probes.scores import ScoresProbe
from nnctl.training.run_folder import RunFolder
from nnctl.training.saver import Saver, Unsaved
from nnctl.training.state import Counters, State
from nnctl.training.stop_signal import Stop, Stopped
from nnctl.training.weight_average import WeightAverage

P = TypeVar("P", bound=Probe)

CHECK_INTERVAL = 0.05  # seconds of steps between two looks at signals


class Trainer:
    """Everything that a run needs, planned once; `run` is the loop.

    folder: where rows and checkpoints go; None: nowhere. rows: of the epochs that are done.
    """

    def __init__(
        self, prepared: Prepared, folder: RunFolder | None, observer: Observer, rows: Sequence[Row] = ()
    ) -> None:
        config, dataset = prepared.config, prepared.dataset
        self.prepared = prepared
        self.rows = list(rows)
        self.observer = observer
        self.folder = folder
        self._train: Split = dataset.train
        self._steps = steps_per_epoch(len(dataset.train), config.effective_batch_size, config.data.drop_last)
        has_lengths = self._train.lengths is not None
        self._network = Network(
            prepared.plan, config.batch_size, config.precision, config.seed, has_lengths=has_lengths
        )
        self._network.initialize(config.seed)
        self._network.take(prepared.initial)
        self._spans = self._network.spans()
        self._regularizer = Regularizer(self._network)
        self._objective = Objective(
            self._network, config.loss, dataset.train, dataset.transform, prepared.class_weights
        )
        self._accumulation = Accumulation(config, dataset.train, self._network, self._objective)
        self._probes = probes(self._objective, prepared)
        self._scores = _only(self._probes, ScoresProbe)
        self._norm = _only(self._probes, GradientNorm)
        best, early = best_value(config), early_value(config)
        self._order = self._network.device.zeros(len(self._train), np.int64)  # of the samples in this epoch
        parts = self._train, self._network, self._objective, self._order
        self._average = None if config.averaging is None else WeightAverage(config.averaging, config, *parts)
        average = None if self._average is None else self._average.average
        self.state = State(prepared, self._network, self._probes, best, early, average)
        self.samples = 0  # that were trained on
        self._saver = Unsaved() if folder is None else Saver(folder, self.state)
        self._decision = Decision(prepared)
        self.diagnostics = Diagnostics(prepared, folder, self._network, self._objective, self._norm.norm, observer)
        self.measured = MeasuredShare(config)
        self._steps_at_once = 1
        self._programs: dict[int, BatchPrograms] = {}  # by the first epoch in which they run
        self._update = ParameterUpdate(
            self._network, config.optimizer, self.state.slots, self._learning_rates, self._steps
        )

    def run(self, stop: Stop) -> Stopped | None:
        """Train until the last epoch, an early stop, or a request to stop. Raises DivergedError and StorageError.

        Returns None where rules are to change the network before it goes on.
        """
        state, config = self.state, self.prepared.config
        self.warm_up()
        self.diagnostics.begin(state.counters.step)
        while state.counters.epoch < config.epochs:
            if not state.counters.step_in_epoch and self.due_rules:
                self._saver.save(now=True)
                return None
            if must_stop(config, state.early, state.counters.epoch):
                self._saver.save(now=True)
                return "early"
            began, before = perf_counter(), self.samples
            epoch = state.counters.epoch + 1
            samples = order(config.seed, epoch, len(self._train), config.data.shuffle)
            self._network.device.write(samples, self._order)
            while state.counters.step_in_epoch < self._steps:
                if stop.asked is not None:
                    self._saver.save(now=True)
                    return stop.asked
                self._run_steps(epoch)
            seconds = perf_counter() - began
            with nullcontext() if self._average is None else self._average.in_place(epoch):
                row = self._row(epoch, seconds, (self.samples - before) / max(seconds, 1e-9))
                best = self._judge(row)
            self.rows.append(row)
            if self.folder is not None:
                self.folder.append_row(row)
            self._saver.save(now=False)
            self.observer.finished_epoch(row, best)
        self._saver.save(now=True)
        return "finished"

    @property
    def due_rules(self) -> list[int]:
        """The positions of the rules that may change the network before the next epoch."""
        config, epoch, early = self.prepared.config, self.state.counters.epoch, self.state.early
        if not config.dynamics or (early is not None and early.is_good_enough and must_stop(config, early, epoch)):
            return []
        return due_rules(self.prepared, self.state.history, self.rows, epoch)

    def warm_up(self) -> None:
        """Record every program of the run, so that each kernel is compiled, or loaded, before the first step."""
        config = self.prepared.config
        for n in set(batch_sizes(len(self._train), config.effective_batch_size, config.data.drop_last)):
            for epoch in self._beginnings(self.state.counters.epoch + 1):
                self._programs_in(epoch).of(n)
        if self._average is not None:
            self._average.warm_up()
        if self.prepared.dataset.validation is not None:
            _ = self._measure

    @cached_property
    def _measure(self) -> Measure:
        split = self.prepared.dataset.validation
        assert split is not None
        config, dataset, tallies = self.prepared.config, self.prepared.dataset, self._decision.tallies
        return Measure(self._objective, split, new_scores(config, dataset, split, self._network.device, tallies))

    def _beginnings(self, epoch: int) -> list[int]:
        """The epochs from this one on, it included, in which steps are recorded anew: other layers are frozen."""
        thawed = {int(span.layer.training.frozen_epochs) + 1 for span in self._spans.values()}
        return [epoch, *sorted(first for first in thawed if epoch < first <= self.prepared.config.epochs)]

    def _programs_in(self, epoch: int) -> BatchPrograms:
        """The steps of an epoch, which are those of the one before where no layer has been frozen until then."""
        first = max(known for known in (1, *self._beginnings(1)) if known <= epoch)
        if first not in self._programs:
            self._programs[first] = BatchPrograms(self._network.device, partial(self._record_step, first))
        return self._programs[first]

    def _record_step(self, epoch: int, program: Program, n: int) -> None:
        """A training step on n samples, in this epoch."""
        network, objective, clip_norm = self._network, self._objective, self.prepared.config.clip_norm
        divisor, batches = self._accumulation.divisor(self._order, n), self._accumulation.of(n)
        for batch in batches:
            program.begin_batch(batch.samples)
            objective.load(self._train, self._order, batch.start, batch.samples)
            place = {"batch": batch.number, "batches": self._accumulation.batches, "samples": n}
            network.forward(batch.samples, training=True, epoch=epoch, **place)
            objective.evaluate(batch.samples, divisor)
            program.stop_unless_finite(objective.loss_sum)
            network.backward(batch.samples, partial(self._gradients_ready, epoch, batch))
            for probe in self._probes:
                probe.record_batch(network, batch.samples)
        self._norm.record(network, n)
        program.stop_unless_finite(self._norm.norm)
        if clip_norm is not None:
            self._norm.clip(clip_norm)
            self._update.record(slice(None), epoch)
            for layer, span in self._spans.items():
                if span.is_trained(epoch):
                    self._regularizer.limit(layer)
        if self._average is not None:
            self._average.record()
        for probe in self._probes:
            if probe is not self._norm:
                probe.record(network, batches[-1].samples)

    def _gradients_ready(self, epoch: int, batch: Batch, layer: str) -> None:
        """Go on with a layer's gradients while they are in the caches."""
        self._accumulation.add(self._spans[layer].part, batch)
        if not batch.is_last:
            return
        self._regularizer.penalize(layer)
        for probe in self._probes:
            probe.gradients_ready(layer)
        clip_value = self.prepared.config.clip_value
        if clip_value is not None:
            self._network.device.kernels.clip_value.clip(self._network.gradients[self._spans[layer].part], clip_value)
        if self.prepared.config.clip_norm is None:
            self._update.record(self._spans[layer].part, epoch)
            self._regularizer.limit(layer)

    def _run_steps(self, epoch: int) -> None:
        """Some more steps of the epoch: as many as take a moment, so that signals and observers need not wait."""
        counters, batch_size = self.state.counters, self.prepared.config.effective_batch_size
        left = len(self._train) - counters.step_in_epoch * batch_size
        n = min(batch_size, left)
        steps = self.diagnostics.steps_at_once(counters.step, min(self._steps_at_once, left // n))
        began = perf_counter()
        done = self._programs_in(epoch).of(n).run(steps, epoch, counters.step)
        self._steps_at_once = max(1, int(steps * CHECK_INTERVAL / max(perf_counter() - began, 1e-9)))
        counters.step += done
        counters.step_in_epoch += done
        self.samples += done * n
        if done < steps:
            self._stop_diverged(epoch, n)
        self.diagnostics.stepped(epoch, counters.step, self._accumulation.of(n)[-1].samples)
        self.observer.stepped(epoch, counters.step_in_epoch, done * n, self._scores.mean_loss)

    def _judge(self, row: Row) -> bool:
        """Count the epoch, and keep the state if it is the best, which is returned."""
        state = self.state
        step = state.counters.step
        for probe in self._probes:
            probe.reset()
        state.counters = Counters(epoch=row["epoch"], step=step)
        best = state.best.update(row[state.best.monitor], row["epoch"])
        if state.early is not None:
            state.early.update(row[state.early.monitor], row["epoch"])
        self.measured.update(row)
        if best:
            self._saver.keep_best(self._decide(row))
        return best

    def _decide(self, row: Row) -> Mapping[str, NDArray[np.float64]]:
        """Find what the best checkpoint is to know of its predictions; the validation samples were just measured.

        Returns the tensors that it keeps.
        """
        if self.prepared.dataset.validation is None:
            return {}
        found = self._decision.of(self._measure.scores)
        self.state.threshold, self.state.temperature = found.threshold, found.temperature
        if found.findings:
            row["diagnoses"] = row.get("diagnoses", {}) | found.findings
        return found.tensors

    def _row(self, epoch: int, seconds: float, samples_per_second: float) -> Row:
        """An epoch's row of metrics.jsonl. Diagnoses stand apart, so that a new one is not a column of every table."""
        step = self.state.counters.step
        row: Row = {
            "epoch": epoch,
            "step": step,
            "learning_rate": self._learning_rates(np.array([step - 1]))[0],
            **self._scores.values(),
        }
        if self.prepared.dataset.validation is not None:
            row |= {f"val_{name}": value for name, value in self._measure.values().items()}
        measured = {probe: probe.values() for probe in self._probes if probe is not self._scores}
        for probe, values in measured.items():
            if probe.group == "metrics":
                row |= values
        if changes := changes_before(self.state.history, epoch):
            row["changes"] = changes
        row["seconds"] = round(seconds, 6)
        row["samples_per_second"] = round(samples_per_second, 1)
        diagnoses = {probe.name: values for probe, values in measured.items() if probe.group == "diagnoses"}
        return row | ({"diagnoses": diagnoses} if diagnoses else {})

    def _learning_rates(self, steps: NDArray[np.int64]) -> list[float]:
        config = self.prepared.config
        base = config.learning_rate * self.measured.share
        return config.schedule.learning_rates(base, steps, self._steps, config.epochs)

    def _stop_diverged(self, epoch: int, n: int) -> None:
        self._saver.save_best()
        is_finite = bool(np.isfinite(self._network.device.to_host(self._objective.loss_sum)[0]))
        place = first_non_finite(self._network, min(n, self.prepared.config.batch_size), loss_is_finite=is_finite)
        counters = self.state.counters
        folder = self.folder
        kept = f"the best checkpoint is kept in {folder.best}; " if folder is not None and folder.best.exists() else ""
        usual = f"lower learning_rate ({self.prepared.config.learning_rate:g}) or set clip_norm: 1.0"
        raise DivergedError(
            Problem(
                f"training diverged in epoch {epoch}, step {counters.step_in_epoch + 1} of {self._steps}: "
                f"first NaN or infinity in {place}",
                "" if folder is None else str(folder.path),
                help=f"{kept}{self.diagnostics.diverged(epoch, counters.step, place) or usual}",
            )
        )


def _only(found: Sequence[Probe], kind: type[P]) -> P:
    """The one of this kind."""
    (probe,) = (probe for probe in found if isinstance(probe, kind))
    return probe
