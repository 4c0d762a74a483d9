"""Convolutions by Winograd's filtering, in all directions and for all shapes: right, in the same bits, and local."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.kernels import cpu
from tests.support.threads import threads

Array = NDArray[Any]
Results = dict[str, Array]

CHUNKS = 8
SIZES = st.integers(1, 11)
CHANNELS = st.integers(16, 40)


class Operands(NamedTuple):
    """padding: above and to the left; the outputs say how much there is at the other end."""

    inputs: Array
    weight: Array
    bias: Array
    d_outputs: Array
    padding: tuple[int, int]


def operands(samples: int, size: tuple[int, int], channels: tuple[int, int], padding: int, seed: int = 0) -> Operands:
    random = np.random.default_rng(seed)
    outputs = [max(1, length + 2 * padding - 2) for length in size]
    return Operands(
        inputs=random.normal(size=(samples, *size, channels[0])),
        weight=random.normal(size=(3, 3, *channels)),
        bias=random.normal(size=channels[1]),
        d_outputs=random.normal(size=(samples, *outputs, channels[1])),
        padding=(padding, padding),
    )


def as_type(given: Operands, dtype: str) -> Operands:
    return Operands(*(array.astype(dtype) for array in given[:4]), given.padding)


def by_winograd(given: Operands) -> Results:
    """All results in arrays that were NaN, with scratch that was NaN."""
    winograd, dtype = cpu.winograd, given.inputs.dtype
    _, _, channels, out_channels = given.weight.shape

    def empty(*shape: int) -> Array:
        return np.full(shape, np.nan, dtype)

    transformed, flipped = empty(16, channels, out_channels), empty(16, out_channels, channels)
    outputs, d_inputs = empty(*given.d_outputs.shape), empty(*given.inputs.shape)
    d_weight, d_bias = empty(*given.weight.shape), empty(out_channels)
    winograd.transform(given.weight, transformed)
    winograd.forward_bias(given.inputs, transformed, given.bias, outputs, given.padding)
    winograd.flip(transformed, flipped)
    above, left = given.padding
    winograd.forward(given.d_outputs, flipped, d_inputs, (2 - above, 2 - left))
    winograd.backward_weight_bias(
        given.inputs,
        given.d_outputs,
        empty(CHUNKS, 16, channels, out_channels),
        empty(CHUNKS, 3 * out_channels),
        empty(16, channels, out_channels),
        d_weight,
        d_bias,
        given.padding,
    )
    return {"outputs": outputs, "d_inputs": d_inputs, "d_weight": d_weight, "d_bias": d_bias}


def tap_by_tap(given: Operands) -> Results:
    """The same as sums over the taps."""
    inputs, weight, bias, d_outputs, (above, left) = given
    height, width = inputs.shape[1:3]
    rows, columns = d_outputs.shape[1:3]
    size = above + height + rows + 2, left + width + columns + 2  # more than any window sees
    padded = np.zeros((len(inputs), *size, inputs.shape[3]), inputs.dtype)
    padded[:, above : above + height, left : left + width] = inputs
    d_padded, d_weight = np.zeros_like(padded), np.zeros_like(weight)
    outputs = np.zeros_like(d_outputs) + bias
    for h, w in np.ndindex(3, 3):
        seen = slice(None), slice(h, h + rows), slice(w, w + columns)
        outputs += padded[seen] @ weight[h, w]
        d_padded[seen] += d_outputs @ weight[h, w].T
        d_weight[h, w] = np.einsum("nhwc,nhwo->co", padded[seen], d_outputs)
    return {
        "outputs": outputs,
        "d_inputs": d_padded[:, above : above + height, left : left + width],
        "d_weight": d_weight,
        "d_bias": d_outputs.sum((0, 1, 2)),
    }


def check(results: Results, expected: Results, tolerance: float) -> None:
    """tolerance: of the largest element."""
    for name, result in results.items():
        limit = tolerance * (1e-3 + abs(expected[name]).max())
        np.testing.assert_allclose(result, expected[name], rtol=0, atol=limit, err_msg=name)


@pytest.mark.slow
@settings(deadline=None, max_examples=60)
@given(st.integers(1, 10), st.tuples(SIZES, SIZES), st.tuples(CHANNELS, CHANNELS), st.integers(0, 3))
def test_any_shape(samples: int, size: tuple[int, int], channels: tuple[int, int], padding: int) -> None:
    given = operands(samples, size, channels, padding)
    expected = tap_by_tap(given)
    check(by_winograd(given), expected, 1e-10)
    single = as_type(given, "float32")
    check(by_winograd(single), tap_by_tap(single), 5e-6)


def test_more_channels_than_fit_into_one_block() -> None:
    given = operands(2, (9, 14), (256, 200), 1)
    check(by_winograd(given), tap_by_tap(given), 1e-10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_bits_on_any_number_of_threads(dtype: str) -> None:
    given = as_type(operands(19, (15, 14), (32, 48), 1), dtype)
    with threads(1):
        expected = by_winograd(given)
    for number in range(2, 9):
        with threads(number):
            for name, result in by_winograd(given).items():
                assert result.tobytes() == expected[name].tobytes(), (name, number)


def test_the_same_bits_wherever_a_sample_is_in_the_batch() -> None:
    given = as_type(operands(12, (7, 9), (16, 33), 1), "float32")
    given.inputs[:] = given.inputs[0]
    given.d_outputs[:] = given.d_outputs[0]
    alone = by_winograd(Operands(given.inputs[:1], given.weight, given.bias, given.d_outputs[:1], given.padding))
    for number in (1, 3):
        with threads(number):
            all_of_them = by_winograd(given)
        for name in ("outputs", "d_inputs"):
            for sample in all_of_them[name]:
                assert sample.tobytes() == alone[name][0].tobytes(), name


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_reaches_its_windows_and_no_other_tile_or_sample(value: float) -> None:
    given = operands(3, (9, 10), (16, 18), 1)
    finite = by_winograd(given)["outputs"]
    for h, w in np.ndindex(9, 10):
        given.inputs[1, h, w, 5] = value
        outputs = by_winograd(given)["outputs"]
        given.inputs[1, h, w, 5] = 0.0
        broken = ~np.isfinite(outputs).all(axis=3)
        assert broken[1, max(h - 1, 0) : h + 2, max(w - 1, 0) : w + 2].all()
        broken[1, max(h - 2, 0) : h + 3, max(w - 2, 0) : w + 3] = False  # their tiles are at most one pixel larger
        assert not broken.any()
        np.testing.assert_array_equal(outputs[[0, 2]], finite[[0, 2]])
