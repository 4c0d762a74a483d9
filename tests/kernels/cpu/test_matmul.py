"""Products of every size against NumPy, on every tile that this machine can run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnctl import random
from nnctl.kernels import cpu
from tests.support.threads import threads

SIZES = st.integers(1, 70)


def matrix(name: str, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    return random.generator(3, name, *shape).normal(size=shape).astype(dtype)


def products(rows: int, depth: int, columns: int, dtype: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """(ours, NumPy's) of all forms; results are laid into a larger array whose rest must stay."""
    a, b, bias = matrix("a", (rows, depth), dtype), matrix("b", (depth, columns), dtype), matrix("c", (columns,), dtype)
    across = np.ascontiguousarray(a.T)
    found = []
    for kernel, arguments, expected in (
        (cpu.matmul.matmul, (a, b), a @ b),
        (cpu.matmul.matmul_bias, (a, b, bias), a @ b + bias),
        (cpu.matmul.matmul_transposed_a, (across, b), a @ b),
        (cpu.matmul.matmul_transposed_b, (a, np.ascontiguousarray(b.T)), a @ b),
    ):
        buffer = np.full((rows + 2, columns), np.nan, dtype)
        kernel(*arguments, buffer[1:-1])
        assert np.isnan(buffer[[0, -1]]).all(), "written outside the result"
        found.append((buffer[1:-1], expected))
    return found


@settings(deadline=None, max_examples=150)
@given(rows=SIZES, depth=SIZES, columns=SIZES, dtype=st.sampled_from(["float32", "float64"]))
def test_any_size(rows: int, depth: int, columns: int, dtype: str) -> None:
    tolerance = 1e-5 if dtype == "float32" else 1e-13
    for ours, expected in products(rows, depth, columns, dtype):
        np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * depth)


@settings(deadline=None, max_examples=50)
@given(rows=SIZES, depth=SIZES, columns=SIZES, number=st.integers(1, 4))
@example(rows=8, depth=4, columns=1, number=2)  # the sums are a range of their own
@example(rows=16, depth=5, columns=32, number=3)
def test_the_sums_of_rows_come_along(rows: int, depth: int, columns: int, number: int) -> None:
    a, b = matrix("a", (depth, rows)), matrix("b", (depth, columns))
    out, sums = np.full((rows, columns), np.nan), np.full(columns, np.nan)
    with threads(number):
        cpu.matmul.matmul_transposed_a_sum(a, b, out, sums)
    np.testing.assert_allclose(out, a.T @ b, rtol=1e-13, atol=1e-13 * depth)
    np.testing.assert_allclose(sums, b.sum(axis=0), rtol=1e-13, atol=1e-13 * depth)


COLLIDING = [(23, 40, 512), (25, 33, 512), (130, 270, 1024), (1024, 65, 1040), (512, 300, 2048)]  # rows 2 KB apart
BEYOND = [
    *COLLIDING,
    (200, 300, 130),
    (97, 513, 33),
    (97, 513, 10),
    (1, 1000, 1),
    (300, 1, 300),
    (200, 600, 530),
    (523, 530, 550),
]


@pytest.mark.parametrize("shape", BEYOND)
def test_sizes_beyond_one_block_give_the_same_bits_on_any_number_of_threads(shape: tuple[int, int, int]) -> None:
    bits = set()
    for number in (1, 2, 3):
        with threads(number):
            results = products(*shape, "float32")
        for ours, expected in results:
            np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-3)
        bits.add(b"".join(ours.tobytes() for ours, _ in results))
    assert len(bits) == 1


def test_an_element_has_the_same_bits_wherever_it_lies() -> None:
    """So a short batch, another block, or another tile changes nothing. One to four columns have their own order."""
    a, b = matrix("a", (40, 300), "float32"), matrix("b", (300, 50), "float32")
    whole = {columns: np.zeros((40, columns), "float32") for columns in (1, 2, 3, 4, 50)}
    for columns, out in whole.items():
        cpu.matmul.matmul(a, np.ascontiguousarray(b[:, :columns]), out)
    for rows, columns in ((1, 50), (7, 33), (13, 16), (39, 1), (3, 2), (6, 3), (37, 3), (38, 4), (2, 4), (1, 1)):
        part = np.zeros((rows, columns), "float32")
        cpu.matmul.matmul(a[:rows], np.ascontiguousarray(b[:, :columns]), part)
        np.testing.assert_array_equal(part, whole.get(columns, whole[50])[:rows, :columns])


@pytest.mark.parametrize("columns", [1, 2, 6, 10, 33])
def test_a_row_of_a_gradient_has_the_same_bits_in_any_range_of_rows(columns: int) -> None:
    a, b = matrix("a", (300, 61), "float32"), matrix("b", (300, columns), "float32")
    whole = np.zeros((61, columns), "float32")
    cpu.matmul.matmul_transposed_a(a, b, whole)
    for rows in (2, 15, 16, 40):
        part = np.zeros((rows, columns), "float32")
        cpu.matmul.matmul_transposed_a(np.ascontiguousarray(a[:, :rows]), b, part)
        np.testing.assert_array_equal(part, whole[:rows])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(32, 784, 128), (7, 300, 70), (64, 513, 141), (1, 1000, 5), (3, 600, 2)])
def test_parts_side_by_side_have_the_same_bits(shape: tuple[int, int, int], dtype: str) -> None:
    rows, depth, columns = shape
    a, b, bias = matrix("a", (rows, depth), dtype), matrix("b", (depth, columns), dtype), matrix("c", (columns,), dtype)
    expected, out = np.zeros((2, rows, columns), dtype)
    for own in (bias, None):
        cpu.matmul.matmul_bias(a, b, own, expected)
        for elements in (0, b.size):
            for number in (1, 2, 3, 8):
                partial = np.full(elements, np.nan, dtype)
                with threads(number):
                    cpu.matmul.matmul_large(a, b, own, partial, out)
                np.testing.assert_array_equal(out, expected)
                assert not elements or columns <= 4 or not np.isnan(partial).all(), "made in one go"


@pytest.mark.parametrize("shape", [(784, 128), (513, 70), (257, 64), (10_000, 5)])
def test_scratch_for_a_large_weight_is_used(shape: tuple[int, int]) -> None:
    a, b, out = matrix("a", (1, shape[0]), "float32"), matrix("b", shape, "float32"), np.zeros((1, shape[1]), "float32")
    partial = np.full(cpu.sizes.matmul_scratch(*shape), np.nan, "float32")
    cpu.matmul.matmul_large(a, b, None, partial, out)
    assert 0 < partial.size <= b.size
    assert not np.isnan(partial).all()


@pytest.mark.parametrize("shape", [(100, 100), (256, 1000), (100_000, 4)])
def test_no_scratch_where_it_would_not_be_used(shape: tuple[int, int]) -> None:
    assert cpu.sizes.matmul_scratch(*shape) == 0


def test_nan_is_not_lost() -> None:
    a, b = np.ones((3, 4)), np.ones((4, 5))
    a[1, 2] = np.nan
    out = np.zeros((3, 5))
    cpu.matmul.matmul(a, b, out)
    assert np.isnan(out[1]).all()
    assert np.isfinite(out[[0, 2]]).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("columns", [1, 3, 20])
def test_sums_over_steps_do_not_depend_on_steps_behind_all_others(columns: int, dtype: str) -> None:
    samples, steps, width = 40, 9, 33
    a, b = matrix("a", (samples * steps, width), dtype), matrix("b", (samples * steps, columns), dtype)
    a, b = a.reshape(samples, steps, width), b.reshape(samples, steps, columns)
    out, sums = np.full((width, columns), np.nan, dtype), np.full(columns, np.nan, dtype)
    cpu.matmul.matmul_over_steps(a, b, out, sums)
    tolerance = 1e-4 if dtype == "float32" else 1e-12
    np.testing.assert_allclose(out, np.einsum("nti,ntj->ij", a, b), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(sums, b.sum(axis=(0, 1)), rtol=tolerance, atol=tolerance)
    for more in (1, 40):
        padded = [np.concatenate([part, np.zeros_like(part[:, :1]).repeat(more, axis=1)], axis=1) for part in (a, b)]
        padded[0][:, steps:] = 7.0
        for number in (1, 2):
            own, own_sums = np.full_like(out, np.nan), np.full_like(sums, np.nan)
            with threads(number):
                cpu.matmul.matmul_over_steps(*padded, own, own_sums)
            assert own.tobytes() == out.tobytes()
            assert own_sums.tobytes() == sums.tobytes()
    cpu.matmul.matmul_over_steps(a, b, own, None)
    assert own.tobytes() == out.tobytes()


def test_gradients_of_steps_do_not_depend_on_how_many_there_are() -> None:
    a, b = matrix("a", (9, 70), "float32"), matrix("b", (20, 70), "float32")
    every, some = np.zeros((9, 20), np.float32), np.zeros((3, 20), np.float32)
    cpu.matmul.matmul_transposed_b(a, b, every, has_steps=True)
    cpu.matmul.matmul_transposed_b(a[:3], b, some, has_steps=True)
    assert some.tobytes() == every[:3].tobytes()
