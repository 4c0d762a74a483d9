"""Trainings on fewer samples and epochs than the config's, which leave nothing behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl import random
from nnctl.data.batches import steps_per_epoch
from nnctl.data.dataset import Split
from nnctl.errors import DivergedError
from nnctl.model.network import Network
from nnctl.model.objective import Measure, Objective
from nnctl.model.preparation import Prepared, new_scores
from nnctl.schedules.schedule import Schedule
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer
from nnctl.training.stop_signal import Stop
from nnctl.training.trainer import Trainer


def short_training(prepared: Prepared, train: Split, judge: Split, **settings: Any) -> Prepared:
    """A run that differs in its samples and in some settings, and measures nothing but the loss.

    judge: measured after every epoch, in the place of validation samples.
    """
    alone: dict[str, Any] = {"metrics": [], "monitor": "val_loss"}
    alone |= (
        {"dynamics": []}
        | dict.fromkeys(("early_stopping", "threshold", "averaging"))
        | {"calibrate": False, "diagnostics": False}
    )
    if "batch_size" in settings:
        alone["gradient_accumulation"] = 1
    config = prepared.config.model_copy(update=alone | settings)
    dataset = replace(prepared.dataset, train=train, validation=judge)
    return replace(prepared, loaded=replace(prepared.loaded, config=config), dataset=dataset)


def with_train(prepared: Prepared, train: Split, judge: Split) -> Prepared:
    """The same with other samples."""
    return replace(prepared, dataset=replace(prepared.dataset, train=train, validation=judge))


def steps_of(prepared: Prepared) -> int:
    """Of the whole run."""
    config = prepared.config
    return config.epochs * steps_per_epoch(
        len(prepared.dataset.train), config.effective_batch_size, config.data.drop_last
    )


def shortened(prepared: Prepared, steps: int, judge: Split) -> Prepared:
    """The run in at most about so many steps, with the whole of its schedule: in fewer epochs, or over some of the
    samples once. judge: as for `short_training`.
    """
    config, train = prepared.config, prepared.dataset.train
    in_epoch = steps_per_epoch(len(train), config.effective_batch_size, config.data.drop_last)
    schedule = OverRun.model_construct(schedule=config.schedule, steps_per_epoch=in_epoch, epochs=config.epochs)
    if in_epoch > steps:
        train = some_of(train, steps * config.effective_batch_size, config.seed, "samples of a short training")
    epochs = max(1, min(config.epochs, steps // in_epoch))
    return short_training(prepared, train, judge, epochs=epochs, schedule=schedule)


class OverRun(Schedule):
    """A schedule of a whole run, gone through in a shorter one. steps_per_epoch, epochs: of the whole run."""

    schedule: Schedule
    steps_per_epoch: int
    epochs: int

    def share(self, epoch: float, epochs: float, step: float) -> float:
        return self.schedule.share(epoch / epochs * self.epochs, self.epochs, step / epochs * self.epochs)

    def learning_rates(self, base: float, steps: NDArray[np.int64], steps_per_epoch: int, epochs: int) -> list[float]:
        steps = steps * (self.steps_per_epoch * self.epochs) // (steps_per_epoch * epochs)
        return self.schedule.learning_rates(base, steps, self.steps_per_epoch, self.epochs)


def train_briefly(prepared: Prepared) -> float | None:
    """The loss of the judging samples after the last epoch, from the initial weights; None where training diverges."""
    rows = _Rows()
    try:
        Trainer(prepared, None, rows).run(Stop())
    except DivergedError:
        return None
    loss = rows.last["val_loss"]
    return float(loss) if np.isfinite(loss) else None


def trained_briefly(prepared: Prepared) -> Network | None:
    """The network after the last epoch; None where training diverges."""
    trainer = Trainer(prepared, None, Observer())
    try:
        trainer.run(Stop())
    except DivergedError:
        return None
    return trainer.state.network


def loss_at_the_start(prepared: Prepared) -> float:
    """The loss of the judging samples with the initial weights."""
    config, dataset, judge = prepared.config, prepared.dataset, prepared.dataset.validation
    assert judge is not None
    batch_size = min(config.batch_size, len(judge))
    network = Network(
        prepared.plan, batch_size, config.precision, config.seed, has_lengths=dataset.train.lengths is not None
    )
    network.initialize(config.seed)
    network.take(prepared.initial)
    objective = Objective(network, config.loss, judge, dataset.transform, prepared.class_weights)
    return Measure(objective, judge, new_scores(config, dataset, judge, network.device)).values()["loss"]


def some_of(split: Split, most: int, seed: int, purpose: str) -> Split:
    """The split, or so many of its samples, drawn at random: a function of seed and purpose alone."""
    if len(split) <= most:
        return split
    return split.take(np.sort(random.generator(seed, purpose).permutation(len(split))[:most]))


class _Rows(Observer):
    """Keeps the last row."""

    def __init__(self) -> None:
        self.last: Row = {}

    def finished_epoch(self, row: Row, best: bool) -> None:
        self.last = row
