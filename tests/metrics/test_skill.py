"""How much better than the last value."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnctl.metrics.rmse import RMSE
from nnctl.metrics.skill import Skill
from tests.support.metric_check import MetricCheck, measure


class TestSkill(MetricCheck):
    kind = Skill
    fits = ("values",)

    def test_beside_the_last_value(self) -> None:
        generator = np.random.default_rng(0)
        outputs, targets = generator.normal(size=(2, 9, 2))
        rmse = measure(RMSE(), outputs, targets, 0)
        assert measure(Skill().beside(2.0), outputs, targets, 0) == pytest.approx(1 - rmse / 2, rel=1e-12)
        assert measure(Skill().beside(rmse), outputs, targets, 0) == pytest.approx(0, abs=1e-12)
        assert measure(Skill().beside(1.0), targets, targets, 0) == 1.0

    def test_where_there_is_no_last_value(self) -> None:
        zeros = np.zeros((2, 1))
        for last_value in (math.nan, 0.0):
            assert math.isnan(measure(Skill().beside(last_value), zeros, zeros, 0))
        assert math.isnan(measure(Skill(), zeros, zeros, 0))

    def test_other_metrics_are_as_they_are(self) -> None:
        assert RMSE().beside(3.0) == RMSE()
