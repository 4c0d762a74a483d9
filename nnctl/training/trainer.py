"""The training loop."""

from __future__ import annotations

from functools import cached_property
from time import perf_counter
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from nnctl.data.batches import batch_sizes, order, steps_per_epoch
from nnctl.data.dataset import Split
from nnctl.errors import DivergedError, Problem
from nnctl.kernels.runtime.program import BLOCK, Program, record
from nnctl.kernels.runtime.recording import StepArgument
from nnctl.metrics.measured import higher_is_better
from nnctl.model.network import Network, Stretch
from nnctl.model.objective import Measure, Objective
from nnctl.model.preparation import Prepared, new_scores
from nnctl.training.best_value import BestValue
from nnctl.training.divergence import first_broken
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.saver import Saver
from nnctl.training.state import Counters, State
from nnctl.training.stop_signal import Stop, Stopped

Sums = NDArray[np.float64]
MOMENT = 0.05  # seconds of steps between two looks at signals


class Trainer:
    """Everything that a run needs, planned once; `run` is the loop."""

    def __init__(self, prepared: Prepared, folder: RunFolder, kernels: ModuleType, observer: Observer) -> None:
        config, dataset = prepared.config, prepared.dataset
        self._prepared = prepared
        self._kernels = kernels
        self._observer = observer
        self._folder = folder
        self._train: Split = dataset.train
        self._steps = steps_per_epoch(len(dataset.train.inputs), config.batch_size, config.data.drop_last)
        self._network = Network(prepared.plan, config.batch_size, config.precision, kernels, config.seed)
        self._network.initialize(config.seed)
        self._objective = Objective(self._network, config.loss, dataset.train, kernels, dataset.transform)
        best, early = _best_values(prepared)
        self.state = State(prepared, self._network, new_scores(config, dataset), best, early)
        self._saver = Saver(folder, self.state)
        self._order: NDArray[np.int64] = np.zeros(len(self._train), np.int64)  # of the samples in this epoch
        self._norm_sum: NDArray[np.float64] = np.zeros(1)  # of the gradients, over the steps of this epoch
        self._steps_at_once = 1
        self._programs: dict[int, Program] = {}  # a training step, by the size of the batch

    def run(self, stop: Stop) -> Stopped:
        """Train until the last epoch, an early stop, or a request to stop. Raises DivergedError and StorageError."""
        state, config = self.state, self._prepared.config
        self.warm_up()
        while state.counters.epoch < config.epochs:
            if self._patience_is_over():
                self._saver.save(now=True)
                return "early"
            began = perf_counter()
            epoch, already = state.counters.epoch + 1, state.counters.step_in_epoch
            self._order[:] = order(config.seed, epoch, len(self._train), config.data.shuffle)
            while state.counters.step_in_epoch < self._steps:
                if stop.asked is not None:
                    self._saver.save(now=True)
                    return stop.asked
                self._go_on(epoch)
            seconds = perf_counter() - began
            row = self._row(epoch, seconds, (self._steps - already) * config.batch_size / max(seconds, 1e-9))
            self._finish_epoch(row)
        self._saver.save(now=True)
        return "finished"

    def warm_up(self) -> None:
        """Record every program of the run, so that each kernel is compiled, or loaded, before the first step."""
        for n in set(
            batch_sizes(len(self._train), self._prepared.config.batch_size, self._prepared.config.data.drop_last)
        ):
            self._programs[n] = self._recorded(n)
        if self._prepared.dataset.validation is not None:
            _ = self._measure

    @cached_property
    def _measure(self) -> Measure:
        split = self._prepared.dataset.validation
        assert split is not None
        return Measure(self._objective, split, new_scores(self._prepared.config, self._prepared.dataset))

    def _recorded(self, n: int) -> Program:
        """A training step on a batch of n samples."""
        config, network, kernels, objective = self._prepared.config, self._network, self._kernels, self._objective
        start = StepArgument("int64", lambda epoch, steps: steps % self._steps * config.batch_size)
        learning_rate = StepArgument("float64", lambda epoch, steps: self._learning_rates(steps))
        number = StepArgument("int64", lambda epoch, steps: steps + 1)
        norm = np.zeros(1)
        squares, own_squares = _room_for_squares(self._prepared.plan.stretches, kernels.vector.CHUNK)

        def update(part: slice) -> None:
            config.optimizer.update(
                network.parameters[part],
                network.gradients[part],
                self.state.slots[:, part],
                learning_rate,
                number,
                kernels,
            )

        def finished(stretch: Stretch) -> None:
            """Go on with gradients while they are in the caches, with the rows that a thread has made itself."""
            width, sums = own_squares[stretch.part.start]
            with program.along_rows(stretch.rows):
                kernels.vector.square_sums(network.gradients[stretch.part], width, sums)
                if config.clip_norm is None:
                    update(stretch.part)

        with record(n) as program:
            objective.load(self._train, self._order, start, n)
            network.forward(n, training=True)
            objective.evaluate(n)
            program.stop_unless_finite(objective.loss_sum)
            network.backward(n, finished)
            kernels.follow.take_norm(squares, norm, self._norm_sum)
            program.stop_unless_finite(norm)
            if config.clip_norm is not None:
                kernels.vector.clip(network.gradients, norm, config.clip_norm)
                update(slice(None))
            objective.score(self.state.scores, n)
        return program

    def _go_on(self, epoch: int) -> None:
        """Some more steps of the epoch: as many as take a moment, so that signals and watchers need not wait."""
        counters, batch_size = self.state.counters, self._prepared.config.batch_size
        left = len(self._train) - counters.step_in_epoch * batch_size
        n = min(batch_size, left)
        steps = min(self._steps_at_once, left // n)
        self._norm_sum[0] = counters.grad_norm_sum
        began = perf_counter()
        done = self._programs[n].run(steps, epoch, counters.step)
        self._steps_at_once = max(1, int(steps * MOMENT / max(perf_counter() - began, 1e-9)))
        counters.step += done
        counters.step_in_epoch += done
        counters.grad_norm_sum = float(self._norm_sum[0])
        if done < steps:
            self._stop_diverged(epoch, n)
        self._observer.stepped(epoch, counters.step_in_epoch, done * n, self.state.scores.mean_loss)

    def _finish_epoch(self, row: Row) -> None:
        """Count the epoch, keep its row, and its state if it is the best."""
        state = self.state
        step = state.counters.step
        state.scores.reset()
        state.counters = Counters(epoch=row["epoch"], step=step)
        best = state.best.update(row[state.best.monitor], row["epoch"])
        if state.early is not None:
            state.early.update(row[state.early.monitor], row["epoch"])
        if best:
            self._saver.keep_best()
        self._folder.append_row(row)
        self._saver.save(now=False)
        self._observer.finished_epoch(row, best)

    def _row(self, epoch: int, seconds: float, samples_per_second: float) -> Row:
        counters = self.state.counters
        row: Row = {
            "epoch": epoch,
            "step": counters.step,
            "learning_rate": self._learning_rates(np.array([counters.step - 1]))[0],
            **self.state.scores.values(),
        }
        if self._prepared.dataset.validation is not None:
            row |= {f"val_{name}": value for name, value in self._measure.values().items()}
        row["grad_norm"] = counters.grad_norm_sum / self._steps
        row["seconds"] = round(seconds, 6)
        row["samples_per_second"] = round(samples_per_second, 1)
        return row

    def _learning_rates(self, steps: NDArray[np.int64]) -> list[float]:
        config = self._prepared.config
        return config.schedule.learning_rates(config.learning_rate, steps, self._steps, config.epochs)

    def _patience_is_over(self) -> bool:
        settings, early = self._prepared.config.early_stopping, self.state.early
        if settings is None or early is None:
            return False
        return self.state.counters.epoch - early.epoch >= max(1, settings.patience)

    def _stop_diverged(self, epoch: int, n: int) -> None:
        self._saver.save_best()
        finite = bool(np.isfinite(self._objective.loss_sum[0]))
        place = first_broken(self._network, n, self._kernels, loss_is_finite=finite)
        counters = self.state.counters
        kept = f"the best checkpoint is kept in {self._folder.best}; " if self._folder.best.exists() else ""
        raise DivergedError(
            Problem(
                f"training diverged in epoch {epoch}, step {counters.step_in_epoch + 1} of {self._steps}: "
                f"first NaN or infinity in {place}",
                str(self._folder.path),
                help=f"{kept}lower learning_rate ({self._prepared.config.learning_rate:g}) or set clip_norm: 1.0",
            )
        )


def _room_for_squares(stretches: list[Stretch], chunk: int) -> tuple[Sums, dict[int, tuple[int, Sums]]]:
    """Room for sums of squares of the gradients: all of it, and by the start of each stretch how many elements go into
    one of its sums, and its part of the room.

    The same whatever the threads: a sum for each block of rows, or for so many elements.
    """
    widths, counts = [], []
    for stretch in stretches:
        size = stretch.part.stop - stretch.part.start
        widths.append(BLOCK * size // stretch.rows if stretch.rows else chunk)
        counts.append(-(-size // widths[-1]))
    everything = np.zeros(sum(counts))
    parts = np.split(everything, np.cumsum(counts)[:-1])
    starts = [stretch.part.start for stretch in stretches]
    return everything, dict(zip(starts, zip(widths, parts, strict=True), strict=True))


def _best_values(prepared: Prepared) -> tuple[BestValue, BestValue | None]:
    config = prepared.config

    def best_value(monitor: str | None, min_delta: float = 0.0) -> BestValue:
        name = monitor or "loss"
        return BestValue(name, higher_is_better(name, config.metrics), min_delta)

    early = config.early_stopping
    return best_value(config.monitor), None if early is None else best_value(early.monitor, early.min_delta)
