"""Penalties on the weights and outputs of a whole network, and the limit of norms, against their definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.layers.regularization import Regularization
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from nnctl.model.regularizer import Regularizer
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.specs import layers_of
from tests.support.threads import threads

OWN = {"l1": 0.3, "activity_l1": 0.2}
LAYERS: list[Any] = [
    {"type": "conv2d", "out_channels": 2, "kernel_size": 2, "activation": "tanh"},
    {"type": "residual", "layers": [{"type": "conv2d", "out_channels": 2, "kernel_size": 1, "regularization": OWN}]},
    "flatten",
    {"type": "linear", "out_features": 3, "regularization": {}},
    {"type": "linear", "out_features": 2},
]
DEFAULT = Regularization(l1=0.01, l2=0.1, activity_l1=0.02, activity_l2=0.3)
N = 3


def network(regularization: Regularization) -> Network:
    made = Network(plan_network(layers_of(LAYERS), (3, 3, 1), regularization=regularization), N, "float64")
    made.initialize(1)
    made.inputs(N)[...] = np.random.default_rng(0).normal(size=(N, 3, 3, 1))
    return made


def penalties(made: Network) -> float:
    """By the definition, after a forward pass."""
    total = 0.0
    settings = {"layers.1.layers.0": Regularization(**OWN), "layers.3": Regularization()}
    outputs = {name: arrays.outputs for name, _, arrays in made.walk(N)}
    for name in ("layers.0", "layers.1.layers.0", "layers.3", "layers.4"):
        own, weight = settings.get(name, DEFAULT), made.kept()[f"{name}.weight"]
        seen = outputs.get(f"{name}.activation", outputs[name])
        total += own.l1 * np.abs(weight).sum() + own.l2 * (weight**2).sum()
        total += (own.activity_l1 * np.abs(seen).sum() + own.activity_l2 * (seen**2).sum()) / N
    return total


def test_gradients_are_those_of_the_loss_with_all_penalties() -> None:
    made = network(DEFAULT)
    d_outputs = np.random.default_rng(1).normal(size=(N, 2))
    made.forward(N, training=True)
    made.d_outputs(N)[...] = d_outputs
    regularizer = Regularizer(made)
    made.backward(N, regularizer.penalize)

    def objective() -> float:
        made.forward(N)
        return float((d_outputs * made.outputs(N)).sum()) + penalties(made)

    gradients = made.gradients.copy()
    assert relative_error(gradients, numerical_gradient(objective, made.parameters)) < 1e-6


def test_what_has_none_is_trained_as_ever() -> None:
    plain = {"type": "linear", "out_features": 2}
    made = [
        Network(plan_network(layers_of([plain]), (2,), regularization=own), N, "float64") for own in (None, DEFAULT)
    ]
    assert [[layer.name for layer in one.plan.layers] for one in made] == [
        ["layers.0"],
        ["layers.0", "layers.0.activity"],
    ]
    gradients = made[0].gradients
    gradients[...] = before = np.arange(6.0)
    Regularizer(made[0]).penalize("layers.0")
    np.testing.assert_array_equal(gradients, before)


@pytest.mark.parametrize("number", [1, 2])
def test_norms_are_limited_by_output_and_biases_are_not(number: int) -> None:
    with threads(number):
        made = network(Regularization(max_norm=0.5))
        made.parameters[...] = np.random.default_rng(2).normal(size=made.parameters.size)
        before = {name: array.copy() for name, array in made.kept().items()}
        regularizer = Regularizer(made)
        for layer in made.spans():
            regularizer.limit(layer)
        for name, array in made.kept().items():
            limited = name.endswith("weight") and name.startswith(("layers.0", "layers.4"))
            np.testing.assert_allclose(array, _limited(before[name]) if limited else before[name], rtol=1e-15)


def _limited(weight: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = weight.reshape(-1, weight.shape[-1])
    norms = np.sqrt((flat**2).sum(axis=0))
    return np.asarray((flat * np.minimum(1.0, 0.5 / norms)).reshape(weight.shape))


def test_a_small_column_stays_as_it_is() -> None:
    made = network(Regularization(max_norm=1e6))
    before = made.parameters.copy()
    regularizer = Regularizer(made)
    for layer in made.spans():
        regularizer.limit(layer)
    np.testing.assert_array_equal(made.parameters, before)
