"""The tree of losses: each split is the best that there is."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.commands.loss_tree import LEAST_OF_CATEGORY, MOST_NAMED, best_split, paths, roundest
from nnctl.data.table.table import Column
from tests.support.tables import category, number

COLUMNS = st.sampled_from(["few", "real", "missing", "words"])


def column(kind: str, name: str, draw: np.random.Generator, rows: int) -> Column:
    if kind == "words":
        return category(name, [[None, *"abcdef"][draw.integers(7)] for _ in range(rows)])
    values = draw.integers(0, 4, rows).astype(float) if kind == "few" else draw.normal(size=rows)
    return number(name, np.where(draw.random(rows) < 0.3 * (kind == "missing"), np.nan, values))


def taken_off(losses: np.ndarray, inside: np.ndarray) -> float:
    """What a split takes off the sum of squared errors, as a textbook has it."""
    parts = losses[inside], losses[~inside]
    return float(np.square(losses - losses.mean()).sum() - sum(np.square(part - part.mean()).sum() for part in parts))


def every_side(made: Column, rows: np.ndarray) -> list[np.ndarray]:
    """One side of each split that may be made, by trying all."""
    values = made.values[rows]
    if made.labels:
        named = [code for code, count in zip(*np.unique(values, return_counts=True), strict=True) if count >= 4]
        sets = itertools.chain.from_iterable(itertools.combinations(named, size) for size in range(1, MOST_NAMED + 1))
        return [np.isin(values, chosen) for chosen in sets]
    missing = np.isnan(values)
    bounds = np.unique(values[~missing])
    return [side for bound in bounds for side in (values <= bound, (values <= bound) | missing)] + [missing]


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), rows=st.integers(2, 60), kinds=st.lists(COLUMNS, min_size=1, max_size=3))
def test_the_best_of_all_splits_is_taken(seed: int, rows: int, kinds: list[str]) -> None:
    draw = np.random.default_rng(seed)
    columns = [column(kind, str(place), draw, 2 * rows) for place, kind in enumerate(kinds)]
    losses, chosen, least = draw.exponential(size=2 * rows), np.sort(draw.permutation(2 * rows)[:rows]), rows // 8 + 1
    own = losses[chosen]
    sides = [side for made in columns for side in every_side(made, chosen)]
    allowed = [side for side in sides if min(side.sum(), (~side).sum()) >= least]
    found = best_split(columns, losses, chosen, least)
    if not allowed:
        assert found is None
        return
    assert found is not None
    gain, one, other = found
    inside = one.holds()[chosen]
    np.testing.assert_array_equal(other.holds()[chosen], ~inside)
    assert min(inside.sum(), (~inside).sum()) >= least
    np.testing.assert_allclose(gain, max(taken_off(own, side) for side in allowed), rtol=1e-9)
    np.testing.assert_allclose(gain, taken_off(own, inside), rtol=1e-9)


def test_rare_categories_stay_with_what_is_not_named() -> None:
    made = category("c", ["a"] * 9 + ["b"] * 9 + ["odd"] * (LEAST_OF_CATEGORY - 1))
    losses = np.array([1.0] * 9 + [0.0] * 9 + [9.0] * (LEAST_OF_CATEGORY - 1))
    found = best_split([made], losses, np.arange(len(losses)), LEAST_OF_CATEGORY)
    assert found is not None
    assert {side.text() for side in found[1:]} == {"c is b", "c is not b"}


def test_the_leaves_part_all_samples_and_are_large_enough() -> None:
    draw = np.random.default_rng(7)
    columns = [column(kind, kind, draw, 300) for kind in ("few", "real", "missing", "words")]
    losses = np.where((columns[1].values > 0) & (columns[0].values > 1), 1.0, 0.0) + draw.random(300)
    leaves = [*paths(columns, losses, np.arange(300), 20, 3)]
    masks = np.array([np.logical_and.reduce([part.holds() for part in path]) for path in leaves])
    assert (masks.sum(axis=0) == 1).all()
    assert (masks.sum(axis=1) >= 20).all()
    assert max(map(len, leaves)) == 3
    assert [path[0].column.name for path in leaves] == [leaves[0][0].column.name] * len(leaves)


def test_equal_losses_are_not_split() -> None:
    assert [*paths([number("x", np.arange(50.0))], np.full(50, 0.3), np.arange(50), 5, 3)] == [()]


@settings(deadline=None)
@given(low=st.floats(-1e9, 1e9), step=st.floats(1e-9, 1e9))
def test_a_threshold_parts_its_neighbours(low: float, step: float) -> None:
    high = low + step
    if low < high:
        assert low <= roundest(low, high) < high


def test_a_threshold_has_few_digits() -> None:
    assert [roundest(2_991, 3_010), roundest(3, 4), roundest(0.1234, 0.1299), roundest(-7, -2)] == [3_000, 3, 0.127, -4]
