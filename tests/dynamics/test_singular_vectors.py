"""The directions in which a matrix is largest, against LAPACK's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl import random
from nnctl.dynamics.singular_vectors import right_singular_vectors


@given(rows=st.integers(1, 6), columns=st.integers(1, 6), seed=st.integers(0, 50), data=st.data())
def test_they_are_those_of_lapack(rows: int, columns: int, seed: int, data: st.DataObject) -> None:
    generator = random.generator(seed, "matrix")
    left, right = (np.linalg.qr(generator.normal(size=(size, size)))[0] for size in (rows, columns))
    rank = min(rows, columns)
    values = 10.0 ** data.draw(st.integers(-9, 9)) * 0.7 ** np.arange(rank)
    matrix = left[:, :rank] * values @ right[:rank]
    count = data.draw(st.integers(1, columns))
    found = right_singular_vectors(matrix, count, generator.normal(size=(count, columns)))
    np.testing.assert_allclose(found @ found.T, np.eye(count), atol=1e-12)
    known = min(count, rank)
    cosines = np.abs((found[:known] * right[:known]).sum(axis=1))
    np.testing.assert_allclose(cosines, 1, atol=1e-9)


@pytest.mark.parametrize("matrix", [np.zeros((3, 4)), np.ones((3, 4)), np.eye(3, 4)])
def test_directions_of_no_length_are_at_right_angles_to_the_others(matrix: np.ndarray) -> None:
    start = random.generator(1, "start").normal(size=(4, 4))
    for first in (start, np.zeros((4, 4)), np.ones((4, 4))):
        found = right_singular_vectors(matrix, 4, first)
        np.testing.assert_allclose(found @ found.T, np.eye(4), atol=1e-12)
