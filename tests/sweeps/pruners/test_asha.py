"""The ASHA pruner against its rule, written down plainly."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.errors import UsageError
from nnctl.random import generator
from nnctl.sweeps.pruners.asha import ASHA
from nnctl.sweeps.pruners.pruner import Curve
from tests.sweeps.pruners.curves import EPOCHS, curves, earlier_curves, mirrored


def naive(pruner: ASHA, earlier: Sequence[Curve], curve: Curve, epochs: int) -> bool:
    """Whether to stop, where lower is better."""
    epoch = len(curve)
    assert pruner.min_epochs is not None
    if epoch >= epochs or epoch not in [pruner.min_epochs * pruner.factor**rung for rung in range(9)]:
        return False
    if math.isnan(curve[-1]):
        return True
    there = [math.inf if math.isnan(other[epoch - 1]) else other[epoch - 1] for other in earlier if len(other) >= epoch]
    better = sum(value < curve[-1] for value in there)
    go_on = max(1, (len(there) + 1) // pruner.factor)
    return better >= go_on


@settings(deadline=None)
@given(earlier_curves, curves, st.integers(1, 3), st.integers(2, 4))
def test_it_is_the_rule(earlier: list[list[float]], curve: list[float], min_epochs: int, factor: int) -> None:
    pruner = ASHA(min_epochs=min_epochs, factor=factor)
    lower = pruner.judge(earlier, EPOCHS, higher=False)
    higher = pruner.judge(mirrored(earlier), EPOCHS, higher=True)
    for epoch in range(1, len(curve) + 1):
        expected = naive(pruner, earlier, curve[:epoch], EPOCHS)
        assert lower(curve[:epoch]) == expected
        assert higher(mirrored([curve[:epoch]])[0]) == expected


def test_it_is_optunas_own_course_of_a_study() -> None:
    """Trials one after the other, each reported to one study as it goes."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=3))
    earlier: list[list[float]] = []
    for number in range(60):
        values = generator(7, "curve", number).random(20).tolist()
        judge = ASHA(min_epochs=2, factor=3).judge(list(earlier), 20, higher=False)
        trial = study.ask()
        for epoch in range(1, 20):
            trial.report(values[epoch - 1], epoch)
            stops = trial.should_prune()
            assert judge(values[:epoch]) == stops
            if stops:
                break
        earlier.append(values[:epoch])
    optuna.logging.set_verbosity(optuna.logging.INFO)
    assert {len(curve) for curve in earlier} == {2, 6, 18, 19}


def test_the_same_whatever_was_asked_before() -> None:
    judge = ASHA(min_epochs=1, factor=2).judge([[1, 1], [3, 3]], 9, higher=False)
    answers = [judge(curve) for curve in ([2], [0.5], [2], [2, 0.5], [4], [2])]
    assert answers == [True, False, True, False, True, True]


def test_the_first_runs_go_on() -> None:
    assert not ASHA().judge([], 9, higher=False)([5])


def test_unset_it_begins_after_an_eighth_of_the_epochs() -> None:
    judge = ASHA().judge([[1] * 99], 99, higher=False)
    assert [epoch for epoch in range(1, 100) if judge([2] * epoch)] == [12, 36]
    assert ASHA().judge([[1]], 3, higher=False)([2])


def test_of_many_earlier_runs_each_is_looked_at_once_a_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    import optuna

    asked = 0

    def ask(*arguments: Any, **named: Any) -> Any:
        nonlocal asked
        asked += 1
        return usual(*arguments, **named)

    usual = optuna.Study.ask
    monkeypatch.setattr(optuna.Study, "ask", ask)
    earlier = generator(0, "curves").random((200, 30)).tolist()
    curve = [-1.0] * 30  # the best of all, so that every rung is asked
    judge = ASHA(factor=2).judge(earlier, 30, higher=False)
    assert not any(judge(curve[:epoch]) for epoch in range(1, 31))
    assert asked == 201 * len([3, 6, 12, 24])


def test_without_optuna_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match="prune: asha needs the package optuna"):
        ASHA().judge([], 9, higher=False)
