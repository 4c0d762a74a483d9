"""Frozen layers in whole runs: their bytes stay, whatever else a config does to weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnctl.errors import ConfigError
from nnctl.model.preparation import prepare
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer
from tests.support.command import DATA
from tests.support.configs import load
from tests.support.runs import assert_resumes, ran
from tests.support.threads import threads

CONFIG = f"""data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 8}}
  - {{type: batch_norm, activation: relu, freeze: true}}
  - {{type: linear, out_features: 6, activation: {{type: prelu}}, freeze: true}}
  - {{type: batch_norm, activation: tanh}}
  - {{type: linear, out_features: 1}}
loss: mse
batch_size: 7
epochs: 2
learning_rate: 0.01
"""
FROZEN = {
    *("layers.1.weight", "layers.1.bias", "layers.1.running_mean", "layers.1.running_var"),
    *("layers.2.weight", "layers.2.bias", "layers.2.activation.slope"),
}


def tensors(folder: Path, *overrides: str) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """What a checkpoint has before and after training."""
    folder.mkdir()
    run = RunFolder(folder / "run")
    trainer = Trainer(prepare(load(folder, CONFIG, *overrides)), run, Observer())
    before = trainer.state.to_checkpoint().tensors
    trainer.run(StopSignal())
    run.close()
    after = trainer.state.to_checkpoint().tensors
    size = sum(after[name].size for name in after if name.startswith("layers.") and name not in FROZEN)
    running = sum(array.size for name, array in after.items() if name.startswith("layers.3.running"))
    slots = [array for name, array in after.items() if name.startswith("optimizer.")]
    assert all(array.shape == (size - running,) for array in slots)
    first, last = ({name: array.tobytes() for name, array in own.items()} for own in (before, after))
    return first, last


@pytest.mark.parametrize(
    "overrides",
    [
        [],
        ["optimizer={type: sgd, momentum: 0.9, weight_decay: 0.1}"],
        ["optimizer={type: adamw, weight_decay: 0.1}", "clip_norm=0.01"],
        ["regularization={l1: 0.1, l2: 0.1, max_norm: 0.01, activity_l2: 0.1}"],
        ["regularization={l1: 0.1, max_norm: 0.01}", "clip_norm=0.01", "precision=float64"],
    ],
    ids=["adam", "sgd", "clipped", "regularized", "both"],
)
def test_frozen_bytes_stay_and_all_others_change(overrides: list[str], tmp_path: Path) -> None:
    before, after = tensors(tmp_path / "run", *overrides)
    assert {name for name in before if before[name] == after[name] and name.startswith("layers.")} == FROZEN


def test_the_bits_are_the_same_on_any_number_of_threads(tmp_path: Path) -> None:
    found = []
    for number in (1, 2, 3):
        with threads(number):  # which shares every kernel, however small
            found.append(tensors(tmp_path / str(number), "clip_norm=1")[1])
    assert found[0] == found[1] == found[2]


AT_FIRST = CONFIG.replace("freeze: true", "freeze: 2").replace("epochs: 2", "epochs: 4")
PARTS = "regularization={l2: 0.1, max_norm: 0.5, activity_l1: 0.01}", "optimizer={type: sgd, momentum: 0.9}"


@pytest.mark.parametrize("clip", ["clip_norm=", "clip_norm=0.01"])
def test_layers_frozen_for_two_epochs_are_as_frozen_ones_so_long(clip: str, tmp_path: Path) -> None:
    """Then all train, and batch norms follow the batches."""
    frozen = ran(tmp_path, "frozen", CONFIG, *PARTS, clip, "epochs=2")
    first = ran(tmp_path, "first", AT_FIRST, *PARTS, clip, "epochs=3")
    whole = ran(tmp_path, "whole", AT_FIRST, *PARTS, clip)
    assert [row["loss"] for row in first.rows[:2]] == [row["loss"] for row in frozen.rows]
    assert [row["val_loss"] for row in first.rows[:2]] == [row["val_loss"] for row in frozen.rows]
    assert whole.rows[:3] == first.rows
    last = first.last
    assert not [name for name, array in frozen.last.items() if name in FROZEN and np.array_equal(array, last[name])]


def test_resumed_through_the_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind the last frozen epoch, in the first one that is not, and before."""
    moments = [(1, 3), (2, 12), (3, 1), (4, 2)]
    assert_resumes(tmp_path, moments, monkeypatch, AT_FIRST, "optimizer=adamw", "gradient_accumulation=2")


@pytest.mark.parametrize(
    ("override", "path", "what"),
    [
        ("layers.1.freeze=0", "layers.1.freeze", "expected a number of at least 1, got 0"),
        ("layers.1.freeze=1.5", "layers.1.freeze", "expected true, false or a whole number, got 1.5"),
        ("layers.1.freeze=4", "layers.1.freeze", "is 4 epochs, and the run has 4"),
        ("layers=[{type: linear, out_features: 1, freeze: 1}]", "layers", "all layers with weights are frozen for 1"),
    ],
)
def test_bad_numbers_of_epochs(override: str, path: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        prepare(load(tmp_path, AT_FIRST, override))
    (problem,) = raised.value.problems
    assert problem.path == path
    assert problem.what.startswith(what)
