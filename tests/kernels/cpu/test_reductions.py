"""Sums to single numbers: their order, and what they leave out."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.kernels import cpu


def test_sequential_sum() -> None:
    values = np.array([1e16, 1.0, -1e16, 1.0])
    assert cpu.reductions.sequential_sum(values) == 1.0
    assert cpu.reductions.sequential_sum(values[:0]) == 0.0


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 8, 1003])
def test_unrolled_sum(size: int) -> None:
    assert cpu.reductions.unrolled_sum(np.arange(1.0, size + 1)) == size * (size + 1) / 2


def test_sum_losses_and_count_rows() -> None:
    loss_sum, state = np.full(1, np.nan), np.array([2.0, 10.0, 7.0])
    cpu.reductions.sum_losses(np.array([1.0, 2.5]), loss_sum)
    cpu.reductions.count_rows(np.array([2]), loss_sum, state)
    assert loss_sum[0] == 3.5
    np.testing.assert_array_equal(state, [4.0, 13.5, 7.0])
