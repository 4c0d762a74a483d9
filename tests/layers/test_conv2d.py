"""The two-dimensional convolution, and the two algorithms that compute it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.kernels.cpu.sizes import winograd_is_faster
from nnctl.kernels.device import CPU
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.operation import Shape, ShapeError, StepContext
from nnctl.model.plan import plan_network
from tests.support.gradients import relative_error
from tests.support.image_check import check_shape, images, paddings, pairs, small
from tests.support.layer_check import Float64, a_step, build
from tests.support.naive_windows import assembled, both, patches
from tests.support.pytorch_layer_check import PyTorchLayerCheck

ODD = [7, 6, 3]
VALID = {"out_channels": 2, "kernel_size": 3}


class TestConv2D(PyTorchLayerCheck):
    kind = Conv2D
    cases = (
        {"inputs": ODD, "out_channels": 4, "kernel_size": 3},
        {"inputs": [5, 5, 1], "out_channels": 2, "kernel_size": 3, "bias": False},
        {"inputs": ODD, "out_channels": 2, "kernel_size": 1},
        {"inputs": ODD, "out_channels": 3, "kernel_size": [2, 4], "padding": "same"},
        {"inputs": ODD, "out_channels": 2, "kernel_size": 5, "padding": 2, "stride": [2, 3]},
        {"inputs": ODD, "out_channels": 2, "kernel_size": 3, "padding": "same", "stride": 2, "dilation": 2},
        {"inputs": [2, 3, 2], "out_channels": 2, "kernel_size": 2, "padding": 3, "dilation": [1, 3]},
        {"inputs": [9, 8, 1], "out_channels": 2, "kernel_size": [4, 2], "padding": 4, "stride": [4, 3], "dilation": 2},
        {"inputs": [5, 6, 4], "out_channels": 6, "kernel_size": 3, "padding": 1, "groups": 2},
        {"inputs": [5, 6, 6], "out_channels": 9, "kernel_size": 2, "stride": [1, 2], "dilation": 2, "groups": 3},
        {"inputs": [5, 6, 3], "out_channels": 6, "kernel_size": 3, "padding": "same", "groups": 3, "bias": False},
        # and on, by Winograd
        {"inputs": [8, 8, 16], "out_channels": 16, "kernel_size": 3, "padding": "same"},
        {"inputs": [9, 12, 16], "out_channels": 17, "kernel_size": 3, "bias": False},
        {"inputs": [3, 5, 19], "out_channels": 16, "kernel_size": 3, "padding": 3},
    )
    refused = (
        VALID | {"out_channels": 0},
        VALID | {"kernel_size": 0},
        VALID | {"kernel_size": [3]},
        VALID | {"kernel_size": [3, 3, 3]},
        VALID | {"kernel_size": 2.0},
        VALID | {"stride": 0},
        VALID | {"stride": [1, 0]},
        VALID | {"dilation": -1},
        VALID | {"padding": -1},
        VALID | {"padding": "full"},
        VALID | {"groups": 0},
        VALID | {"filters": 3},
    )
    golden = (
        {"inputs": [6, 5, 3], "out_channels": 4, "kernel_size": 3},
        {"inputs": [6, 5, 3], "out_channels": 2, "kernel_size": [2, 4], "padding": "same"},
        {"inputs": [6, 5, 3], "out_channels": 2, "kernel_size": 5, "padding": 2, "stride": [2, 3], "bias": False},
        {"inputs": [6, 5, 3], "out_channels": 2, "kernel_size": 3, "padding": 1, "stride": 2, "dilation": [2, 1]},
        {"inputs": [5, 4, 4], "out_channels": 6, "kernel_size": 3, "padding": 1, "groups": 2},
    )

    @staticmethod
    def reference(layer: Conv2D, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        weight = parameters["weight"]
        own, out_channels = weight.shape[2:]  # inputs of a group, outputs of all
        bias = parameters.get("bias", np.zeros(out_channels))
        sizes = both(layer.kernel_size), both(layer.stride), both(layer.dilation)

        def channel(patch: Float64, o: int) -> float:
            first = o // (out_channels // layer.groups) * own
            return bias[o] + sum(
                patch[i, j, first + c] * weight[i, j, c, o] for i, j, c in np.ndindex(weight.shape[:3])
            )

        return np.array(
            [
                assembled(
                    [
                        (row, column, np.array([channel(patch, o) for o in range(out_channels)]))
                        for row, column, patch in patches(image, *sizes, layer.padding, 0.0)
                    ]
                )
                for image in inputs
            ]
        )

    @staticmethod
    def pytorch(
        inputs: Any,
        parameters: Mapping[str, Any],
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        **settings: Any,
    ) -> Any:
        from torch.nn import functional

        return functional.conv2d(inputs, **parameters, stride=stride, padding=padding, dilation=dilation, groups=groups)


@given(images, small, pairs, pairs, paddings, pairs, st.booleans())
@settings(deadline=None, max_examples=60)
def test_any_windows(
    shape: Shape, out_channels: int, kernel: Any, stride: Any, padding: Any, dilation: Any, bias: bool
) -> None:
    window = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    layer = {"out_channels": out_channels, **window} | ({} if bias else {"bias": False})
    check_shape(Conv2D.model_validate(layer), shape, TestConv2D.reference)


@pytest.mark.parametrize(
    ("out_channels", "what"), [(6, "its inputs' channels, 6"), (8, "its inputs' channels, 6"), (7, "out_channels, 7")]
)
def test_groups_that_do_not_divide_the_channels(out_channels: int, what: str) -> None:
    groups = 2 if out_channels == 7 else 4
    with pytest.raises(ShapeError) as raised:
        Conv2D(out_channels=out_channels, kernel_size=1, groups=groups).plan((5, 5, 6), CPU())
    assert raised.value.what == f"groups {groups} does not divide {what}"
    assert raised.value.help == "use a number that divides both the inputs' channels and out_channels"


@given(images, small, pairs, pairs, paddings, pairs, st.sampled_from([2, 3]), st.booleans())
@settings(deadline=None, max_examples=40)
def test_any_windows_of_groups(
    shape: Shape, made: int, kernel: Any, stride: Any, padding: Any, dilation: Any, groups: int, bias: bool
) -> None:
    """Groups of as many inputs as the image has channels; of one, the channels are by themselves."""
    window = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    layer = {"out_channels": made * groups, **window} | ({} if bias else {"bias": False})
    check_shape(Conv2D.model_validate(layer), (*shape[:2], shape[2] * groups), TestConv2D.reference)


def test_it_adds_up_like_a_linear_layer_where_the_kernel_is_the_image() -> None:
    layer = Conv2D(out_channels=4, kernel_size=[5, 3])
    arrays = build(layer, (5, 3, 2)).both_ways(a_step()).arrays
    weight = arrays.parameters["weight"].reshape(-1, 4)
    expected = arrays.inputs.reshape(3, -1) @ weight + arrays.parameters["bias"]
    assert relative_error(arrays.outputs.reshape(3, 4), expected) < 1e-14


def test_a_plan_takes_no_memory() -> None:
    plan = Conv2D(out_channels=10**9, kernel_size=[10**6, 10**6], padding="same").plan((10**6, 10**6, 10**6), CPU())
    assert plan.outputs == (10**6, 10**6, 10**9)
    assert plan.multiply_adds == 10**39


WINOGRAD: list[tuple[dict[str, Any], Shape]] = [
    ({"out_channels": 64, "padding": "same"}, (14, 14, 32)),
    ({"out_channels": 16, "padding": 1, "bias": False}, (9, 15, 16)),
    ({"out_channels": 33}, (7, 16, 48)),
]
DIRECT: list[tuple[dict[str, Any], Shape]] = [
    ({"out_channels": 32, "padding": "same"}, (32, 32, 3)),
    ({"out_channels": 8, "padding": "same"}, (32, 32, 32)),
    ({"out_channels": 64, "padding": "same", "kernel_size": 5}, (14, 14, 32)),
    ({"out_channels": 64, "padding": "same", "kernel_size": [3, 1]}, (14, 14, 32)),
    ({"out_channels": 64, "padding": "same", "stride": 2}, (28, 28, 32)),
    ({"out_channels": 64, "padding": "same", "dilation": [1, 2]}, (14, 14, 32)),
    ({"out_channels": 64, "padding": "same"}, (3, 99, 64)),
    ({"out_channels": 16, "padding": "same"}, (7, 7, 16)),
    ({"out_channels": 512, "padding": "same"}, (14, 14, 64)),
]


def conv2d(settings: dict[str, Any]) -> Conv2D:
    return Conv2D.model_validate({"kernel_size": 3} | settings)


def scratch_names(layer: Conv2D, shape: Shape) -> set[str]:
    return {scratch.name for scratch in layer.plan(shape, CPU()).arrays}


@pytest.mark.parametrize(("settings", "shape"), WINOGRAD)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 2e-6)])
def test_winograds_filtering_gives_the_sums_over_the_taps(
    settings: dict[str, Any], shape: Shape, dtype: str, tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = conv2d(settings)
    assert "transformed" in scratch_names(layer, shape)
    found = build(layer, shape, dtype=dtype).both_ways(a_step()).results()
    monkeypatch.setattr("nnctl.kernels.cpu.sizes.winograd_is_faster", lambda *_: False)
    assert "by_phase" in scratch_names(layer, shape)
    for name, expected in build(layer, shape, dtype=dtype).both_ways(a_step()).results().items():
        assert relative_error(found[name], expected) < tolerance, name


@pytest.mark.parametrize(("settings", "shape"), DIRECT)
def test_others_are_sums_over_the_taps(settings: dict[str, Any], shape: Shape) -> None:
    assert "by_phase" in scratch_names(conv2d(settings), shape)


def test_winograds_filtering_is_slower_with_few_channels_or_outputs() -> None:
    assert winograd_is_faster((8, 8), 16, 16)
    assert winograd_is_faster((4, 4), 64, 64)
    assert not winograd_is_faster((8, 7), 16, 64)
    assert not winograd_is_faster((8, 8), 15, 64)


def test_the_plan_counts_the_memory_of_winograds_filtering() -> None:
    layer, shape = conv2d({"out_channels": 64, "padding": "same"}), (14, 14, 32)
    plan = plan_network([layer], shape)
    activations = 8 * (14 * 14 * 32 + 2 * 14 * 14 * 64)
    positions = 16 * 32 * 64 * (8 + 3)  # the weight's and its gradient's, in eight chunks
    assert plan.memory(8, 4, 0) == 4 * (3 * plan.parameters + activations + positions + 8 * 128)
