"""Where numbers broke: the first place, forwards through the outputs and then backwards through the gradients."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.layers.linear import Linear
from nnctl.model.network import Network
from nnctl.model.plan import plan_network
from nnctl.training.divergence import first_non_finite

N = 5


@pytest.fixture
def network() -> Network:
    """Two linear layers whose last pass was one of small numbers."""
    made = Network(plan_network([Linear(out_features=3), Linear(out_features=2)], (4,)), N, "float32")
    made.initialize(1)
    made.inputs(N)[...] = np.random.default_rng(1).normal(size=(N, 4))
    run(made, 1.0)
    return made


def run(network: Network, d_output: float) -> None:
    """A pass there and back."""
    network.forward(N, training=True, epoch=1, step=1)
    network.d_outputs(N)[...] = d_output
    with np.errstate(all="ignore"):
        network.backward(N)


def test_where_all_arrays_are_finite_the_loss_broke(network: Network) -> None:
    assert first_non_finite(network, N) == "the loss"


@pytest.mark.parametrize("name", ["layers.0.weight", "layers.0.bias", "layers.1.weight"])
def test_a_parameter(network: Network, name: str) -> None:
    network.kept()[name].reshape(-1)[-1] = np.nan
    layer, _, parameter = name.rpartition(".")
    assert first_non_finite(network, N) == f"the {parameter} of {layer} (linear)"


@pytest.mark.parametrize("layer", ["layers.0", "layers.1"])
def test_an_output_of_finite_parameters(network: Network, layer: str) -> None:
    network.kept()[f"{layer}.weight"][...] = 3e38
    run(network, 1.0)
    assert first_non_finite(network, N) == f"the output of {layer} (linear)"


def test_a_gradient_of_finite_outputs(network: Network) -> None:
    run(network, 3e38)
    assert first_non_finite(network, N) == "the gradient of the weight of layers.1 (linear)"
    run(network, float("inf"))
    assert first_non_finite(network, N) == "the loss"


def test_gradients_that_were_already_taken_into_the_parameters(network: Network) -> None:
    run(network, 3e38)
    network.kept()["layers.0.weight"][...] = np.nan
    found = first_non_finite(network, N, loss_is_finite=True)
    assert found == "the gradient of the weight of layers.1 (linear)"
