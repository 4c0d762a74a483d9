"""Networks with sparse layers: what is kept of them, what penalties and norms make of a list, what a checkpoint may not
say.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.errors import CheckpointError
from nnctl.layers.connections import Connections, to_dense
from nnctl.layers.regularization import Regularization
from nnctl.model.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from nnctl.model.regularizer import Regularizer
from nnctl.model.weighted_layers import weighted_layers
from tests.support.specs import layers_of
from tests.support.threads import threads

LAYERS: list[Any] = [
    {"type": "sparse_linear", "out_features": 6, "connections": 20, "activation": "tanh"},
    {"type": "sparse_linear", "out_features": 3, "connections": 7, "bias": False, "weight": "he_normal"},
]
INPUTS = 5


def network(precision: str = "float64", regularization: Regularization | None = None, **first: Any) -> Network:
    plan = plan_network(layers_of([LAYERS[0] | first, LAYERS[1]]), (INPUTS,), regularization=regularization)
    made = Network(plan, 4, precision)
    made.initialize(3)
    return made


def of(made: Network, layer: str, values: np.ndarray | None = None) -> Connections:
    kept = made.kept()
    weight = kept[f"{layer}.weight"] if values is None else values
    return Connections(kept[f"{layer}.inputs"], kept[f"{layer}.starts"], (weight,))


def test_what_it_costs() -> None:
    plan = network().plan
    assert (plan.parameters, plan.buffers, plan.multiply_adds) == (20 + 6 + 7, 20 + 7 + 7 + 4, 27)
    assert [array.dtype for array in network("float32").buffers.values()] == [np.int32] * 4


def test_the_fan_is_that_of_an_output() -> None:
    plan = plan_network(
        layers_of([{"type": "sparse_linear", "out_features": 400, "connections": 4000, "weight": "he_normal"}]), (200,)
    )
    made = Network(plan, 1, "float64")
    made.initialize(1)
    assert np.std(made.kept()["layers.0.weight"]) == pytest.approx((2 / 10) ** 0.5, rel=0.05)


def test_connections_follow_from_the_seed() -> None:
    first, again = network(), network()
    np.testing.assert_array_equal(first.kept()["layers.0.inputs"], again.kept()["layers.0.inputs"])
    again.initialize(4)
    assert (first.kept()["layers.0.inputs"] != again.kept()["layers.0.inputs"]).any()


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_through_a_checkpoint(precision: str, tmp_path: Path) -> None:
    made, file = network(precision), tmp_path / "last.safetensors"
    write_checkpoint(file, Checkpoint(dict(made.kept()), {}))
    other = Network(made.plan, 4, precision)
    other.load(read_checkpoint(file).tensors)
    for name, array in made.kept().items():
        assert (other.kept()[name].dtype, other.kept()[name].tobytes()) == (array.dtype, array.tobytes())


@pytest.mark.parametrize(
    "wrong",
    [
        np.full(20, INPUTS, np.int32),
        np.full(20, -1, np.int32),
        np.zeros(20),
        np.full(20, 2**40),
    ],
)
def test_places_beyond_the_inputs_are_refused(wrong: np.ndarray) -> None:
    made = network()
    with pytest.raises(CheckpointError, match=r"layers\.0\.inputs holds more than integers from 0 to 4"):
        made.load(dict(made.kept()) | {"layers.0.inputs": wrong})


def test_weights_of_more_inputs_do_not_fit() -> None:
    here, other = (
        weighted_layers(plan_network(layers_of(LAYERS), (inputs,)))["layers.0"] for inputs in (INPUTS, INPUTS + 1)
    )
    assert here.misfit(here) == ""
    assert here.misfit(other) == "inputs are up to 5 there"


def test_penalties_are_those_of_a_dense_weight() -> None:
    made = network(regularization=Regularization(l1=0.3, l2=0.2))
    made.gradients[...] = 1.0
    regularizer = Regularizer(made)
    for layer in made.spans():
        regularizer.penalize(layer)
    for name, array in made.kept().items():
        if name in ("layers.0.weight", "layers.1.weight"):
            start = 0 if name == "layers.0.weight" else 20 + 6
            own = made.gradients[start : start + array.size]
            np.testing.assert_allclose(own, 1.0 + 0.3 * np.sign(array) + 0.4 * array)
    assert (made.gradients[20:26] == 1.0).all()


@pytest.mark.parametrize("number", [1, 2])
def test_norms_are_limited_by_output(number: int) -> None:
    made = network(regularization=Regularization(max_norm=0.5))
    made.parameters[...] = np.random.default_rng(2).normal(size=made.parameters.size)
    before = {layer: to_dense(of(made, layer), INPUTS + 1)[1] for layer in ("layers.0", "layers.1")}
    bias = made.kept()["layers.0.bias"].copy()
    regularizer = Regularizer(made)
    with threads(number):
        for layer in made.spans():
            regularizer.limit(layer)
    for layer, dense in before.items():
        norms = np.sqrt((dense**2).sum(axis=0))
        expected = dense * np.minimum(1.0, 0.5 / np.maximum(norms, 1e-300))
        np.testing.assert_allclose(to_dense(of(made, layer), INPUTS + 1)[1], expected, rtol=1e-14)
    np.testing.assert_array_equal(made.kept()["layers.0.bias"], bias)


def test_lists_and_matrices_are_weights_side_by_side() -> None:
    layers = layers_of([LAYERS[0], {"type": "linear", "out_features": 2}])
    made = Network(plan_network(layers, (INPUTS,)), 1, "float64")
    assert made.shapes() == [(1, 20), (6,), (6, 2), (2,)]
    assert [layer.operation.weights for layer in made.plan.layers] == [{"weight"}, frozenset(), {"weight"}]
