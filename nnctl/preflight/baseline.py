"""Whether the inputs carry anything about the targets that the network gets hold of."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.data.dataset import Split
from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import MOST, Subject, inputs_like
from nnctl.text import typed
from nnctl.training.short_training import loss_at_the_start, shortened, some_of, train_briefly, with_train

LEAST_STEPS, MOST_STEPS = 50, 200
WORK = 2e10  # multiply-adds of a forward pass that the steps take, between these
GAIN = 0.02  # share of a loss by which another one must be less
SAMPLES = 20  # below which chance decides


class Baseline(Check):
    """A short training must lower the loss, and further than the same training with all inputs 0.

    Judged are validation samples, if there are any: training samples without any sense can be learnt by heart.
    """

    order = 8
    is_symptom = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        dataset, config = subject.dataset, subject.config
        if len(dataset.train) < SAMPLES:
            return
        named, judged = (
            ("training", dataset.train) if dataset.validation is None else ("validation", dataset.validation)
        )
        judge = some_of(judged, MOST, config.seed, "judged samples")
        run = shortened(subject.prepared, _steps(subject), judge)
        find_lr = f"try `{typed('train', subject.prepared.loaded.document.file, '--find-lr')}`"
        start, own = loss_at_the_start(run), train_briefly(run)
        if own is None:
            evidence = f"a short training diverges at {config.learning_rate:g}"
            yield Finding("learning_rate", "learning_rate", evidence, find_lr)
            return
        if not _is_less(own, start) and start > Subject(run, judge).chance / 2:
            evidence = f"a short training takes the {named} loss from {start:.4g} to {own:.4g}"
            yield Finding("loss_stalls", "learning_rate", evidence, find_lr)
            return
        blind = train_briefly(with_train(run, _zeroed(run.dataset.train), _zeroed(judge)))
        if blind is not None and not _is_less(own, blind):
            evidence = f"a short training takes the {named} loss to {own:.4g}, and to {blind:.4g} with all inputs 0"
            yield Finding(
                "inputs_unused", "data", evidence, f"see whether the targets belong to the inputs, or {find_lr}"
            )


def _is_less(loss: float, other: float) -> bool:
    return loss < other - GAIN * abs(other)


def _steps(subject: Subject) -> int:
    in_step = subject.plan.multiply_adds * subject.config.batch_size
    return int(np.clip(WORK / max(1, in_step), LEAST_STEPS, MOST_STEPS))


def _zeroed(split: Split) -> Split:
    return inputs_like(split, np.zeros_like(split.raw(slice(None))))
