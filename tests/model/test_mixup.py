"""Mixed samples have mixed losses: their own targets' and those of the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.data.dataset import Split
from nnctl.layers.mixup import Mixup
from nnctl.layers.operation import StepContext
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.losses.loss import Loss
from nnctl.losses.mse import MSE
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import plan_network
from tests.layers.test_mixup import drawn
from tests.support.gradients import numerical_gradient, relative_error
from tests.support.refusal import refusal_of
from tests.support.specs import layers_of

SAMPLES = 5
LINEAR = {"type": "linear", "out_features": 3}
MIXUP = {"type": "mixup", "alpha": 1.0}
RANDOM = np.random.default_rng(4)
CLASSES = Split(RANDOM.normal(size=(SAMPLES, 4)), np.array([0, 2, 1, 1, 0]))
VALUES = Split(RANDOM.normal(size=(SAMPLES, 4)), RANDOM.normal(size=(SAMPLES, 3)))
STEPS = Split(RANDOM.normal(size=(SAMPLES, 2, 4)), RANDOM.integers(0, 3, (SAMPLES, 2)))


def objective_of(split: Split, loss: Loss, layers: list[Any]) -> Objective:
    network = Network(plan_network(layers_of(layers), split.inputs.shape[1:]), SAMPLES, "float64", seed=3)
    network.initialize(3)
    objective = Objective(network, loss, split)
    objective.load(split, np.arange(SAMPLES), 0, SAMPLES)
    return objective


def loss_of(objective: Objective, *, training: bool = True, step: int = 6) -> float:
    objective.network.forward(SAMPLES, training=training, epoch=1, step=step)
    objective.evaluate(SAMPLES)
    return float(objective.loss_sum[0])


def naive_loss(loss: Loss, outputs: NDArray[Any], targets: NDArray[Any]) -> float:
    """The mean over all rows."""
    if isinstance(loss, MSE):
        return float(((outputs - targets) ** 2).mean())
    outputs, targets = outputs.reshape(-1, 3), targets.reshape(-1)
    return float(np.mean(np.log(np.exp(outputs).sum(1)) - outputs[np.arange(len(targets)), targets]))


CASES = pytest.mark.parametrize(
    ("split", "loss", "layers"),
    [
        (CLASSES, CrossEntropy(), [MIXUP, LINEAR]),
        (VALUES, MSE(), [MIXUP, LINEAR]),
        (STEPS, CrossEntropy(), [MIXUP, LINEAR]),
        (CLASSES, CrossEntropy(), [LINEAR, "tanh", MIXUP, LINEAR]),
    ],
    ids=["classes", "values", "steps", "hidden"],
)


@CASES
def test_the_loss_is_that_of_both_targets(split: Split, loss: Loss, layers: list[Any]) -> None:
    objective = objective_of(split, loss, layers)
    summed = loss_of(objective)
    share, offset = drawn(Mixup(alpha=1.0), SAMPLES, StepContext(seed=3, epoch=1, step=6, path=(layers.index(MIXUP),)))
    others = split.targets[(np.arange(SAMPLES) + offset) % SAMPLES]
    outputs = objective.network.outputs(SAMPLES)
    own, other = (naive_loss(loss, outputs, targets) for targets in (split.targets, others))
    rows = SAMPLES * max(1, split.steps)
    assert summed / rows == pytest.approx(share * own + (1 - share) * other, rel=1e-12)
    assert own != pytest.approx(other)


@CASES
def test_its_gradients(split: Split, loss: Loss, layers: list[Any]) -> None:
    objective = objective_of(split, loss, layers)
    network = objective.network
    loss_of(objective)
    network.backward(SAMPLES)
    rows = SAMPLES * max(1, split.steps)
    expected = numerical_gradient(lambda: loss_of(objective) / rows, network.parameters)
    assert relative_error(network.gradients, expected) < 1e-6


def test_in_evaluation_the_loss_is_of_the_samples_themselves() -> None:
    objective, plain = (objective_of(CLASSES, CrossEntropy(), layers) for layers in ([MIXUP, LINEAR], [LINEAR]))
    plain.network.parameters[...] = objective.network.parameters
    assert loss_of(objective, training=False) == loss_of(plain, training=False)
    assert loss_of(objective) != loss_of(objective, step=7)


@pytest.mark.parametrize(
    ("layers", "path", "what"),
    [
        (
            "[mixup, {type: linear, out_features: 4}, mixup, LINEAR]",
            "layers.2",
            "mixes samples that layers.0 has mixed",
        ),
        ("[{type: residual, layers: [mixup]}, LINEAR]", "layers.0.layers.0", "is inside another layer"),
        ("[{repeat: 2, layers: [mixup]}, LINEAR]", "layers.0", "is inside another layer"),
    ],
)
def test_where_the_targets_cannot_follow_it_is_refused(tmp_path: Path, layers: str, path: str, what: str) -> None:
    np.savez(tmp_path / "a.npz", x=CLASSES.inputs.astype(np.float32), y=CLASSES.targets)
    text = f"data: a.npz\nlayers: {layers}\nloss: cross_entropy\nbatch_size: 2\n"
    (tmp_path / "a.yaml").write_text(text.replace("LINEAR", "{type: linear, out_features: 3}"))
    refusal = refusal_of("check", "a.yaml", cwd=tmp_path, code=2)
    assert refusal.problems[0]["path"].startswith(path)
    refusal.says(what)


def test_sequences_with_a_length_each_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.zeros((8, 3, 2), np.float32), y=np.arange(8) % 2, lengths=np.arange(8) % 3 + 1)
    layers = "[mixup, mean_over_steps, {type: linear, out_features: 2}]"
    (tmp_path / "a.yaml").write_text(f"data: a.npz\nlayers: {layers}\nloss: cross_entropy\nbatch_size: 2\n")
    refusal = refusal_of("check", "a.yaml", cwd=tmp_path, code=2)
    refusal.says("layers.0", "its inputs are sequences with a length each", "leave this layer out")


def test_each_target_counts_as_its_own_sample_and_class_do() -> None:
    split = replace(CLASSES, weights=np.array([1.0, 0.0, 2.0, 0.5, 3.0]))
    classes = np.array([1.0, 4.0, 0.5])
    network = Network(plan_network(layers_of([MIXUP, LINEAR]), (4,)), SAMPLES, "float64", seed=3)
    network.initialize(3)
    objective = Objective(network, CrossEntropy(), split, class_weights=classes)
    objective.load(split, np.arange(SAMPLES), 0, SAMPLES)
    summed = loss_of(objective)
    share, offset = drawn(Mixup(alpha=1.0), SAMPLES, StepContext(seed=3, epoch=1, step=6, path=(0,)))
    outputs, weights = network.outputs(SAMPLES), split.weights * classes[split.targets]
    losses = np.log(np.exp(outputs).sum(1, keepdims=True)) - outputs
    others = (np.arange(SAMPLES) + offset) % SAMPLES
    own, other = (
        float(np.sum(weights[of] * losses[np.arange(SAMPLES), split.targets[of]]))
        for of in (np.arange(SAMPLES), others)
    )
    assert summed == pytest.approx(share * own + (1 - share) * other, rel=1e-12)
