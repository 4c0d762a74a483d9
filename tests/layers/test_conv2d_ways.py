"""The two ways of computing a convolution: which layers take which, and that their results are the same."""

from __future__ import annotations

from typing import Any

import pytest

from nnctl.kernels.cpu.sizes import winograd_is_faster
from nnctl.kernels.device import CPU
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.operation import Shape
from nnctl.model.plan import plan_network
from tests.support.gradients import relative_error
from tests.support.layer_check import a_step, build

TAKEN: list[tuple[dict[str, Any], Shape]] = [
    ({"out_channels": 64, "padding": "same"}, (14, 14, 32)),
    ({"out_channels": 16, "padding": 1, "bias": False}, (9, 15, 16)),
    ({"out_channels": 33}, (7, 16, 48)),
]
NOT_TAKEN: list[tuple[dict[str, Any], Shape]] = [
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


@pytest.mark.parametrize(("settings", "shape"), TAKEN)
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-13), ("float32", 2e-6)])
def test_winograds_gives_the_sums_over_the_taps(
    settings: dict[str, Any], shape: Shape, dtype: str, tolerance: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = conv2d(settings)
    assert "transformed" in scratch_names(layer, shape)
    by_winograd = build(layer, shape, dtype=dtype).both_ways(a_step()).results()
    monkeypatch.setattr("nnctl.kernels.cpu.sizes.winograd_is_faster", lambda *_: False)
    assert "flipped" in scratch_names(layer, shape)
    for name, expected in build(layer, shape, dtype=dtype).both_ways(a_step()).results().items():
        assert relative_error(by_winograd[name], expected) < tolerance, name


@pytest.mark.parametrize(("settings", "shape"), NOT_TAKEN)
def test_others_are_sums_over_the_taps(settings: dict[str, Any], shape: Shape) -> None:
    assert "flipped" in scratch_names(conv2d(settings), shape)


def test_few_channels_or_outputs_are_slower() -> None:
    assert winograd_is_faster((8, 8), 16, 16)
    assert winograd_is_faster((4, 4), 64, 64)
    assert not winograd_is_faster((8, 7), 16, 64)
    assert not winograd_is_faster((8, 8), 15, 64)


def test_the_plan_counts_its_memory() -> None:
    layer, shape = conv2d({"out_channels": 64, "padding": "same"}), (14, 14, 32)
    plan = plan_network([layer], shape)
    activations = 8 * (14 * 14 * 32 + 2 * 14 * 14 * 64)
    positions = 16 * 32 * 64 * (8 + 3)  # the weight's and its gradient's, in eight chunks
    assert plan.memory(8, 4, 0) == 4 * (3 * plan.parameters + activations + positions + 8 * 128)
