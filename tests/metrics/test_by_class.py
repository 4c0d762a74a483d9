"""Precision, recall and F1 of each class."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.metrics.by_class import by_class, macro
from tests.support.naive_by_class import scores_of


def test_a_small_table() -> None:
    rows = by_class(np.array([[5, 1, 0], [2, 2, 0], [0, 0, 0]]))
    assert rows[0] == (pytest.approx(5 / 7), pytest.approx(5 / 6), pytest.approx(10 / 13), 6)
    assert rows[1] == (pytest.approx(2 / 3), pytest.approx(1 / 2), pytest.approx(4 / 7), 4)
    assert rows[2] == (0.0, 0.0, 0.0, 0)
    assert isinstance(rows[0].samples, int)


def test_what_samples_weigh_need_not_be_whole() -> None:
    rows = by_class(np.array([[0.5, 0.25], [0.25, 0.0]]))
    assert rows[0] == (pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(2 / 3), 0.75)


def test_a_class_that_is_only_predicted_counts_as_zero_and_one_that_is_absent_not_at_all() -> None:
    predicted_only = np.array([[3.0, 1.0], [0.0, 0.0]])
    assert macro(predicted_only, "recall") == pytest.approx(0.75 / 2)
    assert macro(np.array([[4.0, 0.0], [0.0, 0.0]]), "recall") == 1.0
    assert math.isnan(macro(np.zeros((2, 2)), "f1"))


@pytest.mark.slow
@given(pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=40))
def test_every_row_is_its_definition(pairs: list[tuple[int, int]]) -> None:
    confusion = np.zeros((4, 4))
    for actual, predicted in pairs:
        confusion[actual, predicted] += 1
    rows = by_class(confusion)
    for cls, row in enumerate(rows):
        expected = scores_of(cls, [predicted for _, predicted in pairs], [actual for actual, _ in pairs])
        assert row[:3] == pytest.approx(expected, rel=1e-12)
        assert row.samples == sum(actual == cls for actual, _ in pairs)
