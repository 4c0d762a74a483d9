"""The median pruner against its rule, written down plainly."""

from __future__ import annotations

import math
import statistics
import sys
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.errors import UsageError
from nnctl.sweeps.pruners.median import Median
from nnctl.sweeps.pruners.pruner import Curve
from tests.sweeps.pruners.curves import EPOCHS, curves, earlier_curves, mirrored


def naive(pruner: Median, earlier: Sequence[Curve], curve: Curve, epochs: int) -> bool:
    """Whether to stop, where lower is better."""
    epoch = len(curve)
    assert pruner.min_epochs is not None
    if epoch < pruner.min_epochs or epoch >= epochs or len(earlier) < pruner.startup:
        return False
    best = min((value for value in curve if not math.isnan(value)), default=math.inf)
    there = [math.inf if math.isnan(other[epoch - 1]) else other[epoch - 1] for other in earlier if len(other) >= epoch]
    if best == math.inf:
        return True
    return bool(there) and best > statistics.median(there)


@settings(deadline=None)
@given(earlier_curves, curves, st.integers(1, 4), st.integers(1, 4))
def test_it_is_the_rule(earlier: list[list[float]], curve: list[float], startup: int, min_epochs: int) -> None:
    pruner = Median(startup=startup, min_epochs=min_epochs)
    lower = pruner.judge(earlier, EPOCHS, higher=False)
    higher = pruner.judge(mirrored(earlier), EPOCHS, higher=True)
    for epoch in range(1, len(curve) + 1):
        expected = naive(pruner, earlier, curve[:epoch], EPOCHS)
        assert lower(curve[:epoch]) == expected
        assert higher(mirrored([curve[:epoch]])[0]) == expected


def test_the_best_so_far_counts() -> None:
    judge = Median(startup=3).judge([[5, 4, 3]] * 3, 4, higher=False)
    assert judge([6])
    assert not judge([4.5])
    assert not judge([2, 99, 99])


def test_earlier_runs_that_were_pruned_count_as_far_as_they_came() -> None:
    judge = Median(startup=3, min_epochs=1).judge([[9], [9], [1, 1]], 9, higher=False)
    assert not judge([8])
    assert judge([8, 8])


def test_unset_it_begins_after_an_eighth_of_the_epochs() -> None:
    judge = Median(startup=1).judge([[1] * 20], 20, higher=False)
    assert [epoch for epoch in range(1, 21) if judge([2] * epoch)] == list(range(2, 20))


def test_nobody_is_stopped_at_the_last_epoch() -> None:
    judge = Median(startup=1).judge([[1, 1]], 2, higher=False)
    assert judge([2])
    assert not judge([2, 2])


def test_without_optuna_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match="prune: median needs the package optuna"):
        Median().judge([], 9, higher=False)
