"""Layers that hold layers, in a whole network: names, gradients, short batches, and a mask for each dropout."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.layers.operation import Shape
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.nested import LAYERS, PARAMETERS
from tests.support.specs import layers_of

CONV = {"type": "conv2d", "out_channels": 2, "kernel_size": 3, "padding": "same", "activation": "tanh"}
IMAGES: list[Any] = [
    {"type": "residual", "layers": [CONV, {"type": "dropout", "p": 0.3}, CONV], "activation": "silu"},
    {"type": "parallel", "branches": [[], [CONV, {"type": "max_pool2d", "kernel_size": 1}], ["sigmoid"]]},
    {"repeat": 2, "layers": [{"type": "residual", "layers": [{**CONV, "out_channels": 6}, "dropout"]}]},
    {"type": "parallel", "branches": [["flatten"], ["tanh", "flatten"]], "join": "add"},
    {"type": "linear", "out_features": 2},
]
NETWORKS = pytest.mark.parametrize(("layers", "shape"), [(LAYERS, (3,)), (IMAGES, (2, 3, 1))], ids=["rows", "images"])


def network(layers: list[Any], shape: Shape, batch_size: int = 4) -> Network:
    made = Network(plan_network(layers_of(layers), shape), batch_size, "float64", seed=5)
    made.initialize(5)
    return made


def normal(shape: Shape, samples: int, seed: int = 0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=(samples, *shape))


def both_ways(made: Network, inputs: NDArray[Any], *, training: bool) -> bytes:
    """The bits of outputs and gradients."""
    n = len(inputs)
    made.inputs(n)[...] = inputs
    made.forward(n, training=training, epoch=1, step=2)
    made.d_outputs(n)[...] = normal(made.plan.outputs, n, seed=1)
    made.backward(n)
    return made.outputs(n).tobytes() + made.gradients.tobytes()


def test_names_nest() -> None:
    assert list(network(LAYERS, (1,)).kept()) == PARAMETERS


@NETWORKS
@pytest.mark.parametrize("training", [False, True])
def test_the_gradients_of_a_whole_network(layers: list[Any], shape: Shape, training: bool) -> None:
    made = network(layers, shape)
    made.gradients[...] = np.nan
    both_ways(made, normal(shape, 4), training=training)
    gradients, d_outputs = made.gradients.copy(), made.d_outputs(4).copy()
    with made.device.record(4) as program:
        made.forward(4, training=training)

    def objective() -> float:
        program.run(1, epoch=1, first_step=2)
        return float(np.sum(made.outputs(4) * d_outputs))

    assert relative_error(gradients, numerical_gradient(objective, made.parameters)) < 1e-6


@NETWORKS
@pytest.mark.parametrize("training", [False, True])
def test_a_short_batch_is_that_of_a_network_of_its_size(layers: list[Any], shape: Shape, training: bool) -> None:
    large, own = network(layers, shape, 5), network(layers, shape, 3)
    both_ways(large, normal(shape, 5, seed=7), training=training)
    inputs = normal(shape, 3)
    assert both_ways(large, inputs, training=training) == both_ways(own, inputs, training=training)


def test_each_dropout_has_a_mask_of_its_own() -> None:
    made = network(
        [
            {"type": "residual", "layers": ["tanh", "dropout"]},
            {"type": "parallel", "branches": [["dropout"], ["dropout"], []], "join": "add"},
            {"repeat": 2, "layers": [{"type": "residual", "layers": ["dropout"]}]},
            "dropout",
        ],
        (500,),
    )
    both_ways(made, normal((500,), 4), training=True)
    kept = {
        name: (arrays.outputs != 0, arrays.inputs != 0)
        for name, link, arrays in made.walk(4)
        if link.layer.kind == "dropout"
    }
    assert list(kept) == [
        "layers.0.layers.1",
        "layers.1.branches.0.0",
        "layers.1.branches.1.0",
        "layers.2.0.layers.0.layers.0",
        "layers.2.1.layers.0.layers.0",
        "layers.3",
    ]
    assert all(fed.all() for _, fed in kept.values())
    for (one, _), (other, _) in combinations(kept.values(), 2):
        assert 0.45 < np.mean(one == other) < 0.55  # independent masks agree on half
