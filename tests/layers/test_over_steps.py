"""Sums and means over steps: PyTorch's meaning with all steps real, and nothing beyond a length counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.kernels.device import CPU
from nnctl.layers.layer import Layer
from nnctl.layers.mean_over_steps import MeanOverSteps
from nnctl.layers.operation import ShapeError
from nnctl.layers.sum_over_steps import SumOverSteps
from tests.support.layer_check import Built, a_step, build

LAYERS: list[Layer] = [SumOverSteps(), MeanOverSteps()]


def padded(layer: Layer, samples: dict[int, int], steps: int, features: int, fill: float, dtype: Any) -> Built:
    """The layer on samples, a length by the sample's number, which alone makes its values; padded with `fill`."""
    lengths = np.array(list(samples.values()), np.int64)
    built = build(layer, (steps, features), len(samples), dtype, lengths=lengths)
    for row, (number, length) in enumerate(samples.items()):
        built.arrays.inputs[row] = fill
        built.arrays.inputs[row, :length] = np.random.default_rng(number).normal(size=(length, features))
        built.arrays.d_outputs[row] = np.random.default_rng(100 + number).normal(size=features)
    return built.both_ways(a_step())


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.kind)
@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=6),
    more=st.integers(0, 20),
    features=st.integers(1, 20),
    fill=st.sampled_from([0.0, 1e30, np.nan, np.inf]),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_padded_samples_give_the_bits_of_the_same_samples_alone(
    layer: Layer, lengths: list[int], more: int, features: int, fill: float, dtype: type[np.floating]
) -> None:
    arrays = padded(layer, dict(enumerate(lengths)), max(lengths) + more, features, fill, dtype).arrays
    assert arrays.d_inputs is not None
    for n, length in enumerate(lengths):
        alone = padded(layer, {n: length}, length, features, 0.0, dtype).arrays
        assert alone.d_inputs is not None
        assert arrays.outputs[n].tobytes() == alone.outputs[0].tobytes()
        assert arrays.d_inputs[n, :length].tobytes() == alone.d_inputs[0].tobytes()
        assert not arrays.d_inputs[n, length:].any()


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.kind)
def test_full_lengths_are_the_same_as_none(layer: Layer) -> None:
    built = build(layer, (5, 3))
    without = built.both_ways(a_step()).results()
    other = build(layer, (5, 3))
    with_lengths = replace(other, arrays=replace(other.arrays, lengths=np.full(3, 5)))
    for name, result in with_lengths.both_ways(a_step()).results().items():
        assert result.tobytes() == without[name].tobytes()


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2)])
@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.kind)
def test_what_is_no_sequence_is_refused(layer: Layer, shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeError, match="two axes a sample"):
        layer.plan(shape, CPU())


@pytest.mark.parametrize(("inputs", "has_remedy"), [((7,), True), ((4, 4, 1), False)])
def test_numbers_of_classes_need_an_embedding(inputs: tuple[int, ...], has_remedy: bool) -> None:
    with pytest.raises(ShapeError) as caught:
        MeanOverSteps().plan(inputs, CPU)
    assert ("put an `embedding` in front" in caught.value.help) == has_remedy
