"""The transpose of every size, exactly: what a product of ones on the diagonal with a transposed operand is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.kernels import cpu
from tests.support.threads import threads

SIZES = st.integers(1, 70)


def transposed(matrix: np.ndarray, buffer: np.ndarray) -> np.ndarray:
    """buffer, with the transpose of the matrix in its rows but the first and the last."""
    cpu.matmul.matmul_transposed_b(np.eye(matrix.shape[1], dtype=matrix.dtype), matrix, buffer[1:-1])
    return buffer


@settings(deadline=None, max_examples=100)
@given(rows=SIZES, columns=SIZES, dtype=st.sampled_from(["float32", "float64"]))
def test_any_size(rows: int, columns: int, dtype: str) -> None:
    matrix = np.arange(rows * columns, dtype=dtype).reshape(rows, columns)
    buffer = transposed(matrix, np.full((columns + 2, rows), np.nan, dtype))
    np.testing.assert_array_equal(buffer[1:-1], matrix.T)
    assert np.isnan(buffer[[0, -1]]).all(), "written outside the result"


@pytest.mark.parametrize("number", [2, 3])
def test_shared_among_threads(number: int) -> None:
    matrix = np.arange(101 * 53, dtype=np.float32).reshape(101, 53)
    with threads(number):
        buffer = transposed(matrix, np.full((55, 101), np.nan, np.float32))
    np.testing.assert_array_equal(buffer[1:-1], matrix.T)
