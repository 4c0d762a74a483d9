"""The loss before the first step, against that of chance."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nnctl.preflight.check import Check, Finding
from nnctl.preflight.subject import Subject

TIMES = 4.0  # the loss of chance; weights as they are usually drawn make less than this


class LossAtStart(Check):
    """A loss far above that of chance: the first epochs go into making outputs smaller, or a step diverges.

    Chance is the best that constant outputs do: the entropy of the classes, the variance of values.
    """

    order = 1
    is_symptom = True

    def findings(self, subject: Subject) -> Iterator[Finding]:
        loss, chance = subject.loss, subject.chance
        if not math.isfinite(loss):
            evidence = f"the loss is {loss:g} before the first step"
            yield Finding("loss_at_start", "loss", evidence, _remedy(subject))
        elif loss > TIMES * chance > 0:
            evidence = f"the loss is {loss:.4g} before the first step, and constant outputs would have {chance:.4g}"
            yield Finding("loss_at_start", "loss", evidence, _remedy(subject))


def _remedy(subject: Subject) -> str:
    """A last layer that starts smaller; where something in front of it is the cause, that is found as well."""
    weighted = [name for name, _, arrays in subject.layers if "weight" in arrays.gradients and "." not in name[7:]]
    return f"{weighted[-1]}.weight={{type: normal, std: 0.01}}" if weighted else "scale the inputs and the targets"
