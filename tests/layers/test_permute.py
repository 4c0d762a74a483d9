"""The axes of a sample in another order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from nnctl.kernels.device import CPU
from nnctl.layers.operation import ShapeError, StepContext
from nnctl.layers.permute import Permute
from tests.support.layer_check import Float64
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestPermute(PyTorchLayerCheck):
    kind = Permute
    cases = (
        {"inputs": [3, 4], "axes": [2, 1]},
        {"inputs": [3, 4, 2], "axes": [3, 1, 2]},
        {"inputs": [3, 4, 2], "axes": [1, 3, 2]},
        {"inputs": [2, 3, 1, 4], "axes": [4, 2, 1, 3]},
        {"inputs": [5], "axes": [1]},
    )
    refused = ({}, {"axes": []}, {"axes": [0, 1]}, {"axes": [1, 1]}, {"axes": [1, 3]}, {"axes": [2.0, 1.0]})
    golden = ({"inputs": [3, 2, 4], "axes": [3, 1, 2]},)

    @staticmethod
    def reference(layer: Permute, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return np.array([np.transpose(sample, [axis - 1 for axis in layer.axes]) for sample in inputs])

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], axes: list[int]) -> Any:
        return inputs.movedim(1, -1).permute(0, *axes).movedim(-1, 1)


def test_another_number_of_axes_is_refused() -> None:
    with pytest.raises(ShapeError) as raised:
        Permute(axes=[2, 1]).plan((5, 4, 3), CPU())
    assert raised.value.what == "has an order of 2 axes, and its inputs have 3 without the batch"
    assert raised.value.help == "name each axis of a sample once, from 1"


def test_sequences_with_lengths_keep_their_steps_or_are_refused() -> None:
    lengths = np.array([1, 4])
    kept = Permute(axes=[1, 3, 2]).plan((4, 6, 2), CPU())
    assert kept.steps(lengths) is lengths
    with pytest.raises(ShapeError, match="the steps of sequences with a length each are the first axis"):
        Permute(axes=[2, 1]).plan((4, 6), CPU()).steps(lengths)
