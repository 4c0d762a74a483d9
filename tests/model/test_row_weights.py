"""The loss of a batch is the weighted mean over its rows, and its gradient is that mean's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import TypeAdapter

from nnctl.data.dataset import Split
from nnctl.kernels import cpu
from nnctl.losses.loss import Loss
from nnctl.losses.mse import MSE
from nnctl.metrics.accuracy import Accuracy
from nnctl.metrics.scores import Scores
from nnctl.model.network import Network
from nnctl.model.objective import Measure, Objective, sizes_of
from nnctl.model.plan import plan_network
from nnctl.spec import kinds
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.specs import layers_of
from tests.support.threads import threads

Array = NDArray[Any]
LOSSES = sorted(kinds(Loss))
BY_CLASS = [name for name, kind in kinds(Loss).items() if kind.targets != "values"]


def loss_named(name: str) -> Loss:
    return TypeAdapter(kinds(Loss)[name]).validate_python({"type": name})


def samples_for(loss: Loss, samples: int, seed: int, steps: int = 0, columns: int = 3) -> Split:
    """Three inputs and the targets of a network of three outputs, or of one, without weights."""
    generator = np.random.default_rng(seed)
    shape = (samples, steps) if steps else (samples,)
    inputs = generator.normal(size=(*shape, 3))
    if loss.targets == "classes":
        return Split(inputs, generator.integers(0, 3, shape))
    values = generator.normal(size=(*shape, columns))
    return Split(inputs, (values > 0).astype(float) if loss.targets == "binary" else abs(values))


def network_for(split: Split, columns: int = 3) -> Network:
    plan = plan_network(layers_of([{"type": "linear", "out_features": columns}]), split.inputs.shape[1:])
    network = Network(plan, len(split), "float64", has_lengths=split.lengths is not None)
    network.initialize(4)
    return network


def step(network: Network, loss: Loss, split: Split, classes: Array | None = None) -> tuple[float, Array]:
    """The loss of a batch of all samples, and its gradient with respect to the parameters."""
    objective, scores, n = Objective(network, loss, split, class_weights=classes), Scores([], 1, 1, 0.0), len(split)
    objective.load(split, np.arange(n), 0, n)
    network.forward(n)
    objective.evaluate(n)
    objective.score(scores, n)
    network.backward(n)
    return scores.mean_loss, network.gradients.copy()


def naive(network: Network, loss: Loss, split: Split, classes: Array | None) -> float:
    """sum(w loss) / sum(w), w the sample's weight times that of the target's class, over the rows with a target."""
    n, width = len(split), network.plan.outputs[-1]
    network.inputs(n)[...] = split.inputs
    network.forward(n)
    steps = max(1, split.steps)
    targets = split.targets.reshape(n * steps, *split.targets.shape[2 if split.steps else 1 :])
    losses = np.empty(n * steps)
    outputs = network.outputs(n).reshape(-1, width)
    loss.evaluate(outputs, targets, np.array([n * steps]), losses, np.empty_like(outputs), cpu)
    over = under = 0.0
    for row in range(n * steps):
        sample, number = divmod(row, steps)
        if split.lengths is not None and number >= split.lengths[sample]:
            continue
        weight = 1.0 if split.weights is None else split.weights[sample]
        if classes is not None:
            weight *= classes[int(targets[row] if targets.ndim == 1 else targets[row, 0])]
        over, under = over + weight * losses[row], under + weight
    return over / under


def with_weights(split: Split, weights: Array) -> Split:
    return Split(split.inputs, split.targets, split.lengths, weights=weights.astype(float))


def of_rows(split: Split, rows: Array) -> Split:
    return Split(split.inputs[rows], split.targets[rows])


@pytest.mark.parametrize("name", LOSSES)
def test_the_gradient_is_that_of_the_weighted_mean(name: str) -> None:
    loss = loss_named(name)
    split = with_weights(samples_for(loss, 9, seed=1), np.array([0.5, 0, 3, 1, 1, 0, 20, 0.1, 2]))
    classes = np.array([0.3, 1.0, 7.0]) if loss.targets == "classes" else None
    network = network_for(split)
    value, gradients = step(network, loss, split, classes)
    assert value == pytest.approx(naive(network, loss, split, classes), rel=1e-12)
    numerical = numerical_gradient(lambda: naive(network, loss, split, classes), network.parameters)
    assert relative_error(gradients, numerical) < 1e-6


@pytest.mark.parametrize("name", LOSSES)
@given(samples=st.integers(1, 12), seed=st.integers(0, 2**32))
def test_a_row_of_weight_2_is_two_rows_and_one_of_weight_0_none(name: str, samples: int, seed: int) -> None:
    loss, generator = loss_named(name), np.random.default_rng(seed)
    split, weights = samples_for(loss, samples, seed), generator.integers(0, 4, samples)
    weights[generator.integers(samples)] = 1
    chosen = of_rows(split, np.repeat(np.arange(samples), weights))
    expected, expected_gradients = step(network_for(chosen), loss, chosen)
    split.inputs[weights == 0] = 1e200  # a loss that is not there may be infinite
    value, gradients = step(network_for(split), loss, with_weights(split, weights))
    assert value == pytest.approx(expected, rel=1e-12)
    np.testing.assert_allclose(gradients, expected_gradients, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", BY_CLASS)
@pytest.mark.parametrize("has_rows", [False, True])
def test_classes_weigh_as_their_rows_do(name: str, has_rows: bool) -> None:
    loss = loss_named(name)
    columns = 3 if loss.targets == "classes" else 1
    split = samples_for(loss, 12, seed=6, columns=columns)
    classes = np.array([0.2, 5.0, 1.5][: max(2, columns)])
    rows = np.arange(12) % 4 if has_rows else np.ones(12)
    by_class = step(network_for(split, columns), loss, with_weights(split, rows) if has_rows else split, classes)
    own = rows * classes[split.targets.reshape(-1).astype(int)]
    by_row = step(network_for(split, columns), loss, with_weights(split, own))
    assert by_class[0] == pytest.approx(by_row[0], rel=1e-14)
    np.testing.assert_allclose(by_class[1], by_row[1], rtol=1e-13)


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy", "mse"])
@pytest.mark.parametrize("has_lengths", [False, True])
def test_targets_one_a_step(name: str, has_lengths: bool) -> None:
    """A sample's weight is that of all its steps, a class's is of the step; beyond a length nothing weighs anything."""
    loss = loss_named(name)
    columns = 3 if loss.targets == "classes" else 1
    split = samples_for(loss, 5, seed=8, steps=4, columns=columns)
    if has_lengths:
        lengths = np.array([4, 1, 3, 2, 4])
        beyond = np.arange(4) >= lengths[:, np.newaxis]
        split.targets[beyond] = -1 if loss.targets == "classes" else np.nan
        split = Split(split.inputs, split.targets, lengths)
    split = with_weights(split, np.array([2, 0.5, 0, 1, 3]))
    classes = None if loss.targets == "values" else np.array([0.3, 4.0, 1.0][: max(2, columns)])
    network = network_for(split, columns)
    value, gradients = step(network, loss, split, classes)
    assert value == pytest.approx(naive(network, loss, split, classes), rel=1e-12)
    numerical = numerical_gradient(lambda: naive(network, loss, split, classes), network.parameters)
    assert relative_error(gradients, numerical) < 1e-6


def test_a_batch_that_weighs_nothing_teaches_nothing() -> None:
    split = with_weights(samples_for(MSE(), 4, seed=2), np.zeros(4))
    value, gradients = step(network_for(split), MSE(), split)
    assert np.isnan(value)
    assert not gradients.any()


def test_over_batches_the_loss_is_the_mean_over_all_that_weighs() -> None:
    """Not the mean of the batches' means; metrics do not know of the classes' weights."""
    loss, generator = loss_named("cross_entropy"), np.random.default_rng(3)
    split, classes = samples_for(loss, 30, seed=3), np.array([9.0, 1.0, 0.1])
    split = with_weights(split, generator.exponential(2.0, 30))
    network = network_for(split)
    expected = naive(network, loss, split, classes)
    right = network.outputs(30).argmax(axis=1) == split.targets
    small = Network(network.plan, 8, "float64")
    small.parameters[...] = network.parameters
    objective = Objective(small, loss, split, class_weights=classes)
    values = Measure(objective, split, Scores([Accuracy()], sizes_of(split, 3, 3), 0.0)).values()
    assert values["loss"] == pytest.approx(expected, rel=1e-12)
    assert split.weights is not None
    assert values["accuracy"] == pytest.approx(split.weights[right].sum() / split.weights.sum(), rel=1e-12)


def test_a_split_without_weights_beside_one_with_them() -> None:
    """As a file to validate with that has no column of them: its samples count alike."""
    split = samples_for(MSE(), 10, seed=5)
    network = network_for(split)
    objective = Objective(network, MSE(), with_weights(split, np.arange(10)))
    values = Measure(objective, split, Scores([], 3, 0, 0.0)).values()
    assert values["loss"] == pytest.approx(naive(network, MSE(), split, None), rel=1e-14)


def test_the_threads_make_no_difference() -> None:
    loss = loss_named("cross_entropy")
    split = with_weights(samples_for(loss, 5_000, seed=9), np.random.default_rng(1).exponential(size=5_000))
    classes = np.array([0.3, 1.0, 7.0])
    value, gradients = step(network_for(split), loss, split, classes)
    with threads(2):
        again, gradients_again = step(network_for(split), loss, split, classes)
    assert value == again
    assert gradients.tobytes() == gradients_again.tobytes()
