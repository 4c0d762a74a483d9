"""Sequences with a length each, by the real commands: whatever lies beyond a length has no influence, to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.support.command import nnctl, report_of

CONFIG = """\
data: {source: sequences.npz, standardize: true, validation: 0.25}
layers: [tanh, mean_over_steps, {type: linear, out_features: 4, activation: tanh}, {type: linear, out_features: 2}]
loss: cross_entropy
optimizer: adam
batch_size: 7
epochs: 3
"""
SAMPLES, STEPS, FEATURES = 40, 6, 3


def write(folder: Path, steps: int, fill: float) -> Path:
    """Sequences of up to STEPS real steps in room for `steps`, with `fill` beyond their lengths."""
    folder.mkdir()
    random = np.random.default_rng(3)
    lengths = random.integers(1, STEPS + 1, 2 * SAMPLES)
    inputs = np.full((2 * SAMPLES, steps, FEATURES), fill)
    for sample, length in zip(inputs, lengths, strict=True):
        sample[:length] = random.normal(size=(length, FEATURES))
    targets = lengths % 2
    np.savez(
        folder / "sequences.npz",
        **{
            "x": inputs[:SAMPLES],
            "y": targets[:SAMPLES],
            "lengths": lengths[:SAMPLES],
            "x_test": inputs[SAMPLES:],
            "y_test": targets[SAMPLES:],
            "lengths_test": lengths[SAMPLES:],
        },
    )
    np.savez(folder / "more.npz", x=inputs[SAMPLES:], lengths=lengths[SAMPLES:])
    (folder / "run.yaml").write_text(CONFIG)
    return folder


def everything(folder: Path) -> tuple[dict[str, bytes], dict[str, float], str]:
    """The trained tensors, the metrics on the test samples, and the predictions, all in this folder."""
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    metrics = report_of("eval", "run", cwd=folder)["metrics"]
    predicted = nnctl("predict", "run", "more.npz", cwd=folder)
    assert predicted.returncode == 0, predicted.stderr
    tensors = load_file(folder / "run" / "checkpoints" / "last.safetensors")
    return {name: array.tobytes() for name, array in tensors.items()}, metrics, predicted.stdout


@pytest.mark.parametrize("fill", [float("nan"), *(pytest.param(fill, marks=pytest.mark.slow) for fill in (1e30, -7.5))])
def test_training_evaluation_and_prediction_ignore_the_padding(tmp_path: Path, fill: float) -> None:
    plain = everything(write(tmp_path / "plain", STEPS, 0.0))
    padded = everything(write(tmp_path / "padded", STEPS + 5, fill))
    assert padded == plain
