"""How much there is, and how much that is in words."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.memory import LINE, available_memory, bytes_in_words, zeros


def test_there_is_some_and_no_more_than_the_machine_has() -> None:
    assert 2**20 < available_memory() <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1024, "1 KB"),
        (1536, "1.5 KB"),
        (1023 * 1024, "1023 KB"),
        (2**20, "1 MB"),
        (5.25 * 2**30, "5.25 GB"),
        (2**40, "1 TB"),
        (3 * 2**50, "3 PB"),
        (2**70, "1,048,576 PB"),
    ],
)
def test_sizes_in_words(size: float, words: str) -> None:
    assert bytes_in_words(size) == words


@given(st.integers(0, 2**200))
def test_every_size_has_plain_digits(size: int) -> None:
    number, unit = bytes_in_words(size).split(" ")
    assert unit in ("bytes", "KB", "MB", "GB", "TB", "PB")
    assert set(number) <= set("0123456789.,")


@pytest.mark.parametrize("shape", [0, 5, (3, 0), (2, 3, 4)])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int32"])
def test_zeros_begin_with_a_cache_line(shape: int | tuple[int, ...], dtype: str) -> None:
    array = zeros(shape, dtype)
    assert array.size == 0 or array.ctypes.data % LINE == 0  # an empty one begins nowhere
    assert array.flags.c_contiguous
    assert array.flags.writeable
    np.testing.assert_array_equal(array, np.zeros(shape, dtype), strict=True)
