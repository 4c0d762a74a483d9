"""Sums in registers: every length, against exact sums; masked lanes add nothing."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nnctl import random
from nnctl.kernels.cpu.simd import sums
from nnctl.kernels.kernel import Array, kernel

SIZES = [0, 1, 2, 7, 8, 31, 32, 33, 40, 63, 64, 65, 1000]
CENTRE = 0.7
FORMULAS: dict[str, Callable[[float, float, float], float]] = {
    "sum_of": lambda a, b, c: a,
    "sum_of_squares": lambda a, b, c: a * a,
    "sum_of_squared_deviations": lambda a, b, c: (a - CENTRE) ** 2,
    "sum_of_products": lambda a, b, c: a * b,
    "sum_of_products_with_deviations": lambda a, b, c: a * b * (c - CENTRE),
}


@kernel()
def all_sums(begin: int, end: int, a: Array, b: Array, c: Array, out: Array) -> None:
    out[0] = sums.sum_of(a)
    out[1] = sums.sum_of_squares(a)
    out[2] = sums.sum_of_squared_deviations(a, CENTRE)
    out[3] = sums.sum_of_products(a, b)
    out[4] = sums.sum_of_products_with_deviations(a, b, c, CENTRE)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_is_the_exact_sum(dtype: type[np.floating]) -> None:
    for size in SIZES:
        vectors = random.generator(5, "sums test", size).normal(size=(3, size)).astype(dtype)
        a, b, c = vectors
        out = np.full(len(FORMULAS), np.nan)
        all_sums(a, b, c, out)
        rows = [tuple(float(value) for value in row) for row in zip(a, b, c, strict=True)]
        for found, (name, formula) in zip(out, FORMULAS.items(), strict=True):
            terms = [formula(*row) for row in rows]
            scale = math.fsum(abs(term) for term in terms)
            assert abs(found - math.fsum(terms)) <= 1e-15 * scale, (name, size)


def test_what_lies_behind_a_vector_is_not_added() -> None:
    memory = np.full(100, np.nan)
    memory[:33] = 1.0
    out = np.zeros(len(FORMULAS))
    all_sums(memory[:33], memory[:33], memory[:33], out)
    np.testing.assert_allclose(out, [33, 33, 33 * 0.09, 33, 33 * 0.3], rtol=1e-14)


def test_a_nan_is_not_hidden() -> None:
    one = np.ones(9)
    one[8] = np.nan
    out = np.zeros(len(FORMULAS))
    all_sums(one, np.ones(9), np.ones(9), out)
    assert np.isnan(out).all()
