"""A grid tries every combination, in its order."""

from __future__ import annotations

import pytest
from hypothesis import given

from nnctl.sweeps.methods.grid import Grid
from nnctl.sweeps.space import Space
from tests.support.spaces import choices, numbers, space, spaces


@pytest.mark.slow
@given(spaces())
def test_every_combination_once_in_the_order_of_the_space(space: Space) -> None:
    expected = list(space.grid())
    count = Grid().count(space, None)
    assert list(Grid().all(space, count, seed=0)) == expected
    assert [Grid().choose(space, number, count, 0, (), False) for number in range(count)] == expected


def test_conditions_make_them_fewer() -> None:
    momentum = choices("momentum", 0.0, 0.5, 0.9, when={"optimizer": ["sgd"]})
    assert Grid().count(space(choices("optimizer", "sgd", "adam"), momentum), None) == 4


def test_the_number_of_trials_is_its_own() -> None:
    with pytest.raises(ValueError, match=r"is set, and a grid tries all.*; leave trials out, or use method: random"):
        Grid().count(space(choices("a", 1, 2)), 2)


def test_a_range_needs_steps() -> None:
    with pytest.raises(ValueError, match=r"^rate is a range, .*; add steps: 5$"):
        Grid().count(space(choices("a", 1, 2), numbers("rate", 0, 1)), None)
    assert Grid().count(space(choices("a", 1, 2), numbers("rate", 0, 1, steps=5)), None) == 10


def test_more_than_anybody_can_run_are_not_counted() -> None:
    huge = space(*(choices(name, *range(10)) for name in "abcdefghi"))
    with pytest.raises(ValueError, match=r"up to 1,000,000,000 combinations, at most 10,000 .*; remove values"):
        Grid().count(huge, None)
