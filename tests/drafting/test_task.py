"""Loss, metrics and transform by the kind of the target."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.table.table import Column
from nnctl.drafting.task import Task, task_of
from nnctl.errors import DataError
from tests.support.tables import category, number, table

ROWS = 200
RANDOM = np.random.default_rng(0)
FLAGS = number("flag", np.arange(ROWS) % 2, kind="yes_no")
BITS = number("bit", np.arange(ROWS) % 2)
SKEWED = number("price", np.exp(RANDOM.normal(size=ROWS)))
NORMAL = number("score", RANDOM.normal(size=ROWS))
EVEN = number("even", RANDOM.uniform(1, 2, size=ROWS))
WORDS = category("kind", ["a", "b", "c", "d"] * 50)


def task(*targets: Column) -> Task:
    return task_of(table(*targets), [target.name for target in targets])


def test_words_are_classes() -> None:
    found = task(WORDS)
    assert (found.loss, found.outputs, found.metrics, found.transform) == ("cross_entropy", 4, ("accuracy", "f1"), ())
    assert not found.numbered


def test_yes_or_no_are_two_classes() -> None:
    assert (task(FLAGS).loss, task(FLAGS).outputs) == ("cross_entropy", 2)


def test_few_whole_numbers_are_classes() -> None:
    digits = task(number("digit", np.arange(ROWS) % 10))
    assert (digits.loss, digits.outputs, digits.numbered) == ("cross_entropy", 10, True)
    assert task(number("n", np.arange(ROWS) % 11)).loss == "mse"  # too many of them
    assert task(number("n", np.arange(50) % 10)).loss == "mse"  # too few rows a class
    assert task(number("n", np.arange(ROWS) % 4 / 2)).loss == "mse"  # not whole


@pytest.mark.parametrize("rows", [2, 15, 200])
@pytest.mark.parametrize("pair", [(0, 1), (-1, 1)])
def test_zeros_and_ones_are_classes_however_few(pair: tuple[int, int], rows: int) -> None:
    found = task(number("late", np.resize(pair, rows)))
    assert (found.loss, found.outputs, found.numbered) == ("cross_entropy", 2, True)
    assert task(number("late", np.resize([0, 1, 2], 15))).loss == "mse"


@pytest.mark.parametrize(
    ("target", "loss", "metrics", "transform"),
    [
        (SKEWED, "huber", ("rmse", "r2", "rmsle"), ("log", "standard")),
        (EVEN, "mse", ("rmse", "r2", "rmsle"), ("standard",)),
        (NORMAL, "mse", ("rmse", "r2"), ("standard",)),
        (number("loss", SKEWED.values - 0.1), "mse", ("rmse", "r2"), ("standard",)),  # skewed, but not all positive
    ],
    ids=lambda value: value.name if isinstance(value, Column) else "",
)
def test_numbers_are_values(target: Column, loss: str, metrics: tuple[str, ...], transform: tuple[str, ...]) -> None:
    found = task(target)
    assert (found.loss, found.outputs, found.metrics, found.transform) == (loss, 1, metrics, transform)


def test_several_targets() -> None:
    assert (task(SKEWED, EVEN).loss, task(SKEWED, EVEN).outputs) == ("mse", 2)
    assert task(SKEWED, EVEN).transform == ("standard",)  # one of them is not skewed
    assert task(SKEWED, NORMAL).metrics == ("rmse", "r2")  # one of them is not positive
    assert (task(FLAGS, BITS).loss, task(FLAGS, BITS).outputs) == ("binary_cross_entropy", 2)
    with pytest.raises(DataError, match="column kind is words: several targets must all be numbers"):
        task(SKEWED, WORDS)
    with pytest.raises(DataError, match="column flag is yes or no"):
        task(SKEWED, FLAGS)


def test_nothing_to_learn() -> None:
    with pytest.raises(DataError, match="has the same value in every row"):
        task(number("y", np.ones(ROWS)))
    with pytest.raises(DataError, match="has 200 different texts in 200 rows"):
        task(category("y", [f"text {row}" for row in range(ROWS)]))
    prices = [f"{row}.5" if row % 4 else f"ask {row}" for row in range(ROWS)]
    with pytest.raises(DataError, match="has 200 different texts in 200 rows, 75% of them numbers, the others words"):
        task(category("y", prices))


def test_classes_that_are_mostly_numbers_say_so() -> None:
    assert task(category("y", ["1", "2", "3", "K"] * 50)).about == "4 classes, 75% of them numbers, the others words"
