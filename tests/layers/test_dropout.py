"""Dropout, whose mask is a function of the seed and the counters, with the right share of zeros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnctl.layers.dropout import Dropout
from nnctl.layers.operation import StepContext
from tests.support.layer_check import Float64, LayerCheck, a_step, build, check_layer
from tests.support.splitmix import splitmix64

SHAPE = (1000,)


class TestDropout(LayerCheck):
    kind = Dropout
    cases = (
        {"inputs": [3, 4, 2]},
        {"inputs": [7], "p": 0.0},
        {"inputs": [40], "p": 0.9},
    )
    refused = ({"p": 1.0}, {"p": -0.1})
    without_pytorch = "its mask is another"

    @staticmethod
    def reference(layer: Dropout, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        if not step.training:
            return inputs.copy()
        key = int(step.key("dropout"))
        outputs = [
            0.0 if (splitmix64(key, number) >> 11) / 2**53 < layer.p else value / (1 - layer.p)
            for number, value in enumerate(inputs.ravel())
        ]
        return np.array(outputs).reshape(inputs.shape)

    def test_evaluation_changes_nothing(self) -> None:
        check_layer(Dropout(), (3, 4, 2), self.reference, training=False)


def mask(p: float = 0.5, **counters: Any) -> np.ndarray[Any, Any]:
    """Where inputs are kept, (3, 1000)."""
    layer = Dropout(p=p)
    built = build(layer, SHAPE)
    arrays = built.arrays
    built.forward(replace(a_step(), **counters))
    return np.asarray(arrays.outputs != 0)


def test_forward_and_backward_have_the_same_mask() -> None:
    layer = Dropout(p=0.4)
    built = build(layer, SHAPE)
    arrays = built.arrays
    built.forward(a_step())
    built.operation.backward(arrays, a_step())
    assert arrays.d_inputs is not None
    np.testing.assert_array_equal(arrays.outputs != 0, arrays.d_inputs != 0)
    np.testing.assert_array_equal(arrays.outputs != 0, mask(0.4))


@pytest.mark.parametrize("counter", ["seed", "epoch", "step", "path"])
def test_each_counter_makes_another_mask(counter: str) -> None:
    one, other = (mask(**{counter: (at,) if counter == "path" else at}) for at in (10, 11))
    assert 0.4 < np.mean(one == other) < 0.6  # independent masks agree on half


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_the_share_of_zeros_is_p(p: float) -> None:
    kept = np.mean([mask(p, step=step).mean() for step in range(20)])
    deviation = np.sqrt(p * (1 - p) / (20 * 3000))
    assert abs(kept - (1 - p)) <= 4 * deviation


def test_neighbours_are_independent() -> None:
    kept = mask(0.5).ravel().astype(float)
    for distance in (1, 2, 1000):
        assert abs(np.corrcoef(kept[distance:], kept[:-distance])[0, 1]) < 4 / np.sqrt(kept.size)


def test_what_is_kept_grows_by_what_is_dropped() -> None:
    layer = Dropout(p=0.75)
    built = build(layer, SHAPE)
    arrays = built.arrays
    built.forward(a_step())
    kept = arrays.outputs != 0
    np.testing.assert_array_equal(arrays.outputs[kept], 4 * arrays.inputs[kept])


def test_the_mask_of_a_sequence_does_not_depend_on_its_padding() -> None:
    """With lengths each sample has a stream of its own; forward and backward have the same mask."""
    lengths, masks = np.array([3, 5, 1, 5]), []
    for steps in (5, 12):
        built = build(Dropout(p=0.4), (steps, 7), samples=4, lengths=lengths).both_ways(a_step())
        assert built.arrays.d_inputs is not None
        np.testing.assert_array_equal(built.arrays.outputs != 0, built.arrays.d_inputs != 0)
        masks.append(built.arrays.outputs != 0)
    np.testing.assert_array_equal(masks[0], masks[1][:, :5])
    assert len({mask.tobytes() for mask in masks[0]}) == 4
