"""The training loop."""

from __future__ import annotations

import math
from time import perf_counter
from types import ModuleType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.data.batches import batch_sizes, order, steps_per_epoch
from nnctl.data.dataset import Split
from nnctl.errors import DivergedError, Problem
from nnctl.metrics.scores import Scores
from nnctl.network import Network
from nnctl.objective import Objective
from nnctl.preparation import Prepared, new_scores
from nnctl.training.divergence import first_broken
from nnctl.training.observer import Observer, Row
from nnctl.training.run_folder import RunFolder
from nnctl.training.saver import Saver
from nnctl.training.state import Counters, State
from nnctl.training.stop_signal import StopSignal
from nnctl.training.watch import Watch

Stopped = Literal["finished", "early", "signal"]


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
        self._objective = Objective(self._network, config.loss, dataset.train, kernels)
        self._validation_scores: Scores = new_scores(config, dataset)
        best, early = _watches(prepared)
        self.state = State(prepared, self._network, new_scores(config, dataset), best, early)
        self._saver = Saver(folder, self.state)
        self._partial: NDArray[np.float64] = np.zeros(kernels.vector.CHUNKS)  # scratch of the gradients' norm

    def run(self, stop: StopSignal) -> Stopped:
        """Train until the last epoch, an early stop or a signal. Raises DivergedError and StorageError."""
        state, config = self.state, self._prepared.config
        while state.counters.epoch < config.epochs:
            if self._patience_is_over():
                self._saver.save(now=True)
                return "early"
            began = perf_counter()
            epoch, already = state.counters.epoch + 1, state.counters.step_in_epoch
            rows = order(config.seed, epoch, len(self._train), config.data.shuffle)
            while state.counters.step_in_epoch < self._steps:
                if stop.number is not None:
                    self._saver.save(now=True)
                    return "signal"
                self._step(epoch, rows)
            seconds = perf_counter() - began
            row = self._row(epoch, seconds, (self._steps - already) * config.batch_size / max(seconds, 1e-9))
            self._finish_epoch(row)
        self._saver.save(now=True)
        return "finished"

    def warm_up(self) -> None:
        """Call every kernel as the run will, on the first samples, so that none compiles later; changes no state."""
        from nnctl.kernels.jit import PARALLEL_FROM

        config, network, kernels = self._prepared.config, self._network, self._kernels
        for n in self._sizes_of_batches():
            self._objective.load(self._train, np.arange(n, dtype=np.int64), 0, n)
            network.forward(n)
            network.forward(n, training=True)
            loss_sum = self._objective.evaluate(n)
            network.backward(n)
            self._objective.score(self._validation_scores, loss_sum, n)
        kernels.vector.l2_norm(network.gradients, self._partial)
        like_all = np.zeros(min(network.parameters.size, PARALLEL_FROM), network.dtype)
        kernels.vector.scale(like_all, 1.0)
        slots = np.zeros((len(self.state.slots), like_all.size), network.dtype)
        config.optimizer.update(like_all, like_all.copy(), slots, 0.0, 1, kernels)

    def _sizes_of_batches(self) -> set[int]:
        """Full ones, and the last ones of both splits."""
        dataset, batch_size = self._prepared.dataset, self._prepared.config.batch_size
        splits = [split for split in (dataset.train, dataset.validation) if split is not None]
        return {size for split in splits for size in batch_sizes(len(split), batch_size)}

    def _step(self, epoch: int, rows: NDArray[np.int64]) -> None:
        config, network, counters, kernels = self._prepared.config, self._network, self.state.counters, self._kernels
        start = counters.step_in_epoch * config.batch_size
        n = min(config.batch_size, len(rows) - start)

        self._objective.load(self._train, rows, start, n)
        network.forward(n, training=True, epoch=epoch, step=counters.step)
        loss_sum = self._objective.evaluate(n)
        network.backward(n)
        norm = float(kernels.vector.l2_norm(network.gradients, self._partial))
        if not (math.isfinite(loss_sum) and math.isfinite(norm)):
            self._stop_diverged(epoch, n)
        if config.clip_norm is not None and norm > config.clip_norm:
            kernels.vector.scale(network.gradients, config.clip_norm / norm)
        config.optimizer.update(
            network.parameters,
            network.gradients,
            self.state.slots,
            self._learning_rate(counters.step),
            counters.step + 1,
            kernels,
        )
        self._objective.score(self.state.scores, loss_sum, n)

        counters.step += 1
        counters.step_in_epoch += 1
        counters.grad_norm_sum += norm
        self._observer.stepped(epoch, counters.step_in_epoch, n, self.state.scores.mean_loss)

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
            "learning_rate": self._learning_rate(counters.step - 1),
            **self.state.scores.values(),
        }
        validation = self._prepared.dataset.validation
        if validation is not None:
            measured = self._objective.measure(validation, self._validation_scores)
            row |= {f"val_{name}": value for name, value in measured.items()}
        row["grad_norm"] = counters.grad_norm_sum / self._steps
        row["seconds"] = round(seconds, 6)
        row["samples_per_second"] = round(samples_per_second, 1)
        return row

    def _learning_rate(self, step: int) -> float:
        config = self._prepared.config
        return config.schedule.learning_rate(config.learning_rate, step, self._steps, config.epochs)

    def _patience_is_over(self) -> bool:
        settings, early = self._prepared.config.early_stopping, self.state.early
        if settings is None or early is None:
            return False
        return self.state.counters.epoch - early.epoch >= max(1, settings.patience)

    def _stop_diverged(self, epoch: int, n: int) -> None:
        self._saver.save_best()
        place = first_broken(self._network, n, self._kernels)
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


def _watches(prepared: Prepared) -> tuple[Watch, Watch | None]:
    config = prepared.config
    higher = {metric.name: metric.higher_is_better for metric in config.metrics} | {"loss": False}

    def watch(monitor: str | None, min_delta: float = 0.0) -> Watch:
        name = monitor or "loss"
        return Watch(name, higher[name.removeprefix("val_")], min_delta)

    early = config.early_stopping
    return watch(config.monitor), None if early is None else watch(early.monitor, early.min_delta)
