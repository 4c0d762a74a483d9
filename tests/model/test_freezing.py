"""Frozen layers in a network: what trains, what is computed, and what gradients there are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from nnctl.errors import ConfigError
from nnctl.layers.regularization import Regularization
from nnctl.model.network import Network
from nnctl.model.plan import NetworkPlan, plan_network
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.specs import layers_of


def linear(size: int, **settings: Any) -> dict[str, Any]:
    return {"type": "linear", "out_features": size, **settings}


FROZEN_LINEAR = linear(5, freeze=True, activation={"type": "prelu", "per_channel": True})
BLOCK: list[Any] = [
    linear(4, activation="tanh"),
    {"type": "residual", "layers": [linear(4), "batch_norm", {"type": "dropout", "p": 0.5}], "activation": "prelu"},
    {"repeat": 2, "layers": [linear(4)]},
    {"type": "parallel", "branches": [[linear(3)], []], "join": "concat"},
    linear(2),
]
"""Of 6 features."""


def network(layers: list[Any], features: int = 6, batch_size: int = 4, **plan: Any) -> Network:
    made = Network(plan_network(layers_of(layers), (features,), **plan), batch_size, "float64", seed=5)
    made.initialize(5)
    return made


def frozen(*positions: int) -> list[Any]:
    """BLOCK with some layers frozen."""
    return [{**layer, "freeze": True} if at in positions else layer for at, layer in enumerate(BLOCK)]


def random_batch(made: Network) -> None:
    random = np.random.default_rng(0)
    made.inputs(4)[...] = random.normal(size=made.inputs(4).shape)
    made.d_outputs(4)[...] = random.normal(size=made.d_outputs(4).shape)


def ready(made: Network) -> list[str]:
    """The layers whose gradients a backward pass makes, in its order."""
    names: list[str] = []
    made.backward(4, names.append)
    return names


def test_what_trains_is_one_vector_and_a_checkpoint_has_all() -> None:
    whole, part = network(BLOCK), network(frozen(1, 2))
    assert list(part.kept()) == list(whole.kept())
    assert [array.shape for array in part.kept().values()] == [array.shape for array in whole.kept().values()]
    assert list(part.spans()) == ["layers.0", "layers.3.branches.0.0", "layers.4"]
    size = sum(array.size for name, array in part.kept().items() if name.startswith(tuple(part.spans())))
    assert part.parameters.size == part.gradients.size == part.plan.trainable == size
    assert part.plan.parameters == whole.plan.parameters == whole.plan.trainable
    assert part.plan.memory(4, 8, 2) == whole.plan.memory(4, 8, 2) - 8 * 5 * (whole.plan.trainable - size)
    np.testing.assert_array_equal(part.kept()["layers.1.layers.0.weight"], whole.kept()["layers.1.layers.0.weight"])


def test_a_container_freezes_all_that_is_in_it_and_its_activation() -> None:
    plan = network(frozen(1)).plan
    assert [layer.name for layer in plan.layers if layer.is_frozen and layer.parameters] == [
        *("layers.1", "layers.1.layers.0", "layers.1.layers.1", "layers.1.activation"),
    ]
    assert {layer.trainable for layer in plan.layers if layer.is_frozen} == {0}
    inside = network([{"type": "residual", "layers": [linear(6, freeze=True), linear(6)]}, linear(2)]).plan
    assert [(layer.name, layer.trainable) for layer in inside.layers] == [
        *(("layers.0", 42), ("layers.0.layers.0", 0), ("layers.0.layers.1", 42), ("layers.1", 14)),
    ]


def test_a_frozen_container_computes_as_in_evaluation() -> None:
    made = network(frozen(0, 1, 2, 3))
    random_batch(made)
    made.forward(4)
    expected = made.outputs(4).copy()
    statistics = {name: array.copy() for name, array in made.buffers.items()}
    made.forward(4, training=True, step=3)
    assert made.outputs(4).tobytes() == expected.tobytes()
    assert statistics.keys() == {"layers.1.layers.1.running_mean", "layers.1.layers.1.running_var"}
    assert all(made.buffers[name].tobytes() == array.tobytes() for name, array in statistics.items())
    trained = network(BLOCK)
    random_batch(trained)
    trained.forward(4, training=True, step=3)
    assert trained.outputs(4).tobytes() != expected.tobytes()


@pytest.mark.parametrize("positions", [(), (0,), (1,), (1, 2), (2, 3), (0, 1, 2, 3), (4,)], ids=str)
def test_gradients_are_those_of_what_trains(positions: tuple[int, ...]) -> None:
    made = network(frozen(*positions))
    random_batch(made)
    made.gradients[...] = np.nan  # whatever was there is written over
    made.forward(4, training=True, step=3)
    assert sorted(ready(made)) == sorted(made.spans())

    def objective() -> float:
        made.forward(4, training=True, step=3)
        return float(np.sum(made.outputs(4) * made.d_outputs(4)))

    assert relative_error(made.gradients.copy(), numerical_gradient(objective, made.parameters)) < 1e-6


@pytest.mark.parametrize(
    ("positions", "without"),
    [((), 1), ((1, 2), 1), ((0,), 2), ((0, 1, 2, 3), 5)],
)
def test_nothing_is_propagated_below_the_lowest_layer_that_trains(positions: tuple[int, ...], without: int) -> None:
    """without: so many of the layers get no gradient for their inputs."""
    made = network(frozen(*positions))
    of_layers = {name: arrays.d_inputs for name, _, arrays in made.walk(4) if name.count(".") == 1}
    unwanted = [name for name, d_inputs in of_layers.items() if d_inputs is None]
    assert unwanted == [f"layers.{position}" for position in range(without)]


def test_the_backward_pass_writes_nothing_below_the_lowest_layer_that_trains() -> None:
    made = network(frozen(0, 1, 2, 3))
    random_batch(made)
    made.forward(4, training=True)
    below = [arrays.d_outputs for name, _, arrays in made.walk(4) if name in ("layers.0", "layers.1", "layers.2")]
    for array in below:
        array[...] = np.nan
    assert ready(made) == ["layers.4"]
    assert all(np.isnan(array).all() for array in below)


def test_a_frozen_layer_gets_no_penalty_on_its_outputs() -> None:
    everywhere = Regularization(activity_l2=0.1)
    plan = network([linear(3), linear(4, freeze=True), linear(2)], regularization=everywhere).plan
    assert [name for name in names_of(plan) if name.endswith("activity")] == ["layers.0.activity", "layers.2.activity"]


def names_of(plan: NetworkPlan) -> Iterator[str]:
    return (layer.name for layer in plan.layers)


@pytest.mark.parametrize(
    ("layer", "path"),
    [
        ({"type": "positions", "freeze": True}, "layers.0.freeze"),
        ({"type": "residual", "layers": ["relu"], "freeze": True}, "layers.0.freeze"),
        (
            {"type": "residual", "layers": [{"repeat": 2, "layers": ["tanh"], "freeze": True}]},
            "layers.0.layers.0.freeze",
        ),
    ],
)
def test_nothing_to_freeze(layer: dict[str, Any], path: str) -> None:
    with pytest.raises(ConfigError) as raised:
        plan_network(layers_of([layer]), (5, 6))
    (problem,) = raised.value.problems
    assert (problem.path, problem.help) == (path, "leave `freeze` out")
    assert "has no weights to freeze" in problem.what
