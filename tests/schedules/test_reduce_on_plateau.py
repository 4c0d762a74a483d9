"""Reduction on a plateau."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.schedules.reduce_on_plateau import ReduceOnPlateau
from tests.support.kind_check import Settings
from tests.support.schedule_check import BASE, ScheduleCheck

# falls with noise, more and more slowly; 60 epochs
LOSSES = 1 / (1 + 0.2 * np.arange(60)) * (1 + 0.2 * np.sin(7.0 * np.arange(60) ** 1.5)) + 0.05


def shares(schedule: ReduceOnPlateau, values: Sequence[float]) -> list[float]:
    """In each epoch, and in the one after the last."""
    tracker = schedule.tracker()
    found = [tracker.share]
    for epoch, value in enumerate(values, 1):
        tracker.update(value, epoch)
        found.append(tracker.share)
    return found


def naive_shares(schedule: ReduceOnPlateau, values: Sequence[float]) -> list[float]:
    """Each from all values before it: the epochs since the last improvement, cooldown or reduction are counted back."""
    found, reduced_at = [1.0], -math.inf
    for now in range(len(values)):
        waited = 0
        for epoch in range(now, -1, -1):
            before = [value for value in values[:epoch] if not math.isnan(value)]
            best = math.inf
            for value in before:
                if best == math.inf or value < best - schedule.threshold * abs(best):
                    best = value
            improved = values[epoch] < (math.inf if best == math.inf else best - schedule.threshold * abs(best))
            if improved or epoch <= reduced_at + schedule.cooldown:
                break
            waited += 1
        share = found[-1]
        if waited > schedule.patience:
            share, reduced_at = max(schedule.minimum, share * schedule.factor), now
        found.append(share)
    return found


class TestReduceOnPlateau(ScheduleCheck):
    kind = ReduceOnPlateau
    cases = ({}, {"factor": 0.5, "patience": 2})
    golden = (
        {"patience": 3},
        {"patience": 0, "factor": 0.7, "minimum": 0.05},
        {"patience": 2, "factor": 0.5, "cooldown": 3, "threshold": 0.1},
        {"patience": 1, "factor": 0.9, "cooldown": 1, "threshold": 0.0},
    )
    refused = ({"factor": 1.0}, {"factor": 0.0}, {"patience": -1}, {"threshold": -0.1}, {"minimum": 2.0})
    each_epoch = True
    golden_epochs: ClassVar[int] = len(LOSSES)

    @staticmethod
    def reference(schedule: ReduceOnPlateau, epoch: float) -> float:
        return 1.0

    @staticmethod
    def pytorch(optimizer: Any, minimum: float = 0.0, **settings: Any) -> Any:
        from torch.optim.lr_scheduler import ReduceLROnPlateau

        class OfLosses:
            scheduler = ReduceLROnPlateau(optimizer, min_lr=minimum * BASE, **settings)
            losses = iter(LOSSES)

            def step(self) -> None:
                self.scheduler.step(next(self.losses))

        return OfLosses()

    def test_the_learning_rates_are_pytorchs(self, stored: Settings) -> None:
        expected = self.golden_arrays(stored)["rates"]
        assert len(set(expected)) > 2
        found = shares(self.make(stored), LOSSES)[:-1]
        np.testing.assert_allclose(np.multiply(found, BASE), expected, rtol=1e-12)

    def test_a_score_that_rises_is_a_negative_one_that_falls(self) -> None:
        """PyTorch's threshold would make a worse value an improvement, were it negative."""
        schedule = self.make({"patience": 1, "threshold": 0.1, "factor": 0.5})
        assert shares(schedule, [-1.0, -1.05, -1.09, -1.11, -1.12, -1.13]) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]

    def test_nothing_measured_is_no_improvement(self) -> None:
        schedule = self.make({"patience": 1})
        nan = math.nan
        assert shares(schedule, [nan, 1.0, nan, 0.5, nan, nan]) == [1, 1, 1, 1, 1, 1, 0.1]

    @pytest.mark.parametrize(("warmup", "first"), [(0.0, 3), (1.0, 4), (2.0, 5), (1.5, 5)])
    def test_epochs_of_the_warmup_do_not_count(self, warmup: float, first: int) -> None:
        found = shares(self.make({"patience": 1, "warmup": warmup}), [0.1, *[1.0] * 9])
        assert found.index(0.1) == first

    @given(
        st.lists(st.one_of(st.sampled_from([math.nan, -1.0, 0.0, 1.0]), st.floats(-2, 2)), max_size=25),
        st.builds(
            ReduceOnPlateau,
            factor=st.floats(0.1, 0.9),
            patience=st.integers(0, 4),
            threshold=st.sampled_from([0.0, 0.25]),
            cooldown=st.integers(0, 4),
            minimum=st.sampled_from([0.0, 0.3]),
        ),
    )
    def test_any_numbers_give_the_shares_of_the_definition(
        self, values: list[float], schedule: ReduceOnPlateau
    ) -> None:
        assert shares(schedule, values) == naive_shares(schedule, values)
