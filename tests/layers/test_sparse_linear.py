"""A linear layer with few connections: as a dense one whose weight is 0 elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.kernels.device import CPU
from nnctl.layers.connections import Connections, even_inputs, even_starts, from_dense, to_dense
from nnctl.layers.linear import Linear
from nnctl.layers.operation import ShapeError, StepContext
from nnctl.layers.sparse_linear import SparseLinear
from tests.support.layer_check import Array, Built, Float64, LayerCheck, a_step, build
from tests.support.threads import threads


class TestSparseLinear(LayerCheck):
    kind = SparseLinear
    cases = (
        {"inputs": [5], "out_features": 4, "connections": 9},
        {"inputs": [3], "out_features": 5, "connections": 2, "bias": False},
        {"inputs": [4, 3], "out_features": 5, "connections": 15},
        {"inputs": [40], "out_features": 19, "connections": 300},
    )
    refused = (
        {"out_features": 2},
        {"connections": 2},
        {"out_features": 0, "connections": 2},
        {"out_features": 2, "connections": 0},
        {"out_features": 2, "connections": 0.5},
        {"out_features": 2, "connections": 2, "bias": True},
    )
    without_pytorch = "its linear layers are dense: compared with nnctl's, which is"

    @staticmethod
    def reference(
        layer: SparseLinear, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext
    ) -> Float64:
        starts = even_starts(layer.out_features, layer.connections)
        numbers = even_inputs(inputs.shape[-1], starts, np.random.default_rng(0))  # as `build` starts buffers
        weight, bias = parameters["weight"], parameters.get("bias", np.zeros(layer.out_features))
        return np.array(
            [
                [
                    bias[j] + sum(weight[k] * row[numbers[k]] for k in range(starts[j], starts[j + 1]))
                    for j in range(layer.out_features)
                ]
                for row in inputs.reshape(-1, inputs.shape[-1])
            ]
        ).reshape(*inputs.shape[:-1], layer.out_features)


def with_connections(built: Built, found: Connections) -> Built:
    built.arrays.buffers["inputs"][...] = found.inputs
    built.arrays.buffers["starts"][...] = found.starts
    built.arrays.parameters["weight"][...] = found.values[0]
    return built


@settings(deadline=None, max_examples=40)
@given(
    samples=st.integers(1, 40) | st.integers(60, 140),
    steps=st.integers(0, 3),
    in_features=st.integers(1, 70),
    out_features=st.integers(1, 90),
    share=st.floats(0, 1),
    dtype=st.sampled_from(["float32", "float64"]),
    number=st.integers(1, 3),
)
def test_it_is_a_dense_layer_with_zeros(
    samples: int, steps: int, in_features: int, out_features: int, share: float, dtype: str, number: int
) -> None:
    """Any connections, unevenly spread too: some outputs have none, some have all."""
    shape = (steps, in_features) if steps else (in_features,)
    dense = build(Linear(out_features=out_features), shape, samples, dtype)
    random = np.random.default_rng(samples)
    mask = random.random((in_features, out_features)) < share * random.random(out_features) * 2
    mask[0, 0] = True
    weight = dense.arrays.parameters["weight"]
    weight *= mask
    sparse = build(SparseLinear(out_features=out_features, connections=int(mask.sum())), shape, samples, dtype)
    with_connections(sparse, from_dense(mask, weight))
    for name in ("inputs", "d_outputs"):
        getattr(sparse.arrays, name)[...] = getattr(dense.arrays, name)
    sparse.arrays.parameters["bias"][...] = dense.arrays.parameters["bias"]
    expected = dense.both_ways(a_step()).results()
    expected["d_weight"] = from_dense(mask, expected["d_weight"]).values[0]
    with threads(number):
        found = sparse.both_ways(a_step()).results()
    error = 1e-13 if dtype == "float64" else 3e-6
    for name, result in found.items():
        np.testing.assert_allclose(result, expected[name], rtol=error, atol=error * 30, err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_sample_has_the_same_bits_in_any_batch(dtype: type[np.floating]) -> None:
    """Whatever its tile."""
    layer = SparseLinear(out_features=33, connections=400)
    whole = build(layer, (50,), 91, dtype)
    expected = whole.both_ways(a_step()).results()
    for first, samples in ((0, 1), (3, 17), (16, 45), (40, 51)):
        part = build(layer, (50,), samples, dtype)
        rows = slice(first, first + samples)
        for own, other in ((part.arrays.inputs, whole.arrays.inputs), (part.arrays.d_outputs, whole.arrays.d_outputs)):
            own[...] = other[rows]
        for name, parameter in part.arrays.parameters.items():
            parameter[...] = whole.arrays.parameters[name]
        found = part.both_ways(a_step()).results()
        for name in ("outputs", "d_inputs"):
            assert found[name].tobytes() == expected[name][rows].tobytes()


LENGTHS = np.array([3, 1, 5])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_padding_changes_no_bit(dtype: type[np.floating]) -> None:
    results = []
    for steps in (5, 9):
        built = build(SparseLinear(out_features=20, connections=70), (steps, 7), 3, dtype, lengths=LENGTHS)
        arrays = built.arrays
        random = np.random.default_rng(1)
        for at in (arrays.inputs, arrays.d_outputs):
            at[:, :5] = random.normal(size=(3, 5, at.shape[2]))
        for parameter in arrays.parameters.values():
            parameter[...] = random.normal(size=parameter.shape)
        arrays.d_outputs[np.arange(steps) >= LENGTHS[:, np.newaxis]] = 0
        built.both_ways(a_step())
        assert arrays.d_inputs is not None
        results.append(
            [arrays.outputs[:, :5], arrays.d_inputs[:, :5], arrays.gradients["weight"], arrays.gradients["bias"]]
        )
    for found, expected in zip(*results, strict=True):
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("layer", "shape", "what", "path"),
    [
        ({"connections": 7}, (3,), "7 connections are more than 3 inputs and 2 outputs can have", "connections"),
        ({"connections": 2}, (3, 3, 1), "needs a row of features", ""),
        ({"connections": 2, "weight": "orthogonal"}, (3,), "an orthogonal weight has all connections", "weight"),
    ],
)
def test_what_it_cannot_be_is_refused(layer: dict[str, Any], shape: tuple[int, ...], what: str, path: str) -> None:
    made = TestSparseLinear().make({"out_features": 2, **layer})
    with pytest.raises(ShapeError, match=what) as refused:
        made.plan(shape, CPU())
    assert refused.value.path == path
    assert refused.value.help


def test_a_dense_weight_comes_back() -> None:
    random = np.random.default_rng(2)
    mask = random.random((4, 6)) < 0.4
    weight: Array = random.normal(size=(4, 6)) * mask
    found, back = to_dense(from_dense(mask, weight), 4)
    np.testing.assert_array_equal(found, mask)
    np.testing.assert_array_equal(back, weight)
