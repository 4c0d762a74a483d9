"""The order of an epoch, the sizes of its batches, and the kernels that gather them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.batches import batch_sizes, order, steps_per_epoch
from nnctl.kernels.cpu import gather
from tests.support.threads import threads


def test_an_order_is_a_permutation_of_seed_and_epoch_alone() -> None:
    first = order(42, 0, 1000)
    assert first.dtype == np.int64
    assert sorted(first) == list(range(1000))
    np.testing.assert_array_equal(order(42, 0, 1000), first)
    assert len({tuple(order(seed, epoch, 1000)) for seed in (1, 2) for epoch in (0, 1)}) == 4
    assert order(42, 3, 5, shuffle=False).tolist() == [0, 1, 2, 3, 4]


def test_golden_order() -> None:
    """It must never change: a run is resumed in the order it was begun in."""
    assert order(42, 7, 8).tolist() == [3, 0, 5, 7, 1, 2, 4, 6]


@given(st.integers(1, 500), st.integers(1, 600), st.booleans())
def test_batches_make_up_the_epoch(samples: int, batch_size: int, drop_last: bool) -> None:
    sizes = batch_sizes(samples, batch_size, drop_last)
    assert len(sizes) == steps_per_epoch(samples, batch_size, drop_last)
    assert sum(sizes) == (samples - samples % batch_size if drop_last else samples)
    assert all(size == batch_size for size in sizes[:-1])
    assert all(0 < size <= batch_size for size in sizes)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("number", [1, 2])
def test_gathered_rows(dtype: str, number: int) -> None:
    source = np.random.default_rng(0).normal(size=(50, 7)).astype(dtype)
    kept, rows, out = source.copy(), order(0, 0, 50), np.full((13, 7), np.nan, dtype)
    with threads(number):
        gather.gather_rows(source, rows, out, 30)
        np.testing.assert_array_equal(out, source[rows[30:43]])
        gather.gather_rows(source, rows, out[:5], 45)
    np.testing.assert_array_equal(out[:5], source[rows[45:]])
    np.testing.assert_array_equal(out[5:], source[rows[35:43]])
    np.testing.assert_array_equal(source, kept)


def test_gathered_values() -> None:
    source, rows, out = np.arange(100, 150), order(0, 0, 50), np.zeros(13, np.int64)
    gather.gather_values(source, rows, out, 30)
    np.testing.assert_array_equal(out, source[rows[30:43]])
