"""Lists of connections: spread evenly, to a dense weight and back, some added or dropped, always sorted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.layers.connections import Connections, added, dropped, even_inputs, even_starts, from_dense, to_dense

SIZES = st.integers(1, 12)


def example(in_features: int, out_features: int, seed: int, share: float = 0.5) -> tuple[Connections, NDArray[Any]]:
    """Connections with a weight (K,) and slots (2, K), and where they are, (in, out)."""
    random = np.random.default_rng(seed)
    mask = random.random((in_features, out_features)) < share
    return from_dense(mask, random.normal(size=mask.shape), random.normal(size=(2, *mask.shape))), mask


def check_sorted(found: Connections, in_features: int) -> None:
    assert found.inputs.dtype == found.starts.dtype == np.int32
    assert found.starts[0] == 0
    assert found.starts[-1] == len(found.inputs)
    assert (np.diff(found.starts) >= 0).all()
    assert (np.diff(found.outputs * in_features + found.inputs) > 0).all()


@given(in_features=SIZES, out_features=SIZES, data=st.data())
def test_they_are_spread_evenly(in_features: int, out_features: int, data: st.DataObject) -> None:
    connections = data.draw(st.integers(1, in_features * out_features))
    starts = even_starts(out_features, connections)
    inputs = even_inputs(in_features, starts, np.random.default_rng(data.draw(st.integers(0, 99))))
    check_sorted(Connections(inputs, starts), in_features)
    for uses in (np.diff(starts), np.bincount(inputs, minlength=in_features)):
        assert uses.max() - uses.min() <= 1
    assert len(inputs) == connections


def test_which_they_are_follows_from_the_stream() -> None:
    starts = even_starts(30, 200)
    first, again, other = (even_inputs(40, starts, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_large_ones_do_not_overflow() -> None:
    assert even_starts(100_000, 2**31 - 1)[-1] == 2**31 - 1


@given(in_features=SIZES, out_features=SIZES, seed=st.integers(0, 99), share=st.sampled_from([0.0, 0.3, 1.0]))
def test_to_dense_and_back(in_features: int, out_features: int, seed: int, share: float) -> None:
    made, mask = example(in_features, out_features, seed, share)
    check_sorted(made, in_features)
    found, weight, slots = to_dense(made, in_features)
    np.testing.assert_array_equal(found, mask)
    assert slots.shape == (2, in_features, out_features)
    assert not weight[~mask].any()
    back = from_dense(found, weight, slots)
    for own, other in zip((*back[:2], *back.values), (*made[:2], *made.values), strict=True):
        np.testing.assert_array_equal(own, other)


@given(in_features=SIZES, out_features=SIZES, seed=st.integers(0, 99))
def test_added_ones_are_0_and_others_keep_what_they_have(in_features: int, out_features: int, seed: int) -> None:
    made, mask = example(in_features, out_features, seed)
    random = np.random.default_rng(seed)
    new = ~mask & (random.random(mask.shape) < 0.5)
    inputs, outputs = random.permutation(np.argwhere(new)).reshape(-1, 2).T
    found = added(made, inputs, outputs, in_features)
    check_sorted(found, in_features)
    for own, before in zip(to_dense(found, in_features)[1:], to_dense(made, in_features)[1:], strict=True):
        np.testing.assert_array_equal(own, before)
    np.testing.assert_array_equal(to_dense(found, in_features)[0], mask | new)


@given(in_features=SIZES, out_features=SIZES, seed=st.integers(0, 99))
def test_dropped_ones_take_nothing_from_the_others(in_features: int, out_features: int, seed: int) -> None:
    made, mask = example(in_features, out_features, seed)
    keep = np.random.default_rng(seed).random(len(made.inputs)) < 0.5
    found = dropped(made, keep)
    check_sorted(found, in_features)
    kept = np.zeros_like(mask)
    kept[made.inputs[keep], made.outputs[keep]] = True
    np.testing.assert_array_equal(to_dense(found, in_features)[0], kept)
    for own, before in zip(to_dense(found, in_features)[1:], to_dense(made, in_features)[1:], strict=True):
        np.testing.assert_array_equal(own, before * kept)
    back = added(found, made.inputs[~keep], made.outputs[~keep], in_features)
    np.testing.assert_array_equal(back.inputs, made.inputs)
    np.testing.assert_array_equal(back.starts, made.starts)


@pytest.mark.parametrize(
    ("inputs", "outputs", "what"),
    [
        ([1], [0], "there already"),
        ([0, 0], [1, 1], "named twice"),
        ([3], [0], "none of 3 inputs"),
        ([-1], [0], "none of 3 inputs"),
        ([0], [2], "none of 2 outputs"),
    ],
)
def test_what_cannot_be_added_is_refused(inputs: list[int], outputs: list[int], what: str) -> None:
    made = Connections(np.array([1], np.int32), np.array([0, 1, 1], np.int32))
    with pytest.raises(ValueError, match=what):
        added(made, np.array(inputs), np.array(outputs), 3)
