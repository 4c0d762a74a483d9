"""What is measured by layer during a run: the right numbers, at the same steps, and no bit of the training changed."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nnctl
from nnctl.training.diagnostics import next_measured
from nnctl.training.diagnostics_file import NAME, read_rows
from tests.support.command import checkpoints_of, rows_of
from tests.support.configs import SINE

FIRST, SECOND = [[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], [[1.0], [-2.0], [0.5]]
PLAIN = f"""data: {{source: plain.npz}}
layers:
  - {{type: linear, out_features: 3, weight: {FIRST}, activation: tanh}}
  - {{type: linear, out_features: 1, weight: {SECOND}}}
loss: mse
optimizer: sgd
learning_rate: 0.1
batch_size: 20
epochs: 1
"""


def trained(folder: Path, text: str, *overrides: str) -> list[dict[str, Any]]:
    """Train in a new folder, and read its measurements, the facts left out."""
    (folder / "run.yaml").write_text(text)
    run = folder / f"run-{len(list(folder.glob('run-*')))}"
    nnctl.train(folder / "run.yaml", overrides, run=run)
    return [row for row in read_rows(run) if "layers" in row]


def write_plain(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(20, 2)), random.normal(size=(20, 1))
    np.savez(folder / "plain.npz", x=x, y=y)
    return x, y


def rms(values: Any) -> float:
    return float(np.sqrt(np.mean(np.square(values))))


def test_they_are_those_of_numpy(tmp_path: Path) -> None:
    """The whole batch is looked at, so its order does not matter."""
    x, y = write_plain(tmp_path)
    (row,) = trained(tmp_path, PLAIN, "precision=float64")
    first, second = np.array(FIRST), np.array(SECOND)
    before = x @ first
    hidden = np.tanh(before)
    outputs = hidden @ second
    d_outputs = 2 * (outputs - y) / 20
    d_hidden = d_outputs @ second.T
    d_before = d_hidden * (1 - hidden**2)
    d_first, d_second = x.T @ d_before, hidden.T @ d_outputs
    update = 0.1 * np.linalg.norm([*d_first.ravel(), *d_before.sum(axis=0)]) / np.linalg.norm(first)
    assert row["loss"] == pytest.approx(np.mean((outputs - y) ** 2), rel=1e-3)
    layers = row["layers"]
    assert list(layers) == ["layers.0", "layers.0.activation", "layers.1"]
    assert layers["layers.0"]["outputs"] == pytest.approx(rms(before), rel=1e-3)
    assert layers["layers.0"]["d_outputs"] == pytest.approx(rms(d_before), rel=1e-3)
    assert layers["layers.0"]["gradient"] == pytest.approx(rms(d_first), rel=1e-3)
    assert layers["layers.0"]["update"] == pytest.approx(update, rel=1e-3)
    assert layers["layers.0.activation"]["outputs"] == pytest.approx(rms(hidden), rel=1e-3)
    assert layers["layers.0.activation"]["d_outputs"] == pytest.approx(rms(d_hidden), rel=1e-3)
    assert layers["layers.0.activation"]["saturated"] == pytest.approx(np.mean(np.abs(hidden) >= 0.98), rel=1e-3)
    assert layers["layers.1"]["gradient"] == pytest.approx(rms(d_second), rel=1e-3)
    assert "saturated" not in layers["layers.1"]


@pytest.mark.parametrize(
    "more", [["clip_norm=0.01"], ["regularization.l2=0.3"], ["regularization.l1=0.2", "clip_norm=0.1"]]
)
def test_the_gradient_is_that_of_the_loss_alone(tmp_path: Path, more: list[str]) -> None:
    write_plain(tmp_path)
    ((plain,), (other,)) = (trained(tmp_path, PLAIN, *overrides) for overrides in ([], more))
    for layer in ("layers.0", "layers.1"):
        assert other["layers"][layer]["gradient"] == pytest.approx(plain["layers"][layer]["gradient"], rel=1e-3)
        assert other["layers"][layer]["update"] != plain["layers"][layer]["update"]


def test_units_that_are_stuck(tmp_path: Path) -> None:
    write_plain(tmp_path)
    text = PLAIN.replace("activation: tanh", "activation: relu, bias: [-50, 50, 0]")
    (row,) = trained(tmp_path, text)
    assert row["layers"]["layers.0.activation"]["stuck"] == pytest.approx(1 / 3, rel=1e-3)
    (row,) = trained(tmp_path, text.replace("relu", "sigmoid"))
    assert row["layers"]["layers.0.activation"]["stuck"] == pytest.approx(2 / 3, rel=1e-3)


def test_gradients_by_step_go_through_the_recurrent_weight(tmp_path: Path) -> None:
    """One positive unit of relu: each step back multiplies the gradient by its weight."""
    np.savez(tmp_path / "steps.npz", x=np.ones((4, 6, 1)), y=np.zeros((4, 1)))
    text = """data: {source: steps.npz}
layers:
  - {type: rnn, hidden_size: 1, nonlinearity: relu, weight: [[1.0]], recurrent_weight: [[0.5]]}
  - {type: linear, out_features: 1, weight: [[1.0]]}
loss: mse
batch_size: 4
epochs: 1
"""
    (row,) = trained(tmp_path, text)
    gradients = row["layers"]["layers.0"]["by_step"]
    assert len(gradients) == 6
    assert [after / before for before, after in pairwise(gradients)] == pytest.approx([2.0] * 5, rel=1e-3)


def test_padding_has_no_part_in_them(tmp_path: Path) -> None:
    text = "data: {source: steps.npz}\nlayers: [{type: linear, out_features: 2, activation: relu}, mean_over_steps]\n"
    text += "loss: cross_entropy\nbatch_size: 8\nepochs: 1\n"
    rows = []
    for wide in (3, 9):
        random = np.random.default_rng(1)
        x = np.full((8, wide, 2), 7e9)
        x[:, :3] = random.normal(size=(8, 3, 2))
        np.savez(tmp_path / "steps.npz", x=x, y=np.resize([0, 1], 8), lengths=np.resize([1, 2, 3, 3], 8))
        rows += trained(tmp_path, text)
    assert rows[0]["layers"] == rows[1]["layers"]


def test_no_bit_of_the_training_is_another_one(tmp_path: Path) -> None:
    config = f"{SINE}epochs: 9\nclip_norm: 1.0\nregularization: {{l2: 0.001}}\n"
    (tmp_path / "run.yaml").write_text(config)
    for name, overrides in (("with", []), ("without", ["diagnostics=false"])):
        nnctl.train(tmp_path / "run.yaml", overrides, run=tmp_path / name)
    assert rows_of(tmp_path / "with") == rows_of(tmp_path / "without")
    tensors = [
        {name: without_header(file) for name, file in files.items()}
        for files in (checkpoints_of(tmp_path / name) for name in ("with", "without"))
    ]
    assert tensors[0] == tensors[1]
    assert (tmp_path / "with" / NAME).exists()
    assert not (tmp_path / "without" / NAME).exists()


def without_header(checkpoint: bytes) -> bytes:
    """A safetensors file without its header, which has the config."""
    return checkpoint[8 + int.from_bytes(checkpoint[:8], "little") :]


@given(st.integers(0, 10**12))
def test_the_steps_that_are_measured(step: int) -> None:
    due = next_measured(step)
    assert step < due <= max(step + 1, step * 3 // 2 + 1)
    assert len(bin(due)[2:].rstrip("0")) <= 2


def test_they_are_few() -> None:
    steps = [0]
    while steps[-1] < 10**7:
        steps.append(next_measured(steps[-1]))
    assert steps[1:11] == [1, 2, 3, 4, 6, 8, 12, 16, 24, 32]
    assert len(steps) < 50


def test_rows_beyond_the_checkpoint_are_measured_again(tmp_path: Path) -> None:
    """As after a kill: rows are written sooner than checkpoints. What cannot be read is left out."""
    (tmp_path / "run.yaml").write_text(f"{SINE}epochs: 6\n")
    for name in ("whole", "parts"):
        nnctl.train(tmp_path / "run.yaml", [] if name == "whole" else ["epochs=3"], run=tmp_path / name)
    file = tmp_path / "parts" / NAME
    told = file.read_text()
    file.write_text(told + json.dumps({"epoch": 4, "step": 96, "loss": 9.0, "layers": {}}) + '\n{"epoch": 5, "st')
    nnctl.train(tmp_path / "run.yaml", run=tmp_path / "parts", resume=True)
    assert file.read_bytes() == (tmp_path / "whole" / NAME).read_bytes()


def test_a_run_that_diverges_says_so_and_can_go_on(tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(f"{SINE}optimizer: sgd\nlearning_rate: 1e6\nepochs: 3\n")
    with pytest.raises(nnctl.errors.DivergedError):
        nnctl.train(tmp_path / "run.yaml", run=tmp_path / "run")
    assert "diverged" in read_rows(tmp_path / "run")[-1]
    assert nnctl.diagnose(tmp_path / "run")["status"] == "diverged"
    with pytest.raises(nnctl.errors.DivergedError):
        nnctl.train(tmp_path / "run.yaml", run=tmp_path / "run", resume=True)
    assert sum("diverged" in row for row in read_rows(tmp_path / "run")) == 1
