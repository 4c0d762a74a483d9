"""TPE learns, proposes nothing twice, and says the same whenever it is asked."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from math import inf, log10, nan
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as how
from hypothesis import strategies as st

from nnctl.errors import UsageError
from nnctl.sweeps.methods.method import Method, Tried
from nnctl.sweeps.methods.random import Random
from nnctl.sweeps.methods.tpe import TPE
from nnctl.sweeps.parameter import Settings
from nnctl.sweeps.space import Space
from tests.support.spaces import choices, numbers, space, spaces, whole_ranges

PLANE = space(numbers("x", -5, 5), numbers("y", 1e-4, 1e4, log=True))


def bowl(settings: Settings) -> float:
    return (settings["x"] - 2) ** 2 + (log10(settings["y"]) + 1) ** 2


def search(
    method: Method, space: Space, value: Callable[[Settings], Any], trials: int, seed: int, parallel: int = 1
) -> list[Tried]:
    """What a sweep tries. value: None of a failed trial, a tuple is the curve of a pruned one."""
    tried: list[Tried] = []
    for number in range(trials):
        known = [
            earlier if index <= number - parallel else Tried(earlier.settings, ended=False)
            for index, earlier in enumerate(tried)
        ]
        chosen = method.choose(space, number, trials, seed, known, higher=False)
        found = value(chosen)
        curve = found if isinstance(found, tuple) else ()
        tried.append(Tried(chosen, None if isinstance(found, tuple) else found, curve=curve))
    return tried


def best(tried: Sequence[Tried]) -> float:
    return min(each.value for each in tried if each.value is not None)


@pytest.mark.slow
def test_it_finds_the_bottom_of_a_bowl_sooner_than_a_random_search() -> None:
    found = {
        kind: [best(search(kind(), PLANE, bowl, 40, seed, parallel=4)) for seed in range(5)] for kind in (TPE, Random)
    }
    assert median(found[TPE]) < median(found[Random]) / 2


def test_it_goes_up_where_higher_is_better() -> None:
    tried = [Tried({"x": x / 4, "y": 1.0}, x / 4) for x in range(-20, 21)]
    up, down = (
        [TPE().choose(PLANE, number, 99, 0, tried, higher)["x"] for number in range(41, 51)] for higher in (True, False)
    )
    assert min(up) > 0 > max(down)


def test_it_begins_as_a_random_search_does() -> None:
    tried = search(TPE(startup=7), PLANE, bowl, 12, seed=3)
    expected = list(Random().all(PLANE, 12, seed=3))
    assert [each.settings for each in tried[:7]] == expected[:7]
    assert [each.settings for each in tried[7:]] != expected[7:]


def test_only_ended_trials_let_it_begin_to_learn() -> None:
    tried = [Tried({"x": x / 4, "y": 1.0}, ended=False) for x in range(10)]
    drawn = next(iter(Random().all(PLANE, 1, seed=0)))
    assert TPE().choose(PLANE, 10, 99, 0, tried, False) == drawn
    ended = [Tried(each.settings, 1.0) for each in tried]
    assert TPE().choose(PLANE, 10, 99, 0, ended, False) != drawn


def test_it_leaves_what_fails() -> None:
    def value(chosen: Settings) -> float | None:
        return None if chosen["x"] > 0 else log10(chosen["y"])

    later = [each for seed in range(3) for each in search(TPE(), PLANE, value, 40, seed)[20:]]
    assert sum(each.value is None for each in later) < len(later) / 3  # of a random search half fail


def test_it_learns_from_pruned_trials() -> None:
    tried = search(TPE(), PLANE, lambda chosen: (9.0, bowl(chosen)) if len(chosen) else None, 40, seed=1)
    assert median(bowl(each.settings) for each in tried[-15:]) < median(bowl(each.settings) for each in tried[:10]) / 2


def test_those_under_way_are_not_proposed_again() -> None:
    few = space(choices("a", *range(6)), choices("b", *range(6)))
    tried = search(TPE(startup=4), few, lambda chosen: chosen["a"] + chosen["b"], 36, seed=0, parallel=4)
    assert len({tuple(each.settings.items()) for each in tried}) == 36


outcomes = st.one_of(
    st.floats(-1e6, 1e6), st.none(), st.lists(st.sampled_from([0.5, 1.0, nan]), min_size=1, max_size=3).map(tuple)
)


@how(deadline=None, max_examples=30)
@given(spaces(whole_ranges), st.data())
def test_every_space_is_tried_to_its_end_with_nothing_twice(space: Space, data: st.DataObject) -> None:
    whole = len(list(Random().all(space, 10_000, seed=0)))
    trials = TPE(startup=2).count(space, min(whole, 8))
    tried = search(TPE(startup=2), space, lambda chosen: data.draw(outcomes), trials, seed=4, parallel=2)
    assert len({tuple(each.settings.items()) for each in tried}) == trials
    for each in tried:
        walked = space.walk(lambda parameter: each.settings[parameter.name])  # noqa: B023 - called at once
        assert walked == each.settings


@how(deadline=None, max_examples=20)
@given(spaces(), st.integers(0, 2**63), st.booleans())
def test_the_same_answer_whenever_it_is_asked(space: Space, seed: int, higher: bool) -> None:
    *known, _ = Random().all(space, 12, seed)
    tried = [Tried(settings, float(number % 5)) for number, settings in enumerate(known)]
    method = TPE(startup=1)
    first = method.choose(space, len(tried), 99, seed, tried, higher)
    method.choose(space, 1, 99, seed + 1, tried[:1], not higher)
    assert TPE(startup=1).choose(space, len(tried), 99, seed, list(tried), higher) == first


def test_it_says_nothing_of_its_own(capfd: pytest.CaptureFixture[str]) -> None:
    import optuna

    before = optuna.logging.get_verbosity()
    search(TPE(startup=2), PLANE, bowl, 4, seed=0)
    assert capfd.readouterr() == ("", "")
    assert optuna.logging.get_verbosity() == before == logging.INFO


def test_without_optuna_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(UsageError, match="method tpe needs the package optuna") as caught:
        TPE().count(PLANE, 10)
    assert caught.value.problems[0].help == "pip install 'nnctl[search]'"


def test_it_must_be_told_how_many() -> None:
    with pytest.raises(ValueError, match="add trials: 20"):
        TPE().count(PLANE, None)
    assert inf > best(search(TPE(), PLANE, bowl, 1, seed=0))
