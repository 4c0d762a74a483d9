"""Samples in another shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.operation import Shape, ShapeError, StepContext
from nnctl.layers.reshape import Reshape
from tests.support.layer_check import Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestReshape(PyTorchLayerCheck):
    kind = Reshape
    cases = (
        {"inputs": [3, 4, 2], "shape": [6, 4]},
        {"inputs": [12], "shape": [2, -1, 3]},
        {"inputs": [3, 4], "shape": [-1]},
    )
    refused = ({}, {"shape": []}, {"shape": [2, 0]}, {"shape": [-2]}, {"shape": [-1, -1]}, {"shape": [2.0]})
    golden = ({"inputs": [6], "shape": [1, -1]},)

    @staticmethod
    def reference(layer: Reshape, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return inputs.reshape(len(inputs), *layer.shape)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], shape: Any) -> Any:
        return inputs.reshape(len(inputs), *shape).movedim(-1, 1)


@pytest.mark.parametrize(
    ("shape", "arrives", "what"),
    [
        ([4, 4], (5, 3), "cannot make (4, 4) of 15 numbers"),
        ([4, -1], (5, 3), "cannot make (4, -1) of 15 numbers"),
        ([20, -1], (5, 3), "cannot make (20, -1) of 15 numbers"),
    ],
)
def test_a_shape_that_does_not_fit(shape: list[int], arrives: Shape, what: str) -> None:
    with pytest.raises(ShapeError) as raised:
        Reshape(shape=shape).plan(arrives, CPU())
    assert raised.value.what == what
    assert raised.value.help == "give sizes whose product is that number, or -1 for one of them"


def test_sequences_with_lengths_keep_their_steps_or_are_refused() -> None:
    lengths = np.array([1, 4])
    kept = Reshape(shape=[4, 3, 2]).plan((4, 6), CPU())
    assert kept.steps(lengths) is lengths
    with pytest.raises(
        ShapeError, match=r"makes \(8, 3\) of \(4, 6\): steps of sequences with a length each would not"
    ):
        Reshape(shape=[8, -1]).plan((4, 6), CPU()).steps(lengths)
