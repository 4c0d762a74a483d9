"""Stochastic weight averaging."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnctl.averaging.swa import SWA
from tests.support.averaging_check import STEPS, AveragingCheck


class TestSWA(AveragingCheck):
    kind = SWA
    cases = ({"start": 1}, {"start": 3}, {"start": 8})
    refused = ({}, {"start": 0}, {"start": 1.5}, {"start": "2"})

    @staticmethod
    def reference(averaging: SWA, weights: Sequence[float]) -> float:
        ends = weights[STEPS - 1 :: STEPS]
        return float(np.mean(ends[averaging.start - 1 :] or ends[-1:] or [0.0]))


def test_running_statistics_are_made_anew_from_its_start_on() -> None:
    assert [SWA(start=3).is_of_epochs(epoch) for epoch in range(1, 6)] == [False, False, True, True, True]
