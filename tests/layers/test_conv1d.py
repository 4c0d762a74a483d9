"""The convolution over the steps of sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.kernels.device import CPU
from nnctl.layers.conv1d import Conv1D
from nnctl.layers.operation import ShapeError, StepContext
from tests.support.image_check import check_shape
from tests.support.kind_check import Settings
from tests.support.layer_check import Float64, a_step, build
from tests.support.naive_windows import padding_along
from tests.support.pytorch_layer_check import PyTorchLayerCheck
from tests.support.sequence_check import FEATURES, STEPS, SequenceCheck

INPUTS = [STEPS, FEATURES]
VALID = {"out_channels": 2, "kernel_size": 3}


def edges(layer: Conv1D, steps: int) -> tuple[int, int]:
    """The zeros in front of the steps and behind them."""
    if layer.padding == "causal":
        return layer.dilation * (layer.kernel_size - 1), 0
    return padding_along(steps, layer.kernel_size, layer.stride, layer.dilation, layer.padding)


class TestConv1D(SequenceCheck, PyTorchLayerCheck):
    kind = Conv1D
    cases = (
        {"inputs": INPUTS, "out_channels": 4, "kernel_size": 3},
        {"inputs": INPUTS, "out_channels": 2, "kernel_size": 3, "padding": "same", "stride": 2},
        {"inputs": INPUTS, "out_channels": 2, "kernel_size": 4, "padding": "same", "bias": False},
        {"inputs": INPUTS, "out_channels": 2, "kernel_size": 3, "padding": "causal", "dilation": 2},
        {"inputs": INPUTS, "out_channels": 2, "kernel_size": 2, "padding": "causal", "stride": 3},
        {"inputs": INPUTS, "out_channels": 5, "kernel_size": 3, "padding": 2, "stride": 2, "dilation": 2},
        {"inputs": INPUTS, "out_channels": 6, "kernel_size": 3, "padding": "same", "groups": 3},
        {"inputs": [6, 4], "out_channels": 6, "kernel_size": 2, "stride": 2, "groups": 2},
    )
    refused = (
        {},
        VALID | {"kernel_size": 0},
        VALID | {"kernel_size": [3]},
        VALID | {"stride": 0},
        VALID | {"padding": -1},
        VALID | {"padding": "full"},
        VALID | {"groups": 0},
    )
    golden = (
        {"inputs": [6, 3], "out_channels": 4, "kernel_size": 3},
        {"inputs": [6, 3], "out_channels": 2, "kernel_size": 3, "padding": 2, "stride": 2, "dilation": 2},
        {"inputs": [6, 4], "out_channels": 6, "kernel_size": 3, "padding": "same", "groups": 2, "bias": False},
    )

    def least(self, case: Settings) -> int:
        layer = self.layer(case)
        assert isinstance(layer, Conv1D)
        if isinstance(layer.padding, str) and layer.padding != "valid":
            return 1
        return layer.dilation * (layer.kernel_size - 1) + 1 - sum(edges(layer, STEPS))

    @staticmethod
    def reference(layer: Conv1D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        weight = parameters["weight"]
        taps, own, out_channels = weight.shape  # own: inputs of a group
        bias = parameters.get("bias", np.zeros(out_channels))
        padded = np.pad(inputs, [(0, 0), edges(layer, inputs.shape[1]), (0, 0)])
        starts = range(0, padded.shape[1] - layer.dilation * (taps - 1), layer.stride)
        outputs = np.zeros((len(inputs), len(starts), out_channels))
        for n, t, o in np.ndindex(outputs.shape):
            first = o // (out_channels // layer.groups) * own
            outputs[n, t, o] = bias[o] + sum(
                padded[n, starts[t] + i * layer.dilation, first + c] * weight[i, c, o] for i, c in np.ndindex(taps, own)
            )
        return outputs

    @staticmethod
    def pytorch(
        inputs: Any,
        parameters: Mapping[str, Any],
        stride: int = 1,
        padding: Any = 0,
        dilation: int = 1,
        groups: int = 1,
        **settings: Any,
    ) -> Any:
        from torch.nn import functional

        return functional.conv1d(inputs, **parameters, stride=stride, padding=padding, dilation=dilation, groups=groups)


small = st.integers(1, 3)


@given(
    st.integers(1, 9), small, small, small, small, st.sampled_from(["valid", "same", "causal"]) | small, st.booleans()
)
@settings(deadline=None, max_examples=40)
def test_any_windows(
    steps: int, channels: int, kernel: int, stride: int, dilation: int, padding: Any, bias: bool
) -> None:
    window = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    layer = {"out_channels": 2, **window} | ({} if bias else {"bias": False})
    check_shape(Conv1D.model_validate(layer), (steps, channels), TestConv1D.reference)


def test_a_causal_output_sees_no_later_step() -> None:
    layer = Conv1D(out_channels=2, kernel_size=3, dilation=2, padding="causal")
    before, after = build(layer, (9, 2)), build(layer, (9, 2))
    after.arrays.inputs[:, 5:] += 1.0
    one, other = before.forward(a_step()).arrays.outputs, after.forward(a_step()).arrays.outputs
    np.testing.assert_array_equal(one[:, :5], other[:, :5])
    assert (one[:, 5] != other[:, 5]).all()


def test_a_sample_that_is_shorter_than_a_window_has_one_output() -> None:
    """As if there were zeros behind its end."""
    layer = Conv1D(out_channels=2, kernel_size=4)
    built = build(layer, (6, 2), samples=2, lengths=np.array([2, 6]))
    built.arrays.inputs[0, 2:] = np.nan
    arrays = built.forward(a_step()).arrays
    assert built.operation.steps(np.array([2, 6])).tolist() == [1, 3]
    assert arrays.scratch["lengths"].tolist() == [1, 3]
    weight, bias = arrays.parameters["weight"], arrays.parameters["bias"]
    np.testing.assert_allclose(arrays.outputs[0, 0], np.einsum("tc,tco->o", arrays.inputs[0, :2], weight[:2]) + bias)
    assert not arrays.outputs[0, 1:].any()


@pytest.mark.parametrize(
    ("layer", "shape", "what"),
    [
        (VALID, (7,), "needs sequences, two axes a sample: (steps, features)"),
        (VALID, (2, 3), "kernel_size 3 is larger than its inputs' number of steps, 2"),
        (VALID | {"groups": 2}, (7, 3), "groups 2 does not divide its inputs' channels, 3"),
    ],
)
def test_a_shape_that_does_not_fit(layer: Settings, shape: tuple[int, ...], what: str) -> None:
    with pytest.raises(ShapeError) as raised:
        Conv1D.model_validate(layer).plan(shape, CPU())
    assert raised.value.what == what
    assert raised.value.help
