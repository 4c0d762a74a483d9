"""The one check for every schedule."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from nnctl.schedules.schedule import Schedule
from tests.support.kind_check import GOLDEN, KindCheck, Settings

BASE, EPOCHS, STEPS = 0.3, 10, 7
WARMUP = GOLDEN / "schedules" / "warmup.npz"


def rates(schedule: Schedule, epochs: int = EPOCHS, steps: int = STEPS, base: float = BASE) -> NDArray[np.float64]:
    return np.array([schedule.learning_rate(base, step, steps, epochs) for step in range(epochs * steps)])


class ScheduleCheck(KindCheck, ABC):
    """PyTorch's numbers, the formula, the warm-up."""

    each_epoch: ClassVar[bool] = False
    """Whether PyTorch's scheduler is stepped after each epoch, and not after each step."""
    golden_epochs: ClassVar[int] = EPOCHS
    takes_warmup: ClassVar[bool] = True

    @staticmethod
    @abstractmethod
    def reference(schedule: Any, epoch: float) -> float:
        """The share after so many of EPOCHS epochs, without a warm-up."""

    @staticmethod
    @abstractmethod
    def pytorch(optimizer: Any, **settings: Any) -> Any:
        """PyTorch's scheduler for EPOCHS epochs of STEPS steps from BASE; for golden/make_schedules.py."""

    def falls(self, case: Settings) -> bool:
        """Whether it never rises after the full learning rate."""
        return True

    def warmed(self, case: Settings, warmup: float) -> Schedule:
        """With this warm-up, where it takes one."""
        made: Schedule = self.make({**case, "warmup": warmup} if self.takes_warmup else case)
        return made

    def test_the_learning_rates_are_pytorchs(self, stored: Settings) -> None:
        expected = self.golden_arrays(stored)["rates"]
        if self.each_epoch:
            expected = np.repeat(expected, STEPS)
        np.testing.assert_allclose(rates(self.make(stored)), expected, rtol=1e-12, atol=1e-15)

    def test_the_formula(self, case: Settings) -> None:
        schedule = self.make(case)
        for epoch in (0.0, 0.5, 2.999, 3.0, 6.25, 9.0, 9.99):
            assert schedule.share(epoch, EPOCHS, 1 / STEPS) == pytest.approx(self.reference(schedule, epoch), rel=1e-12)

    def test_the_warmup_is_pytorchs_and_the_schedule_follows_it(self, case: Settings) -> None:
        if not self.takes_warmup:
            with pytest.raises(ValidationError, match="remove warmup"):
                self.make({**case, "warmup": 2.0})
            return
        found = rates(self.warmed(case, 2.0))
        with np.load(WARMUP) as golden:
            np.testing.assert_allclose(found[: 2 * STEPS], golden["rates"], rtol=1e-12)
        assert found[0] == pytest.approx(BASE / (2 * STEPS))
        assert found[2 * STEPS - 1] == BASE
        np.testing.assert_allclose(found[2 * STEPS :], rates(self.make(case), epochs=EPOCHS - 2), rtol=1e-12)

    @given(warmup=st.floats(0, 8), steps=st.integers(1, 50), epochs=st.integers(1, 8))
    @settings(suppress_health_check=[HealthCheck.differing_executors])  # every kind runs it
    def test_every_learning_rate_is_a_share_of_the_base(
        self, case: Settings, warmup: float, steps: int, epochs: int
    ) -> None:
        found = rates(self.warmed(case, warmup), epochs, steps)
        assert (found >= 0).all()
        assert (found <= BASE * (1 + 1e-12)).all()
        if not self.falls(case):
            return
        assert (found > 0).all()
        peak = int(found.argmax())
        assert (np.diff(found[: peak + 1]) >= 0).all()
        assert (np.diff(found[peak:]) <= 1e-15).all()

    @pytest.mark.parametrize("warmup", [0.0, 1.5])
    def test_many_steps_at_once_are_the_steps_one_by_one(self, case: Settings, warmup: float) -> None:
        schedule = self.warmed(case, warmup)
        steps = np.arange(3, 40)
        one_by_one = [schedule.learning_rate(0.3, int(step), 7, 9) for step in steps]
        assert schedule.learning_rates(0.3, steps, 7, 9) == one_by_one
