"""The transposed convolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.kernels.device import CPU
from nnctl.layers.conv_transpose2d import ConvTranspose2D
from nnctl.layers.operation import Shape, ShapeError, StepContext
from tests.support.image_check import check_shape, images, pairs
from tests.support.kind_check import Settings
from tests.support.layer_check import Float64
from tests.support.naive_windows import both
from tests.support.pytorch_layer_check import PyTorchLayerCheck

INPUTS = [3, 4, 2]
PLAIN = {"out_channels": 2, "kernel_size": 3}


class TestConvTranspose2D(PyTorchLayerCheck):
    kind = ConvTranspose2D
    cases = (
        {"inputs": INPUTS, "out_channels": 3, "kernel_size": 3},
        {"inputs": INPUTS, "out_channels": 3, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1},
        {"inputs": INPUTS, "out_channels": 2, "kernel_size": [1, 2], "stride": 3, "bias": False},
        {"inputs": INPUTS, "out_channels": 2, "kernel_size": 4, "stride": [2, 3], "padding": "same"},
        {"inputs": [2, 3, 4], "out_channels": 6, "kernel_size": 2, "stride": 2, "groups": 2, "dilation": [1, 3]},
        {"inputs": INPUTS, "out_channels": 1, "kernel_size": 1, "stride": 2, "output_padding": [0, 1]},
    )
    refused = (
        {},
        PLAIN | {"kernel_size": 0},
        PLAIN | {"stride": 0},
        PLAIN | {"padding": "causal"},
        PLAIN | {"output_padding": -1},
        PLAIN | {"output_padding": [0, 0, 0]},
        PLAIN | {"groups": 0},
    )
    golden = (
        {"inputs": INPUTS, "out_channels": 3, "kernel_size": 3},
        {"inputs": INPUTS, "out_channels": 3, "kernel_size": 3, "stride": 2, "padding": 1, "output_padding": [1, 0]},
        {"inputs": [2, 3, 4], "out_channels": 6, "kernel_size": [3, 2], "stride": [1, 2], "groups": 2, "bias": False},
    )

    @staticmethod
    def reference(
        layer: ConvTranspose2D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        weight = parameters["weight"]
        taps, made = weight.shape[:2], weight.shape[2]  # made: outputs of a group
        stride, dilation, added = both(layer.stride), both(layer.dilation), both(layer.output_padding)
        size, first = [], []
        for axis in (0, 1):
            reach, count = dilation[axis] * (taps[axis] - 1) + 1, inputs.shape[1 + axis]
            if layer.padding == "same":
                first.append(max(reach - stride[axis], 0) // 2)
                size.append(count * stride[axis] + added[axis])
            else:
                first.append(layer.padding if isinstance(layer.padding, int) else 0)
                size.append((count - 1) * stride[axis] + reach - 2 * first[axis] + added[axis])
        outputs = np.zeros((len(inputs), *size, layer.out_channels))
        for h, w, i, j in np.ndindex(*inputs.shape[1:3], *taps):
            row = h * stride[0] + i * dilation[0] - first[0]
            column = w * stride[1] + j * dilation[1] - first[1]
            if not (0 <= row < size[0] and 0 <= column < size[1]):
                continue
            for c in range(inputs.shape[3]):
                group = c // (inputs.shape[3] // layer.groups) * made
                for o in range(made):
                    outputs[:, row, column, group + o] += inputs[:, h, w, c] * weight[i, j, o, c]
        return outputs + parameters.get("bias", np.zeros(layer.out_channels))

    @staticmethod
    def pytorch(
        inputs: Any,
        parameters: Mapping[str, Any],
        stride: Any = 1,
        padding: int = 0,
        output_padding: Any = 0,
        groups: int = 1,
        **settings: Any,
    ) -> Any:
        from torch.nn import functional

        window = {"stride": stride, "padding": padding, "output_padding": output_padding, "groups": groups}
        return functional.conv_transpose2d(inputs, **parameters, **window)


@given(images, pairs, pairs, st.sampled_from(["valid", "same"]) | st.integers(0, 2), pairs, st.booleans())
@settings(deadline=None, max_examples=40)
def test_any_windows(shape: Shape, kernel: Any, stride: Any, padding: Any, dilation: Any, bias: bool) -> None:
    window = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    layer = {"out_channels": 2, **window} | ({} if bias else {"bias": False})
    small_shape = min(shape[0], 4), min(shape[1], 4), shape[2]
    check_shape(ConvTranspose2D.model_validate(layer), small_shape, TestConvTranspose2D.reference)


@pytest.mark.parametrize(
    ("layer", "shape", "what"),
    [
        (PLAIN, (7,), "needs images, three axes a sample: (height, width, channels)"),
        (
            PLAIN | {"output_padding": [0, 1]},
            (3, 3, 1),
            "output_padding 1 is not smaller than its stride 1 or dilation 1",
        ),
        (PLAIN | {"padding": 2}, (3, 2, 1), "padding 2 leaves out all outputs along the width"),
        (PLAIN | {"groups": 2}, (3, 3, 1), "groups 2 does not divide its inputs' channels, 1"),
    ],
)
def test_a_shape_that_does_not_fit(layer: Settings, shape: Shape, what: str) -> None:
    with pytest.raises(ShapeError) as raised:
        ConvTranspose2D.model_validate(layer).plan(shape, CPU())
    assert raised.value.what == what
    assert raised.value.help
