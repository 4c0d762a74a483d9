"""Decimal numbers have the bits that Python's float() gives them, or are left to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnctl.kernels.kernel import Array, kernel
from nnctl.kernels.text.decimal_numbers import MOST_DIGITS, decimal_number


@kernel()
def numbers_of(begin: int, end: int, significands: Array, exponents: Array, out: Array) -> None:
    """out[i] = significands[i] * 10^exponents[i]."""
    for i in range(len(out)):
        out[i] = decimal_number(significands[i], exponents[i])


def values(pairs: list[tuple[int, int]]) -> list[float]:
    significands, exponents = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    out = np.empty(len(pairs))
    numbers_of(significands, exponents, out)
    return [float(value) for value in out]


def read(pairs: list[tuple[int, int]]) -> int:
    """How many of these numbers are read. Those must be right."""
    found = values(pairs)
    wrong = [
        (pair, value)
        for pair, value in zip(pairs, found, strict=True)
        if not math.isnan(value) and value.hex() != float(f"{pair[0]}e{pair[1]}").hex()
    ]
    assert wrong == []
    return sum(not math.isnan(value) for value in found)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, 10**MOST_DIGITS - 1), st.integers(-400, 400)), min_size=1))
@example([(2**53 + 1, 0), (2**53 + 3, 0), (9007199254740993, 1), (5, -324), (49, -325), (17976931348623159, 292)])
@example([(22250738585072011, -324), (22250738585072014, -324), (10**18 - 1, 290), (1, 300), (1, -300), (1, 301)])
def test_any_number(pairs: list[tuple[int, int]]) -> None:
    read(pairs)


@pytest.mark.parametrize(("digits", "least"), [(4, 1.0), (15, 1.0), (16, 0.99), (17, 0.99), (18, 0.99)])
def test_nearly_all_are_read(digits: int, least: float) -> None:
    random = np.random.default_rng(digits)
    significands = random.integers(10 ** (digits - 1), 10**digits, 20_000).tolist()
    pairs = [(significand, int(random.integers(-20, 0))) for significand in significands]
    assert read(pairs) >= least * len(pairs)


def test_numbers_next_to_the_middle_between_two() -> None:
    """The middle itself, and the nearest numbers of 18 digits above and below it."""
    middles = [int(np.ldexp(2 * fraction + 1, 3)) for fraction in range(2**53 - 200, 2**53 - 100)]
    read([(middle + offset, 0) for middle in middles for offset in (-1, 0, 1)])
