"""The two-dimensional convolution of each channel by itself; any windows of it are in test_conv2d.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from nnctl.layers.conv2d import Conv2D
from nnctl.layers.depthwise_conv2d import DepthwiseConv2D
from nnctl.layers.operation import StepContext
from tests.layers.test_conv2d import TestConv2D as OfConv2D
from tests.support.layer_check import Float64, a_step, build
from tests.support.pytorch_layer_check import PyTorchLayerCheck

WIDE = [5, 6, 19]  # a whole vector of channels, and some


def as_conv2d(layer: DepthwiseConv2D, channels: int) -> Conv2D:
    """The same as a convolution with groups."""
    settings = layer.model_dump(exclude={"type", "multiplier"})
    return Conv2D.model_validate(settings | {"out_channels": channels * layer.multiplier, "groups": channels})


class TestDepthwiseConv2D(PyTorchLayerCheck):
    kind = DepthwiseConv2D
    cases = (
        {"inputs": WIDE, "kernel_size": 3, "padding": "same"},
        {"inputs": [7, 6, 3], "kernel_size": 3, "stride": 2, "multiplier": 2, "padding": 1},
        {"inputs": [7, 6, 3], "kernel_size": [2, 3], "dilation": [1, 2], "bias": False},
        {"inputs": [4, 4, 1], "kernel_size": 3, "multiplier": 3},
    )
    refused = ({}, {"kernel_size": 0}, {"kernel_size": 3, "multiplier": 0}, {"kernel_size": 3, "out_channels": 4})
    golden = (
        {"inputs": [6, 5, 3], "kernel_size": 3},
        {"inputs": [6, 5, 3], "kernel_size": [3, 2], "multiplier": 2, "stride": [2, 1], "padding": 1, "bias": False},
    )

    @staticmethod
    def reference(
        layer: DepthwiseConv2D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        return OfConv2D.reference(as_conv2d(layer, inputs.shape[3]), inputs, parameters, step)

    @staticmethod
    def pytorch(inputs: Any, parameters: Mapping[str, Any], multiplier: int = 1, **settings: Any) -> Any:
        return OfConv2D.pytorch(inputs, parameters, groups=inputs.shape[1], **settings)


@pytest.mark.parametrize("multiplier", [1, 2])
def test_it_is_a_convolution_with_groups(multiplier: int) -> None:
    layer = DepthwiseConv2D(kernel_size=3, multiplier=multiplier, padding="same")
    results = build(layer, (5, 6, 3)).both_ways(a_step()).results()
    for name, same in build(as_conv2d(layer, 3), (5, 6, 3)).both_ways(a_step()).results().items():
        assert results[name].tobytes() == same.tobytes(), name
