"""What a pruner is: it stops a trial that is less promising than the ones before it."""

from __future__ import annotations

import math
import sys
from abc import abstractmethod
from collections.abc import Callable, Sequence

from pydantic import Field

from nnctl.spec import Spec

Curve = Sequence[float]  # the metric after each epoch of a run, from the first
Judge = Callable[[Curve], bool]  # whether a run with this curve so far should stop


class Pruner(Spec):
    """Base of all pruners. Decisions depend on the curves alone, so that they can be repeated."""

    min_epochs: int | None = Field(default=None, ge=1)
    """Epochs that every run does; unset, an eighth of a run's."""

    @abstractmethod
    def judge(self, earlier: Sequence[Curve], epochs: int, higher: bool) -> Judge:
        """What decides on one trial. earlier: of the trials before it that it is compared with, pruned ones too.

        epochs: of a run that is not pruned. higher: whether a higher metric is a better one.
        Raises UsageError where a package is missing.
        """

    def first(self, epochs: int) -> int:
        """The epoch after which a run may be stopped, the first of them."""
        return max(1, epochs // 8) if self.min_epochs is None else self.min_epochs


def comparable(value: float, higher: bool) -> float:
    """A value of an earlier run: NaN is the worst there is, short of infinity, with which no pruner can compute."""
    worst = -sys.float_info.max if higher else sys.float_info.max
    return worst if math.isnan(value) else value
