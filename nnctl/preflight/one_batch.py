"""Whether the network can learn a single batch by heart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject
from nnctl.schedules.constant import Constant
from nnctl.text import counted
from nnctl.training.short_training import loss_at_the_start, short_training, train_briefly

SAMPLES = 16
STEPS, REPEATS = 200, 20
LEFT = 0.5  # share of the loss at the start
OTHER_RATES = (10.0, 0.1, 100.0, 0.01)  # times the config's


class OneBatch(Check):
    """A network that cannot learn a few samples by heart cannot learn many: the loss, the targets or the layers are
    wrong. Other learning rates are tried too, so that one that is merely unfit is told apart.
    """

    order = 7

    def findings(self, subject: Subject) -> Iterator[Finding]:
        left = _share_left(subject, 1.0)
        if left <= LEFT:
            return
        rate = subject.config.learning_rate
        said = "training diverges" if np.isinf(left) else f"{left:.0%} of the loss is left"
        evidence = f"on the same {counted(_count(subject), 'sample')}, {said} after {STEPS} steps at {rate:g}"
        for factor in OTHER_RATES:
            other, own = rate * factor, _share_left(subject, factor)
            if own <= LEFT:
                evidence += f", and {own:.0%} at {other:g}"
                yield Finding("learning_rate", "learning_rate", evidence, f"learning_rate={other:g}")
                return
        evidence += f"; {rate * min(OTHER_RATES):g} and {rate * max(OTHER_RATES):g} are no better"
        remedy = "add a hidden layer or make it wider, and see whether the targets are right"
        yield Finding("loss_stalls", "layers", evidence, remedy)


def _share_left(subject: Subject, factor: float) -> float:
    """Of the loss of a few samples at the start, after a training on them alone; infinite where it diverges."""
    config, chosen = subject.config, np.arange(_count(subject))
    judge = subject.samples.take(chosen)
    run = short_training(
        subject.prepared,
        subject.samples.take(np.tile(chosen, REPEATS)),  # an epoch is as many steps on the same batch
        judge,
        epochs=STEPS // REPEATS,
        batch_size=len(chosen),
        schedule=Constant(),
        learning_rate=config.learning_rate * factor,
        data=config.data.model_copy(update={"shuffle": False}),
    )
    floor, start, end = Subject(run, judge).floor, loss_at_the_start(run), train_briefly(run)
    if end is None:
        return float("inf")
    return (end - floor) / (start - floor) if start > floor else 0.0


def _count(subject: Subject) -> int:
    return min(SAMPLES, subject.config.batch_size, len(subject.samples))
