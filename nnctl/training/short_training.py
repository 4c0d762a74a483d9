"""Trainings on fewer samples and epochs than the config's, which leave nothing behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nnctl import random
from nnctl.data.dataset import Split
from nnctl.errors import DivergedError
from nnctl.model.network import Network
from nnctl.model.objective import Measure, Objective
from nnctl.model.preparation import Prepared, new_scores
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer
from nnctl.training.stop_signal import Stop
from nnctl.training.trainer import Trainer


def short_training(prepared: Prepared, train: Split, judge: Split, **settings: Any) -> Prepared:
    """A run that differs in its samples and in some settings, and measures nothing but the loss.

    judge: measured after every epoch, in the place of validation samples.
    """
    alone: dict[str, Any] = {"metrics": [], "monitor": "val_loss", "early_stopping": None, "threshold": None}
    config = prepared.config.model_copy(update=alone | settings)
    dataset = replace(prepared.dataset, train=train, validation=judge)
    return replace(prepared, loaded=replace(prepared.loaded, config=config), dataset=dataset)


def train_briefly(prepared: Prepared) -> float | None:
    """The loss of the judging samples after the last epoch, from the initial weights; None where training diverges."""
    rows = _Rows()
    try:
        Trainer(prepared, None, rows).run(Stop())
    except DivergedError:
        return None
    loss = rows.last["val_loss"]
    return float(loss) if np.isfinite(loss) else None


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
