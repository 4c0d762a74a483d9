"""Sizes by the number of rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nnctl.drafting.recipe import recipe_for

sizes = st.integers(1, 10**8)


@given(sizes, sizes)
def test_more_rows_never_get_a_smaller_network_or_fewer_steps(one: int, other: int) -> None:
    small, large = recipe_for(min(one, other)), recipe_for(max(one, other))
    assert small.width <= large.width
    assert small.batch_size <= large.batch_size
    assert small.epochs >= large.epochs or min(one, other) < 32 * 32 * 32
    assert small.rare <= large.rare


@given(sizes)
def test_every_recipe_can_be_trained(rows: int) -> None:
    recipe = recipe_for(rows)
    assert 1 <= recipe.batch_size <= rows
    assert 15 <= recipe.epochs <= 200
    assert 5 <= recipe.patience < max(6, recipe.epochs)
    assert 32 <= recipe.width <= 256


def test_the_sizes_that_were_measured() -> None:
    houses, penguins = recipe_for(2373), recipe_for(279)
    assert (houses.width, houses.batch_size, houses.rare) == (128, 64, 4)
    assert 60 <= houses.epochs <= 100
    assert (penguins.width, penguins.batch_size, penguins.rare) == (32, 16, 1)
    assert 100 <= penguins.epochs <= 200
