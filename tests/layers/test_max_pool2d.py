"""Max pooling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnctl.layers.max_pool2d import MaxPool2D
from nnctl.layers.operation import Shape, StepContext
from tests.support.image_check import check_shape, images, paddings, pairs
from tests.support.layer_check import Float64, a_step, build
from tests.support.naive_windows import pooled
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestMaxPool2D(PyTorchLayerCheck):
    kind = MaxPool2D
    cases = (
        {"inputs": [4, 6, 3], "kernel_size": 2},
        {"inputs": [7, 6, 3], "kernel_size": 3, "stride": 2, "padding": "same"},
        {"inputs": [7, 6, 3], "kernel_size": [3, 2], "stride": 1, "padding": 1},
        {"inputs": [3, 3, 2], "kernel_size": 3, "padding": 1},  # rows that no window reaches
    )
    refused = ({}, {"kernel_size": 0}, {"kernel_size": 2, "stride": 0}, {"kernel_size": 2, "dilation": 2})
    golden = (
        {"inputs": [6, 5, 3], "kernel_size": 2},
        {"inputs": [6, 5, 3], "kernel_size": [3, 2], "stride": [2, 1], "padding": 1},
    )

    @staticmethod
    def reference(layer: MaxPool2D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return pooled(layer, inputs, np.nanmax)

    @staticmethod
    def pytorch(
        inputs: Any, parameters: Mapping[str, Any], kernel_size: Any, stride: Any = None, padding: int = 0
    ) -> Any:
        from torch.nn import functional

        return functional.max_pool2d(inputs, kernel_size, stride, padding)


@given(images, pairs, st.none() | pairs, paddings)
@example((2, 4, 1), 2, 3, "same")  # as many windows as would cover it, with a gap between them
@settings(deadline=None, max_examples=60)
def test_any_windows(shape: Shape, kernel: Any, stride: Any, padding: Any) -> None:
    layer = MaxPool2D.model_validate({"kernel_size": kernel, "stride": stride, "padding": padding})
    check_shape(layer, shape, TestMaxPool2D.reference)


def test_the_first_of_equal_inputs_gets_the_gradient() -> None:
    layer = MaxPool2D(kernel_size=2)
    built = build(layer, (2, 2, 1), samples=1)
    arrays = built.arrays
    arrays.inputs[...] = 1.0
    built.both_ways(a_step())
    assert arrays.d_inputs is not None
    assert arrays.d_inputs.ravel().tolist() == [arrays.d_outputs.item(), 0.0, 0.0, 0.0]


def test_the_largest_of_negative_inputs_at_a_padded_edge_is_no_padding() -> None:
    layer = MaxPool2D(kernel_size=3, padding=1)
    built = build(layer, (3, 3, 1), samples=1)
    arrays = built.arrays
    arrays.inputs[...] = -np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    built.forward(a_step())
    assert arrays.outputs.item() == -1.0


def test_a_nan_is_not_hidden() -> None:
    layer = MaxPool2D(kernel_size=2)
    for place in range(4):
        built = build(layer, (2, 2, 1), samples=1)
        arrays = built.arrays
        arrays.inputs.ravel()[place] = np.nan
        built.forward(a_step())
        assert np.isnan(arrays.outputs.item())
        assert arrays.scratch["argmax"].item() == place
