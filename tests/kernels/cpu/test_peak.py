"""The register-only loop does as many multiply-adds as it is said to, and the peak that it measures is one."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.commands.peak_gflops import peak_gflops
from nnctl.kernels import cpu
from nnctl.kernels.runtime.workers import threads as threads_now
from tests.support.threads import threads

every_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@every_dtype
@pytest.mark.parametrize("number", [1, 3])
def test_each_total_is_the_number_of_its_multiply_adds(dtype: str, number: int) -> None:
    totals = np.zeros(7, dtype)
    for iterations in (1, 2, 100):
        with threads(number):
            cpu.peak.multiply_add(totals, 1.0, iterations)
        expected = iterations * cpu.peak.multiply_adds(totals.itemsize)
        np.testing.assert_array_equal(totals, np.full(7, expected, dtype))


@every_dtype
def test_no_multiply_add_is_left_out(dtype: str) -> None:
    """With a factor other than 1, no sum can be had without going through all iterations: s becomes s / 2 + 1 / 2."""
    total = np.zeros(1, dtype)
    cpu.peak.multiply_add(total, 0.5, 3)
    lanes = cpu.peak.multiply_adds(total.itemsize) // cpu.peak.SUMS
    growths = [(start - 1) / 8 + 1 - start for start in range(cpu.peak.SUMS)]
    assert total[0] == lanes * sum(growths)


@every_dtype
def test_the_peak_is_that_of_a_processor(dtype: str) -> None:
    before = threads_now()
    peak = peak_gflops(dtype, 2)
    assert 0.5 < peak < 2_000
    assert threads_now() == before
