"""Slices: what is planted is found, and nothing is named of noise."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.commands.slices import CHANCE, Classes, find_slices
from nnctl.data.table.table import Column
from tests.support.tables import category, number

NOISE = {
    "squared normal errors": lambda draw, count: np.square(draw.normal(size=count)),
    "squared errors with outliers": lambda draw, count: np.square(draw.standard_t(2, size=count)),
    "a few wrong classes": lambda draw, count: np.where(
        draw.random(count) < 0.03, 0.7 + draw.exponential(3, count), draw.exponential(0.02, count)
    ),
    "two values": lambda draw, count: np.where(draw.random(count) < 0.3, 1.2, 0.35),
}


def table(draw: np.random.Generator, count: int) -> list[Column]:
    """Numbers, some missing, and columns of 3, 8, 13 and 18 words."""
    numbers = [
        number(f"x{place}", np.where(draw.random(count) < 0.1 * (place % 3), np.nan, draw.normal(size=count)))
        for place in range(4)
    ]
    words = [
        category(f"c{place}", [f"l{code}" for code in draw.integers(0, 3 + 5 * place, count)]) for place in range(4)
    ]
    return [*numbers, *words]


def named(losses: np.ndarray, columns: list[Column], seed: int = 0, **keys: bool) -> list[str]:
    return [made.text for made in find_slices(losses, columns, [], seed, **{"is_ordered": False, **keys})]


@pytest.mark.parametrize("kind", NOISE)
@pytest.mark.parametrize("count", [120, 600])
def test_nothing_is_named_of_noise(kind: str, count: int) -> None:
    """The seeds are fixed; of 25, one may be named by chance, which is a hundredth each."""
    found = 0
    for seed in range(25):
        draw = np.random.default_rng(seed)
        columns = table(draw, count)
        found += bool(named(NOISE[kind](draw, count), columns, seed))
    assert found <= 1
    assert CHANCE <= 0.01


@pytest.mark.parametrize("seed", range(8))
def test_a_category_is_found_and_nothing_else(seed: int) -> None:
    draw = np.random.default_rng(seed)
    columns = table(draw, 800)
    planted = columns[5].values == 2
    losses = np.square(draw.normal(size=800) * np.where(planted, 4, 1))
    assert named(losses, columns, seed) == [f"c1 is {columns[5].labels[2]}"]


def test_conditions_on_two_columns_are_found_in_their_units() -> None:
    draw = np.random.default_rng(3)
    size, age = number("size", draw.uniform(0, 5_000, 4_000)), number("age", draw.integers(0, 90, 4_000))
    planted = (size.values > 3_000) & (age.values <= 20)
    losses = np.square(draw.normal(size=4_000) * np.where(planted, 5, 1))
    (found,) = find_slices(losses, [*table(draw, 4_000), size, age], [], 0, is_ordered=False)
    where = {condition.to_json()["column"]: condition.to_json() for condition in found.conditions}
    assert where.keys() == {"size", "age"}
    assert where["size"]["above"] == pytest.approx(3_000, rel=0.03)
    assert where["age"]["at_most"] == pytest.approx(20, abs=1)
    assert np.mean(found.rows == planted) > 0.99


def test_missing_values_are_found() -> None:
    draw = np.random.default_rng(4)
    columns = table(draw, 1_000)
    losses = np.square(draw.normal(size=1_000) * np.where(np.isnan(columns[2].values), 4, 1))
    assert named(losses, columns) == ["x2 is missing"]


def test_several_are_named_the_worst_first() -> None:
    draw = np.random.default_rng(5)
    columns = table(draw, 2_000)
    scale = np.where(columns[5].values == 1, 9, np.where(columns[4].values == 0, 3, 1))
    losses = np.square(draw.normal(size=2_000) * scale)
    texts = named(losses, columns)
    assert texts[0] == f"c1 is {columns[5].labels[1]}"
    assert texts[1].startswith(f"c0 is {columns[4].labels[0]}")


def test_few_samples_and_small_effects_are_not_named() -> None:
    draw = np.random.default_rng(6)
    columns = table(draw, 600)
    rare = np.arange(600) < 15
    columns.append(category("rare", ["odd" if is_rare else "usual" for is_rare in rare]))
    assert named(np.where(rare, 9.0, draw.random(600)), columns) == []
    half = number("half", np.arange(50_000) % 2)
    assert named(draw.random(50_000) + 0.02 * half.values, [half]) == []  # significant, and no news
    assert named(np.ones(39), [number("x", np.arange(39.0))]) == []
    assert named(np.ones(100), []) == []


def test_of_ordered_samples_the_later_half_confirms() -> None:
    """An hour of trouble stands in one half alone: it is no property of the hours of a day."""
    draw = np.random.default_rng(7)
    hour = number("hour", np.arange(2_000) % 24)
    once = (hour.values > 20) & (np.arange(2_000) < 1_000)
    always = hour.values > 20
    size = draw.normal(size=2_000)
    assert named(np.square(size * np.where(once, 6, 1)), [hour], is_ordered=True) == []
    assert named(np.square(size * np.where(once, 6, 1)), [hour]) == ["hour above 20"]
    assert named(np.square(size * np.where(always, 6, 1)), [hour], is_ordered=True) == ["hour above 20"]


def test_the_loss_of_a_rare_class_is_large_by_right() -> None:
    """A class stands out where it is worse than for a network that knows how many samples of each there are."""
    draw = np.random.default_rng(8)
    own = category("kind", ["rare" if draw.random() < 0.1 else "usual" for _ in range(2_000)])
    shares = np.bincount(own.values) / 2_000
    losses = -np.log(shares)[own.values] * draw.exponential(size=2_000)
    classes = Classes(own, are_true=True)
    assert find_slices(losses, [], [classes], 0, is_ordered=False) == []
    losses[own.values == own.labels.index("rare")] *= 4
    (found,) = find_slices(losses, [], [classes], 0, is_ordered=False)
    assert (found.text, found.is_true_class) == ("kind is rare", True)
    one = category("kind", ["only"] * 2_000)
    assert find_slices(losses, [], [Classes(one, are_true=True)], 0, is_ordered=False) == []


def test_of_two_that_are_mostly_the_same_the_true_class_is_named() -> None:
    draw = np.random.default_rng(9)
    own = category("kind", [f"k{code}" for code in draw.integers(0, 10, 3_000)])
    planted = own.values == 4
    flag = category("flag", ["yes" if own else "no" for own in planted & (draw.random(3_000) < 0.95)])
    losses = np.square(draw.normal(size=3_000) * np.where(planted, 4, 1))
    assert named(losses, [flag]) == ["flag is yes"]
    (found,) = find_slices(losses, [flag], [Classes(own, are_true=True)], 0, is_ordered=False)
    assert found.text == f"kind is {own.labels[4]}"


def test_the_same_seed_gives_the_same_slices() -> None:
    draw = np.random.default_rng(9)
    columns = table(draw, 500)
    losses = np.square(draw.normal(size=500) * np.where(columns[0].values > 0.5, 3, 1))
    first = find_slices(losses, columns, [], 1, is_ordered=False)
    again = find_slices(losses.copy(), columns, [], 1, is_ordered=False)
    assert [made.key for made in first] == [made.key for made in again] != []
