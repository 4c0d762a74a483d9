"""Average pooling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.layers.avg_pool2d import AvgPool2D
from nnctl.layers.operation import Shape, StepContext
from tests.support.image_check import check_shape, images, paddings, pairs
from tests.support.layer_check import Float64, a_step, build
from tests.support.naive_windows import pooled
from tests.support.pytorch_layer_check import PyTorchLayerCheck


class TestAvgPool2D(PyTorchLayerCheck):
    kind = AvgPool2D
    cases = (
        {"inputs": [4, 6, 3], "kernel_size": 2},
        {"inputs": [7, 6, 3], "kernel_size": 3, "stride": 2, "padding": "same"},
        {"inputs": [7, 6, 3], "kernel_size": [3, 2], "stride": 1, "padding": 1},
    )
    refused = ({}, {"kernel_size": 0}, {"kernel_size": 2, "stride": 0}, {"kernel_size": 2, "dilation": 2})
    golden = (
        {"inputs": [6, 5, 3], "kernel_size": 2},
        {"inputs": [6, 5, 3], "kernel_size": [3, 2], "stride": [2, 1], "padding": 1},
    )

    @staticmethod
    def reference(layer: AvgPool2D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        return pooled(layer, inputs, np.nanmean)

    @staticmethod
    def pytorch(
        inputs: Any, parameters: Mapping[str, Any], kernel_size: Any, stride: Any = None, padding: int = 0
    ) -> Any:
        from torch.nn import functional

        return functional.avg_pool2d(inputs, kernel_size, stride, padding, count_include_pad=False)


@given(images, pairs, st.none() | pairs, paddings)
@settings(deadline=None, max_examples=60)
def test_any_windows(shape: Shape, kernel: Any, stride: Any, padding: Any) -> None:
    layer = AvgPool2D.model_validate({"kernel_size": kernel, "stride": stride, "padding": padding})
    check_shape(layer, shape, TestAvgPool2D.reference)


def test_an_average_counts_what_is_there() -> None:
    layer = AvgPool2D(kernel_size=3, stride=1, padding="same")
    built = build(layer, (4, 5, 2))
    arrays = built.arrays
    arrays.inputs[...] = 7.0
    built.forward(a_step())
    np.testing.assert_allclose(arrays.outputs, 7.0, rtol=1e-15)
