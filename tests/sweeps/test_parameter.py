"""What a parameter takes, and what it sets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.config.document import Document
from nnctl.errors import ConfigError
from nnctl.sweeps.parameter import Range
from tests.support.spaces import PLACE, choices, numbers, ranges, whole_ranges

fractions = st.floats(0.0, 1.0)
every_range = st.one_of(ranges, whole_ranges)


@given(every_range, fractions)
def test_a_range_has_its_ends_and_what_is_between(numbers: Range, fraction: float) -> None:
    assert numbers.at(0.0) == numbers.low
    assert numbers.at(1.0) == pytest.approx(numbers.high)
    assert numbers.low <= numbers.at(fraction) <= numbers.high
    assert isinstance(numbers.at(fraction), int if numbers.integer else float)


@given(every_range, fractions, fractions)
def test_it_goes_up(numbers: Range, one: float, other: float) -> None:
    low, high = sorted([one, other])
    assert numbers.at(low) <= numbers.at(high)


@given(ranges)
def test_the_middle(numbers: Range) -> None:
    middle = math.sqrt(numbers.low * numbers.high) if numbers.log else (numbers.low + numbers.high) / 2
    assert numbers.at(0.5) == pytest.approx(middle, rel=1e-5)


def test_numbers_have_as_many_digits_as_people_read() -> None:
    assert Range(1e-4, 1.0, log=True).at(0.3) == 0.00158489
    assert Range(1.0, 1.0 + 1e-9).at(0.5) == 1.0000000005


def test_whole_numbers_are_as_likely_as_each_other() -> None:
    drawn = [Range(2, 5, integer=True).at(fraction) for fraction in (np.arange(400) + 0.5) / 400]
    assert [drawn.count(number) for number in (2, 3, 4, 5)] == [100] * 4


@given(every_range)
def test_a_grid_goes_from_end_to_end_in_even_steps(numbers: Range) -> None:
    grid = numbers.grid()
    assert grid == sorted(set(grid))
    assert grid[0] == pytest.approx(numbers.low)
    assert grid[-1] == pytest.approx(numbers.high)
    if not numbers.integer:
        assert len(grid) == numbers.steps
        gaps = np.diff(np.log(grid) if numbers.log else grid)
        np.testing.assert_allclose(gaps, gaps[0], rtol=1e-3)


def test_grids_as_people_expect_them() -> None:
    assert Range(1e-4, 1e-1, log=True, steps=4).grid() == [1e-4, 1e-3, 1e-2, 1e-1]
    assert Range(0, 1, steps=5).grid() == [0, 0.25, 0.5, 0.75, 1]
    assert Range(1, 3, integer=True, steps=5).grid() == [1, 2, 3]
    assert Range(8, 128, log=True, integer=True, steps=5).grid() == [8, 16, 32, 64, 128]


def test_it_sets_what_it_is_named_for() -> None:
    document = Document("base.yaml", {"optimizer": "sgd", "layers": [{"type": "linear", "out_features": 1}]})
    numbers("learning_rate", 0.1, 1.0).set(document, 0.3)
    choices("optimizer.momentum", 0.5, 0.9).set(document, 1)
    choices("layers.0.out_features", 8, 16).set(document, 0)
    assert document.tree == {
        "optimizer": {"type": "sgd", "momentum": 0.9},
        "layers": [{"type": "linear", "out_features": 8}],
        "learning_rate": 0.3,
    }
    assert document.place(("learning_rate",)) == document.place(("optimizer", "momentum")) == PLACE


def test_linked_keys_change_together() -> None:
    parameter = choices("batch_size,learning_rate", [16, 0.01], [64, 0.04])
    document = Document("base.yaml", {})
    parameter.set(document, 1)
    assert document.tree == {"batch_size": 64, "learning_rate": 0.04}
    assert parameter.json(1) == [64, 0.04]
    assert parameter.grid() == [0, 1]


def test_whole_alternatives_are_copied_into_each_run() -> None:
    parameter = choices("optimizer", {"type": "sgd", "momentum": 0.9}, "adam")
    base = Document("base.yaml", {})
    one, other = base.copy(), base.copy()
    parameter.set(one, 0)
    choices("optimizer.momentum", 0.1).set(one, 0)
    parameter.set(other, 0)
    assert other.tree == {"optimizer": {"type": "sgd", "momentum": 0.9}}


def test_a_place_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match="layers has no item 3"):
        choices("layers.3.p", 0.1).set(Document("base.yaml", {"layers": ["flatten"]}), 0)


@pytest.mark.parametrize(
    ("when", "tree", "used"),
    [
        ({}, {}, True),
        ({"optimizer": ["sgd"]}, {"optimizer": "sgd"}, True),
        ({"optimizer": ["sgd"]}, {"optimizer": {"type": "sgd", "momentum": 0.9}}, True),
        ({"optimizer.type": ["sgd"]}, {"optimizer": "sgd"}, True),
        ({"optimizer": ["sgd"]}, {"optimizer": "adam"}, False),
        ({"optimizer": ["sgd"]}, {}, False),
        ({"optimizer": ["sgd", "adam"]}, {"optimizer": "adam"}, True),
        ({"layers.1.p": [0.5]}, {"layers": ["flatten", {"type": "dropout", "p": 0.5}]}, True),
        ({"layers.5.p": [0.5]}, {"layers": ["flatten"]}, False),
        ({"optimizer": ["sgd"], "epochs": [3]}, {"optimizer": "sgd", "epochs": 4}, False),
        ({"nesterov": [True]}, {"nesterov": 1}, False),
        ({"epochs": [1]}, {"epochs": True}, False),
        ({"clip_norm": [None]}, {"clip_norm": None}, True),
    ],
    ids=str,
)
def test_conditions(when: dict[str, list[Any]], tree: Any, used: bool) -> None:
    assert choices("a", 1, when=when).is_used(tree) is used
