"""Checks a layer over images on whatever shapes, strides, paddings and dilations hypothesis thinks of."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from numpy.typing import NDArray

from nnctl.kernels.device import CPU
from nnctl.layers.layer import Layer
from nnctl.layers.operation import Shape, ShapeError
from tests.support.layer_check import Reference, a_step, build, check_contract

size = st.integers(1, 9)
small = st.integers(1, 3)
pairs = small | st.lists(small, min_size=2, max_size=2)
paddings = st.sampled_from(["valid", "same"]) | st.integers(0, 3)
images = st.tuples(size, size, small)


def check_shape(layer: Layer, shape: Shape, reference: Reference) -> None:
    """Outputs as the naive reference has them; d_inputs are their gradient, as the layers are linear piece by piece."""
    try:
        layer.plan(shape, CPU())
    except ShapeError:
        assume(False)
    step = a_step()
    arrays = build(layer, shape).both_ways(step).arrays
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
