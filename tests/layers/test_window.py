"""Windows over images: how many, where, and what is said where not one fits."""

from __future__ import annotations

from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.kernels.device import CPU
from nnctl.layers.avg_pool2d import AvgPool2D
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.layer import Layer
from nnctl.layers.max_pool2d import MaxPool2D
from nnctl.layers.operation import Shape, ShapeError
from nnctl.layers.window import windows
from tests.support.naive_windows import padding_along

small = st.integers(1, 4)


@given(st.integers(1, 12), small, small, small, st.sampled_from(["valid", "same"]) | st.integers(0, 3))
def test_windows_are_where_counting_puts_them(
    size: int, kernel: int, stride: int, dilation: int, padding: str | int
) -> None:
    before, after = padding_along(size, kernel, stride, dilation, padding)
    starts = range(-before, size + after - (kernel - 1) * dilation, stride)
    if len(starts) == 0:
        with pytest.raises(ShapeError):
            windows((size, 100), (kernel, 1), (stride, 1), (dilation, 1), padding)
        return
    over = windows((size, 100), (kernel, 1), (stride, 1), (dilation, 1), padding)
    assert (over.before[0], over.outputs[0]) == (before, len(starts))
    if padding == "same":
        assert over.outputs[0] == ceil(size / stride)


def test_the_odd_one_out_is_added_at_the_end() -> None:
    over = windows((6, 6), (4, 3), (1, 2), (1, 1), "same")
    assert over.before == (1, 0)  # 3 to add along the height, 1 along the width
    assert over.outputs == (6, 3)


@pytest.mark.parametrize(
    ("layer", "arrives", "message"),
    [
        (Conv2D(out_channels=2, kernel_size=3), (784,), "needs images, three axes a sample: (height, width, channels)"),
        (MaxPool2D(kernel_size=2), (28, 28), "needs images, three axes a sample: (height, width, channels)"),
        (Conv2D(out_channels=2, kernel_size=5), (4, 6, 1), "kernel_size 5 is larger than its inputs' height, 4"),
        (Conv2D(out_channels=2, kernel_size=[1, 5]), (4, 4, 1), "kernel_size 5 is larger than its inputs' width, 4"),
        (
            Conv2D(out_channels=2, kernel_size=7, padding=1),
            (4, 6, 1),
            "kernel_size 7 is larger than its inputs' height, 4 with padding 1 on both sides, 6",
        ),
        (
            Conv2D(out_channels=2, kernel_size=3, dilation=3),
            (6, 9, 1),
            "kernel_size 3 with dilation 3 reaches over 7, which is larger than its inputs' height, 6",
        ),
        (AvgPool2D(kernel_size=2, stride=2), (1, 1, 8), "kernel_size 2 is larger than its inputs' height, 1"),
        (
            MaxPool2D(kernel_size=2, padding=2),
            (8, 8, 1),
            "padding 2 is not smaller than kernel_size 2: a window would see no inputs",
        ),
    ],
)
def test_a_shape_that_does_not_fit(layer: Layer, arrives: Shape, message: str) -> None:
    with pytest.raises(ShapeError) as caught:
        layer.plan(arrives, CPU())
    assert caught.value.what == message
    assert caught.value.help
