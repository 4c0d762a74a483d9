"""The one check for every averaging."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnctl.averaging.averaging import Averaging
from tests.support.kind_check import KindCheck, Settings

STEPS, EPOCHS = 5, 8


def averages(averaging: Averaging, weights: Sequence[float]) -> list[float]:
    """After each step the average of numbers, one a step."""
    found = [0.0]
    for step, weight in enumerate(weights):
        share = averaging.share(step, STEPS)
        assert 0.0 <= share <= 1.0
        found.append(found[-1] + share * (weight - found[-1]))
    return found[1:]


class AveragingCheck(KindCheck, ABC):
    """The formula, and that of equal weights the average is these."""

    @staticmethod
    @abstractmethod
    def reference(averaging: Any, weights: Sequence[float]) -> float:
        """The average after the last of the steps, by its definition."""

    def test_the_average_is_that_of_the_definition(self, case: Settings) -> None:
        averaging = self.make(case)
        weights = np.random.default_rng(3).normal(size=STEPS * EPOCHS).tolist()
        for step, average in enumerate(averages(averaging, weights), 1):
            np.testing.assert_allclose(average, self.reference(averaging, weights[:step]), rtol=1e-12, atol=1e-15)

    def test_equal_weights_are_their_average(self, case: Settings) -> None:
        averaging = self.make(case)
        found = averages(averaging, [2.0] * STEPS * EPOCHS)
        assert set(found) <= {0.0, 2.0}
        assert set(found[STEPS - 1 :]) == {2.0}

    def test_shares_are_those_of_each_step(self, case: Settings) -> None:
        averaging, steps = self.make(case), np.arange(3, 17)
        assert averaging.shares(steps, STEPS) == [averaging.share(step, STEPS) for step in range(3, 17)]
