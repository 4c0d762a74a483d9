"""Measures how fast training is, and how much memory it takes, by the size of a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from nnctl.memory import available_memory, bytes_in_words
from nnctl.model.preparation import Prepared
from nnctl.schedules.constant import Constant
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer
from nnctl.training.short_training import short_training
from nnctl.training.stop_signal import Stop
from nnctl.training.trainer import Trainer

SECONDS = 0.25  # of steps that a size is measured for, or more if it takes as long
EPOCHS = 3  # at least, the fastest of which counts: the first of all touches new memory
STEPS, SAMPLES = 8, 4_096  # an epoch has so many steps or samples, whichever is more, of those that there are
GAIN = 1.1  # what a larger batch must be faster by


@dataclass(frozen=True)
class MeasuredSize:
    """memory: bytes of a training, without the data."""

    batch_size: int
    samples_per_second: float
    memory: int


@dataclass(frozen=True)
class FoundSize:
    """batch_size: the smallest that no larger one is faster than by a tenth. limit: why there are no larger ones."""

    batch_size: int
    sizes: list[MeasuredSize]
    limit: str


def find_batch_size(prepared: Prepared, tell: Callable[[int, int], None] = lambda done, total: None) -> FoundSize:
    """Train for a moment at each power of two, up to the training samples or to the memory that is free.

    These are measurements, and another time there are others. tell: called with how many sizes are done, and of how
    many.
    """
    samples = len(prepared.dataset.train)
    powers = [1 << exponent for exponent in range(samples.bit_length())]
    limit = f"there are {samples:,} training samples"
    sizes: list[MeasuredSize] = []
    for size in powers:
        tell(len(sizes), len(powers))
        memory, free = _memory(prepared, size), available_memory()
        if memory > free:
            limit = f"{size:,} would take {bytes_in_words(memory)} of memory, {bytes_in_words(free)} are free"
            break
        sizes.append(MeasuredSize(size, _speed(prepared, size), memory))
    tell(len(powers), len(powers))
    return FoundSize(fast_enough(sizes), sizes, limit)


def fast_enough(sizes: list[MeasuredSize]) -> int:
    """The smallest batch size that no larger one is faster than by a tenth."""
    fastest = max(size.samples_per_second for size in sizes)
    return next(size.batch_size for size in sizes if size.samples_per_second * GAIN >= fastest)


def _memory(prepared: Prepared, size: int) -> int:
    config = prepared.config
    return prepared.plan.memory(size, np.dtype(config.precision).itemsize, len(config.optimizer.slots))


def _speed(prepared: Prepared, size: int) -> float:
    """Samples a second. The learning rate is tiny, so that no training diverges."""
    train = prepared.dataset.train
    steps = min(max(STEPS, SAMPLES // size), len(train) // size)
    own, one = train.take(np.arange(steps * size)), train.take(np.arange(1))
    run = short_training(prepared, own, one, batch_size=size, epochs=10**6, learning_rate=1e-12, schedule=Constant())
    stop = Stop()
    watch = _Watch(stop)
    Trainer(run, None, watch).run(stop)
    return watch.fastest


class _Watch(Observer):
    """Ends the training when it has gone on for long enough."""

    def __init__(self, stop: Stop) -> None:
        self.fastest = 0.0
        self._stop = stop
        self._epochs = 0
        self._began = perf_counter()

    def finished_epoch(self, row: Row, best: bool) -> None:
        self.fastest = max(self.fastest, row["samples_per_second"])
        self._epochs += 1
        if self._epochs >= EPOCHS and perf_counter() - self._began > SECONDS:
            self._stop.asked = "pruned"
