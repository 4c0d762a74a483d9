"""Sizes by the number of rows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nnctl.drafting.hyperparameters import hyperparameters_for

sizes = st.integers(1, 10**8)


@given(sizes, sizes)
def test_more_rows_never_get_a_smaller_network_or_fewer_steps(one: int, other: int) -> None:
    small, large = hyperparameters_for(min(one, other)), hyperparameters_for(max(one, other))
    assert small.width <= large.width
    assert small.batch_size <= large.batch_size
    assert small.epochs >= large.epochs or min(one, other) < 32 * 32 * 32
    assert small.rare <= large.rare


@given(sizes)
def test_every_recipe_can_be_trained(rows: int) -> None:
    hyperparameters = hyperparameters_for(rows)
    assert 1 <= hyperparameters.batch_size <= rows
    assert 15 <= hyperparameters.epochs <= 200
    assert 5 <= hyperparameters.patience < max(6, hyperparameters.epochs)
    assert 32 <= hyperparameters.width <= 256


def test_the_sizes_that_were_measured() -> None:
    houses, penguins = hyperparameters_for(2373), hyperparameters_for(279)
    assert (houses.width, houses.batch_size, houses.rare) == (128, 64, 4)
    assert 60 <= houses.epochs <= 100
    assert (penguins.width, penguins.batch_size, penguins.rare) == (32, 16, 1)
    assert 100 <= penguins.epochs <= 200
