"""A random search draws from the whole space, nothing twice, and the same whenever it is asked."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.sweeps.methods.random import Random, draws
from nnctl.sweeps.parameter import Parameter, Settings
from nnctl.sweeps.space import Space
from tests.support.spaces import choices, numbers, space, spaces, whole_ranges

seeds = st.integers(0, 2**63)


def key(settings: Settings) -> tuple[tuple[str, float], ...]:
    return tuple(settings.items())


def every(space: Space) -> list[Settings]:
    """The grid with all whole numbers of its ranges."""

    def whole(parameter: Parameter) -> Parameter:
        numbers = parameter.range
        return parameter if numbers is None else replace(parameter, range=replace(numbers, log=False, steps=99))

    return list(replace(space, parameters=tuple(whole(parameter) for parameter in space.parameters)).grid())


@pytest.mark.slow
@given(spaces(whole_ranges), seeds)
def test_all_of_a_finite_space_come_once(space: Space, seed: int) -> None:
    expected = sorted(map(key, every(space)), key=str)
    count = Random().count(space, len(expected))
    assert sorted(map(key, Random().all(space, count, seed)), key=str) == expected
    with pytest.raises(ValueError, match=rf"asks for {len(expected) + 1:,} .* only {len(expected):,}; use fewer"):
        Random().count(space, len(expected) + 1)


@given(spaces(), seeds, st.integers(1, 20))
def test_a_longer_search_begins_with_a_shorter_one(space: Space, seed: int, fewer: int) -> None:
    longer = list(islice(Random().all(space, 20, seed), 20))
    assert list(Random().all(space, fewer, seed)) == longer[:fewer]
    assert Random().choose(space, len(longer) - 1, 99, seed, (), False) == longer[-1]
    assert len(set(map(key, longer))) == len(longer)


def test_another_seed_draws_others() -> None:
    wide = space(numbers("a", 0, 1))
    one, other = (list(Random().all(wide, 20, seed)) for seed in (1, 2))
    assert not set(map(key, one)) & set(map(key, other))


def test_every_value_is_as_likely() -> None:
    drawn = list(
        Random().all(
            space(choices("a", *"xyz"), numbers("b", 1e-4, 1, log=True), numbers("c", 1, 4, integer=True)), 3_000, 5
        )
    )
    for values, expected in (
        ([settings["a"] for settings in drawn], 3),
        ([int(np.log10(settings["b"] * 1e4)) for settings in drawn], 4),
        ([settings["c"] for settings in drawn], 4),
    ):
        counts = np.unique_counts(values).counts
        assert len(counts) == expected
        assert abs(counts - 3_000 / expected).max() < 150  # six standard deviations or more


def test_a_condition_that_seldom_holds_hides_nothing() -> None:
    rare = space(choices("a", *range(50)), choices("b", *range(50), when={"a": [7]}))
    assert Random().count(rare, 99) == 99
    assert len(set(map(key, Random().all(rare, 99, seed=0)))) == 99
    with pytest.raises(ValueError, match="asks for 100 combinations, and there are only 99"):
        Random().count(rare, 100)


def test_huge_spaces_are_not_counted_out() -> None:
    huge = space(*(choices(name, *range(100)) for name in "abcdefghi"), numbers("j", 1, 10**9, integer=True))
    assert Random().count(huge, 500) == 500
    assert len(list(islice(draws(huge, 0), 500))) == 500


def test_it_must_be_told_how_many() -> None:
    with pytest.raises(ValueError, match="needs the number of combinations to try; add trials: 20"):
        Random().count(space(choices("a", 1, 2)), None)
