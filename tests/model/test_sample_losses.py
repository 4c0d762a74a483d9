"""The loss of each sample by itself."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.dataset import Split
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.losses.loss import Loss
from nnctl.losses.mse import MSE
from nnctl.losses.poisson import Poisson
from nnctl.metrics.scores import Scores
from nnctl.metrics.tally import Sizes
from nnctl.model.network import Network
from nnctl.model.objective import Measure, Objective
from nnctl.model.plan import plan_network
from nnctl.model.sample_losses import sample_losses
from tests.support.specs import layers_of

RANDOM = np.random.default_rng(2)


def network_of(shape: tuple[int, ...], outputs: int, batch_size: int = 4, *, has_lengths: bool = False) -> Network:
    made = plan_network(layers_of([{"type": "linear", "out_features": outputs}]), shape)
    network = Network(made, batch_size, "float64", has_lengths=has_lengths)
    network.initialize(3)
    return network


def mean_of(network: Network, loss: Loss, split: Split) -> float:
    scores = Scores([], Sizes(network.plan.outputs[-1], 2, 1, 0), 0.0)
    return Measure(Objective(network, loss, split), split, scores).values()["loss"]


@pytest.mark.parametrize("count", [1, 4, 11])
def test_it_is_the_loss_of_each_sample_alone(count: int) -> None:
    network, inputs = network_of((3,), 5), RANDOM.normal(size=(count, 3))
    split = Split(inputs, RANDOM.integers(0, 5, count), weights=RANDOM.uniform(0, 9, count))
    found = sample_losses(network, CrossEntropy(), split)
    alone = [mean_of(network, CrossEntropy(), Split(inputs[[row]], split.targets[[row]])) for row in range(count)]
    np.testing.assert_array_equal(found.of_samples, alone)
    assert found.of_steps is None
    assert found.outputs is not None
    exponentials = np.exp(found.outputs)
    own = exponentials[np.arange(count), split.targets] / exponentials.sum(axis=1)
    np.testing.assert_allclose(found.of_samples, -np.log(own), rtol=1e-12)
    assert sample_losses(network, CrossEntropy(), split, keep_outputs=False).outputs is None


def test_of_sequences_it_is_the_mean_over_real_steps() -> None:
    lengths = np.array([3, 1, 5, 2, 4])
    inputs, targets = RANDOM.normal(size=(5, 5, 2)), RANDOM.normal(size=(5, 5, 1))
    beyond = np.arange(5) >= lengths[:, np.newaxis]
    inputs[beyond], targets[beyond] = 0, np.nan
    network = network_of((5, 2), 1, has_lengths=True)
    found = sample_losses(network, MSE(), Split(inputs, targets, lengths))
    assert found.outputs is not None
    assert found.of_steps is not None
    errors = np.square(found.outputs - targets)[..., 0]
    np.testing.assert_allclose(found.of_steps, errors, rtol=1e-12)
    np.testing.assert_allclose(found.of_samples, np.nanmean(errors, axis=1), rtol=1e-12)


def test_counts_are_measured_from_the_best_that_outputs_can_do() -> None:
    """Else a large count would never be among the worst, however wrong its rate is."""
    network, inputs = network_of((2,), 1), np.zeros((3, 2))
    network.parameters[:] = 0  # a rate of 1
    found = sample_losses(network, Poisson(), Split(inputs, np.array([[0.0], [1.0], [100.0]])))
    np.testing.assert_allclose(found.of_samples, [1.0, 0.0, 100 * np.log(100) - 99], atol=1e-12)
