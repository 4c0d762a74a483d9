"""Counts: the network gives the logarithm of a rate, and everything that is shown is the rate."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.support.command import nnctl, report_of

CONFIG = """name: calls
data: {source: calls.csv, target: calls, test: 0.2}
layers: [{type: linear, out_features: 1}]
loss: poisson
learning_rate: 0.02
batch_size: 40
epochs: 60
metrics: [mae, rmse]
"""


def write(folder: Path, config: str = CONFIG, least: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of calls, rate exp(1 + x); their x and the counts."""
    generator = np.random.default_rng(5)
    x = generator.uniform(-1, 1.5, 500)
    counts = generator.poisson(np.exp(1 + x)) + least
    lines = [f"{value:.6f},{count}" for value, count in zip(x, counts, strict=True)]
    (folder / "calls.csv").write_text("\n".join(["x,calls", *lines]) + "\n")
    (folder / "calls.yaml").write_text(config)
    return x, counts


def test_predictions_and_metrics_are_rates(tmp_path: Path) -> None:
    x, counts = write(tmp_path)
    report_of("train", "calls.yaml", cwd=tmp_path)
    assert "target_transform: []" in (tmp_path / "runs/calls/config.yaml").read_text()
    nnctl("predict", "runs/calls", "calls.csv", "-o", "rates.csv", cwd=tmp_path)
    with (tmp_path / "rates.csv").open() as file:
        rates = np.array([float(row["calls"]) for row in csv.DictReader(file)])
    np.testing.assert_allclose(rates, np.exp(1 + x), rtol=0.15)
    whole = report_of("eval", "runs/calls", "--data", "calls.csv", cwd=tmp_path)["metrics"]
    assert whole["mae"] == pytest.approx(np.abs(rates - counts).mean(), rel=1e-6)
    assert whole["loss"] == pytest.approx((rates - counts * np.log(rates)).mean(), rel=1e-5)


@pytest.mark.parametrize(
    ("change", "what", "help"),
    [
        (("features: 1", "features: 1, activation: softplus"), "exp is inside the loss", "remove softplus"),
        (("test: 0.2", "test: 0.2, target_transform: log"), "poisson takes targets as they are", "remove it"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, change: tuple[str, str], what: str, help: str) -> None:
    write(tmp_path, CONFIG.replace(*change))
    done = nnctl("train", "calls.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert what in done.stderr
    assert help in done.stderr


def test_negative_targets_are_refused(tmp_path: Path) -> None:
    write(tmp_path, least=-1)
    done = nnctl("train", "calls.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert "calls.yaml:4:7: loss: it takes counts, which are not negative, and a train target is -1" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_quantile_is_exceeded_by_its_share(tmp_path: Path) -> None:
    """In the targets' own units, though training sees them standardized."""
    _, counts = write(tmp_path, CONFIG.replace("loss: poisson", "loss: {type: quantile, quantile: 0.9}"))
    report_of("train", "calls.yaml", cwd=tmp_path)
    nnctl("predict", "runs/calls", "calls.csv", "-o", "high.csv", cwd=tmp_path)
    with (tmp_path / "high.csv").open() as file:
        high = np.array([float(row["calls"]) for row in csv.DictReader(file)])
    assert np.mean(counts <= high) == pytest.approx(0.9, abs=0.04)
