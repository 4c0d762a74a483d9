"""What is known of the data before the first step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.config.load import load_config
from nnctl.diagnoses.facts import facts_of
from nnctl.model.preparation import prepare

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(200, 3))


def facts(folder: Path, y: Any, loss: str, *overrides: str, x: Any = X, outputs: int = 1) -> dict[str, Any]:
    np.savez(folder / "a.npz", x=x, y=y)
    text = f"data: {{source: a.npz}}\nlayers: [{{type: linear, out_features: {outputs}}}]\nloss: {loss}\n"
    (folder / "run.yaml").write_text(text)
    return facts_of(prepare(load_config(folder / "run.yaml", overrides)))


def entropy(*shares: float) -> float:
    return float(-sum(share * np.log(share) for share in shares))


VALUES = RANDOM.normal(5000, 300, size=200)
COUNTS = RANDOM.poisson(7, size=200).astype(float)
BITS = (np.arange(200) < 30).astype(float)
CONSTANT = [  # targets, loss, the loss of the best constant answer in closed form, the network's outputs
    (np.repeat([0, 1, 2], [100, 60, 40]), "cross_entropy", entropy(0.5, 0.3, 0.2), 3),
    (BITS, "binary_cross_entropy", entropy(0.15, 0.85), 1),
    (VALUES, "mse", VALUES.var(), 1),
    (VALUES, "mae", np.abs(VALUES - np.median(VALUES)).mean(), 1),
    (COUNTS, "poisson", COUNTS.mean() * (1 - np.log(COUNTS.mean())), 1),
]


@pytest.mark.parametrize(("y", "loss", "expected", "outputs"), CONSTANT, ids=[loss for _, loss, _, _ in CONSTANT])
def test_the_loss_of_the_best_constant_answer(y: Any, loss: str, expected: float, outputs: int, tmp_path: Path) -> None:
    found = facts(tmp_path, y, loss, outputs=outputs)["baseline"]
    assert found == pytest.approx(expected, rel=0.003)


def test_it_is_that_of_weighted_classes(tmp_path: Path) -> None:
    y = np.repeat([0, 1], [160, 40])
    found = facts(tmp_path, y, "cross_entropy", "class_weight=balanced", outputs=2)
    assert found["baseline"] == pytest.approx(np.log(2), rel=0.003)
    assert found["classes"] == {"0": 160, "1": 40}


def test_what_neighbours_know(tmp_path: Path) -> None:
    clear, noise = (X[:, 0] > 0).astype(int), RANDOM.integers(0, 2, 200)
    assert facts(tmp_path, clear, "cross_entropy", outputs=2)["neighbours"]["accuracy"] > 0.8
    assert facts(tmp_path, noise, "cross_entropy", outputs=2)["neighbours"]["accuracy"] < 0.65
    line = np.linspace(0, 1, 200)[:, np.newaxis]
    assert facts(tmp_path, np.sin(6 * line[:, 0]), "mse", x=line)["neighbours"]["r2"] > 0.99
    assert facts(tmp_path, VALUES[:40], "mse", x=X[:40])["neighbours"] is None


def test_sizes_of_inputs(tmp_path: Path) -> None:
    found = facts(tmp_path, VALUES, "mse", x=X * [1, 1000, 0.01])["inputs"]
    assert found["largest"] == pytest.approx(1000 * np.sqrt(np.square(X[:, 1]).mean()), rel=1e-4)
    assert found["smallest"] == pytest.approx(0.01 * np.sqrt(np.square(X[:, 2]).mean()), rel=1e-4)


def test_samples_and_layers(tmp_path: Path) -> None:
    found = facts(tmp_path, VALUES, "mse", "data.validation=0.25", "batch_size=40")
    assert found["samples"] == {"train": 150, "validation": 50}
    assert found["last_batch"] == 30
    assert found["layers"] == {"layers.0": "linear"}
    assert found["leaks"] == []


def test_the_constant_answer_of_validation_samples_is_that_of_training_samples(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number % 3},{'train' if number < 30 else 'validation'}\n" for number in range(40))
    (tmp_path / "a.csv").write_text("x,y,part\n" + rows)
    text = "data: {source: a.csv, target: y, features: [x], validation: {column: part, equals: validation}}\n"
    (tmp_path / "run.yaml").write_text(f"{text}layers: [{{type: linear, out_features: 1}}]\nloss: mse\n")
    found = facts_of(prepare(load_config(tmp_path / "run.yaml", ["batch_size=10"])))
    own = np.arange(30, 40) % 3
    ratio = found["validation_baseline"] / found["baseline"]  # whatever targets are transformed to
    assert ratio == pytest.approx(np.square(own - 1).mean() / (2 / 3), rel=0.01)
    assert facts(tmp_path, VALUES, "mse")["validation_baseline"] is None
