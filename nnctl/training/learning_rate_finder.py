"""Finds a learning rate: short trainings at rates half a decade apart, each from the same initial weights.

A range test (Smith 2017, "Cyclical learning rates for training neural networks", section 3.3) raises the rate step by
step within one training, and reads the answer off the loss on the way. What it reads depends on the smoothing, on the
optimizer's momentum, and on how far the smaller rates have come before. On eleven small examples, in 300 steps each,
the steepest fall left three runs hardly trained, the "valley" left two at chance, and a tenth of the rate of the lowest
loss one at three quarters. The rule here left none; it takes thirteen times the steps, which is seconds.

- The schedule is that of the config, over the steps of the short training: without its decay, small rates would win
  only because noise counts more than progress in a few steps (Wu et al. 2018, "Understanding short-horizon bias in
  stochastic meta-optimization").
- Judged is the loss of training samples at the end, without dropout and its like: a few validation samples can be all
  right by luck at a rate that hardly trains.
- The answer is the smallest rate that makes 99 % of the best rate's progress: the whole run has more steps, in which a
  smaller rate comes as far, and the largest rates that work are next to those that do not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from nnctl.errors import ConfigError, DivergedError
from nnctl.model.preparation import Prepared
from nnctl.text import counted, typed
from nnctl.training.short_training import loss_at_the_start, short_training, shortened, some_of, steps_of, train_briefly

RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0, 3.0, 10.0)
SMALLER = (3e-6, 1e-6, 3e-7, 1e-7, 3e-8, 1e-8, 3e-9, 1e-9, 3e-10, 1e-10)  # tried one by one, if need be
STEPS = 300  # of each training
JUDGED = 2_000  # samples
SHARE = 0.99  # of the best rate's progress
LEAST = 0.01  # of the loss at the start that must be gone, or nothing was learnt

Curve = dict[float, float | None]
"""The loss in the end by learning rate, ascending; None where training diverges."""


@dataclass(frozen=True)
class FoundRate:
    """learning_rate: the answer. start: the loss with the initial weights. steps: of each training, in `epochs` over
    `samples` training samples. notes: what the user should know.
    """

    learning_rate: float
    start: float
    curve: Curve
    steps: int
    samples: int
    epochs: int
    notes: tuple[str, ...]


def find_learning_rate(prepared: Prepared, tell: Callable[[int, int], None] = lambda done, total: None) -> FoundRate:
    """The learning rate for a config with its schedule; the same one each time, on any number of threads.

    tell: called with how many trainings are done, and of how many. Raises DivergedError where training diverges at
    every rate, and ConfigError where it lowers the loss at none.
    """
    short = shortened(prepared, STEPS, some_of(prepared.dataset.train, JUDGED, prepared.config.seed, "judged samples"))
    start = loss_at_the_start(short)
    if not math.isfinite(start):
        raise DivergedError(f"the training loss is {start} before the first step", help=_where_to_look(prepared))
    curve: Curve = {}
    for rate in (*RATES, *SMALLER):
        if rate in SMALLER and not _wants_smaller(curve, start):
            break
        tell(len(curve), max(len(curve) + 1, len(RATES)))
        curve[rate] = train_briefly(_at(short, rate))
    tell(len(curve), len(curve))
    curve = dict(sorted(curve.items()))
    answer = _answer(curve, start)
    if answer is None:
        raise _nothing_learnt(prepared, curve, start)
    return FoundRate(
        learning_rate=answer,
        start=start,
        curve=curve,
        steps=steps_of(short),
        samples=len(short.dataset.train),
        epochs=short.config.epochs,
        notes=tuple(_notes(prepared, curve, answer)),
    )


def _at(short: Prepared, rate: float) -> Prepared:
    train, judge = short.dataset.train, short.dataset.validation
    assert judge is not None
    return short_training(short, train, judge, learning_rate=rate)


def _answer(curve: Curve, start: float) -> float | None:
    """The smallest rate that is nearly as good as the best; None where none lowers the loss."""
    losses = {rate: loss for rate, loss in curve.items() if loss is not None}
    lowest = min(losses.values(), default=start)
    if start - lowest < LEAST * abs(start):
        return None
    return min(rate for rate, loss in losses.items() if start - loss >= SHARE * (start - lowest))


def _wants_smaller(curve: Curve, start: float) -> bool:
    """Whether the smallest rate is the answer so far, or already too large."""
    smallest, answer = curve[min(curve)], _answer(curve, start)
    is_too_large = smallest is None or smallest - start > LEAST * abs(start)
    return is_too_large if answer is None else answer == min(curve)


def _nothing_learnt(prepared: Prepared, curve: Curve, start: float) -> ConfigError | DivergedError:
    least, most = min(curve), max(curve)
    help = _where_to_look(prepared)
    if all(loss is None for loss in curve.values()):
        return DivergedError(f"training diverges at every learning rate from {least:g} to {most:g}", help=help)
    best = min(loss for loss in curve.values() if loss is not None)
    what = f"no learning rate from {least:g} to {most:g} lowers the training loss: it starts at {start:.4g}"
    return ConfigError(f"{what}, and the best rate ends at {best:.4g}", help=help)


def _where_to_look(prepared: Prepared) -> str:
    return f"for the cause run `{typed('check', prepared.loaded.document.file, '--deep')}`, with the same settings"


def _notes(prepared: Prepared, curve: Curve, rate: float) -> list[str]:
    in_run = steps_of(prepared)
    notes = []
    if in_run <= STEPS:
        notes.append(f"the whole run has {counted(in_run, 'step')}, and all were made at each learning rate")
    if rate == max(curve):
        notes.append(f"{rate:g} is the largest learning rate that was tried: a larger one may be better")
    if rate == min(curve):
        notes.append(f"{rate:g} is the smallest learning rate that was tried; are the inputs scaled?")
    return notes
