"""The layers over images, for whatever shapes, strides, paddings and dilations hypothesis thinks of."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.kernels.device import CPU
from nnctl.layers.avg_pool2d import AvgPool2D
from nnctl.layers.conv2d import Conv2D
from nnctl.layers.layer import Layer
from nnctl.layers.max_pool2d import MaxPool2D
from nnctl.layers.operation import Shape, ShapeError
from tests.support.gradients import relative_error
from tests.support.layer_check import a_step, build, check_contract
from tests.support.naive import REFERENCES

size = st.integers(1, 9)
small = st.integers(1, 3)
pairs = small | st.lists(small, min_size=2, max_size=2)
paddings = st.sampled_from(["valid", "same"]) | st.integers(0, 3)
images = st.tuples(size, size, small)


def check_shape(layer: Layer, shape: Shape) -> None:
    """Outputs as the naive reference has them; d_inputs are their gradient, as the layers are linear piece by piece."""
    try:
        layer.plan(shape, CPU())
    except ShapeError:
        assume(False)
    step = a_step()
    arrays = build(layer, shape).both_ways(step).arrays
    reference = REFERENCES[str(type(layer).model_fields["type"].default)]
    np.testing.assert_allclose(
        arrays.outputs, reference(layer, arrays.inputs, arrays.parameters, step), rtol=1e-11, atol=1e-12
    )
    assert arrays.d_inputs is not None
    _check_along_a_line(layer, shape, "inputs", arrays.d_inputs)
    for name, gradient in arrays.gradients.items():
        _check_along_a_line(layer, shape, name, gradient)
    check_contract(layer, shape, step)


def _check_along_a_line(layer: Layer, shape: Shape, name: str, gradient: NDArray[Any], step: float = 1e-6) -> None:
    """The gradient along one random direction, by finite differences."""
    probe = build(layer, shape)
    target = probe.arrays.inputs if name == "inputs" else probe.arrays.parameters[name]
    start, direction = target.copy(), np.random.default_rng(5).normal(size=target.shape)
    sums = []
    for sign in (1, -1):
        target[...] = start + sign * step * direction
        arrays = probe.forward(a_step()).arrays
        sums.append(np.sum(arrays.outputs * arrays.d_outputs))
    slope = (sums[0] - sums[1]) / (2 * step)
    along = np.sum(direction * gradient)
    scale = np.linalg.norm(direction * gradient) + 1e-3
    assert abs(along - slope) < 1e-6 * scale, f"d_{name}: {along}, {slope} was expected"


@given(images, small, pairs, pairs, paddings, pairs, st.booleans())
@settings(deadline=None, max_examples=60)
def test_conv2d(
    shape: Shape, out_channels: int, kernel: Any, stride: Any, padding: Any, dilation: Any, bias: bool
) -> None:
    window = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
    layer = {"out_channels": out_channels, **window} | ({} if bias else {"bias": False})
    check_shape(Conv2D.model_validate(layer), shape)


@given(images, pairs, st.none() | pairs, paddings, st.sampled_from([MaxPool2D, AvgPool2D]))
@example((2, 4, 1), 2, 3, "same", MaxPool2D)  # as many windows as would cover it, with a gap between them
@settings(deadline=None, max_examples=60)
def test_pools(shape: Shape, kernel: Any, stride: Any, padding: Any, kind: type[Layer]) -> None:
    check_shape(kind.model_validate({"kernel_size": kernel, "stride": stride, "padding": padding}), shape)


def test_conv2d_adds_up_like_a_linear_layer_where_the_kernel_is_the_image() -> None:
    layer = Conv2D(out_channels=4, kernel_size=[5, 3])
    arrays = build(layer, (5, 3, 2)).both_ways(a_step()).arrays
    weight = arrays.parameters["weight"].reshape(-1, 4)
    expected = arrays.inputs.reshape(3, -1) @ weight + arrays.parameters["bias"]
    assert relative_error(arrays.outputs.reshape(3, 4), expected) < 1e-14


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


def test_max_pool2d_shows_a_nan() -> None:
    layer = MaxPool2D(kernel_size=2)
    for place in range(4):
        built = build(layer, (2, 2, 1), samples=1)
        arrays = built.arrays
        arrays.inputs.ravel()[place] = np.nan
        built.forward(a_step())
        assert np.isnan(arrays.outputs.item())
        assert arrays.scratch["argmax"].item() == place


def test_an_average_counts_what_is_there() -> None:
    layer = AvgPool2D(kernel_size=3, stride=1, padding="same")
    built = build(layer, (4, 5, 2))
    arrays = built.arrays
    arrays.inputs[...] = 7.0
    built.forward(a_step())
    np.testing.assert_allclose(arrays.outputs, 7.0, rtol=1e-15)
