"""Regularization in whole runs: what the config says is done in every step."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.model.preparation import prepare
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer
from tests.support.configs import SINE, load


def weights(folder: Path, *overrides: str) -> dict[str, NDArray[np.float32]]:
    folder.mkdir()
    prepared = prepare(load(folder, SINE, "epochs=3", "learning_rate=0.01", *overrides))
    run = RunFolder(folder / "run")
    trainer = Trainer(prepared, run, Observer())
    trainer.run(StopSignal())
    run.close()
    tensors = trainer.state.to_checkpoint().tensors
    return {name: tensors[name] for name in ("layers.0.weight", "layers.2.weight", "layers.0.bias")}


def largest_norm(weight: NDArray[np.float32]) -> float:
    return float(np.sqrt((weight.astype(np.float64) ** 2).sum(axis=0)).max())


@pytest.mark.parametrize("clip", ["clip_norm=", "clip_norm=10"])
def test_norms_stay_within_the_limit(tmp_path: Path, clip: str) -> None:
    free = weights(tmp_path / "free", clip)
    limited = weights(tmp_path / "limited", clip, "regularization.max_norm=0.25")
    assert largest_norm(free["layers.0.weight"]) > 0.3
    assert largest_norm(limited["layers.0.weight"]) < 0.2501


def test_penalties_shrink_weights_and_those_of_a_layer_win(tmp_path: Path) -> None:
    free = weights(tmp_path / "free")
    shrunk = weights(tmp_path / "shrunk", "regularization={l1: 1, l2: 1}")
    own = weights(tmp_path / "own", "regularization={l1: 1, l2: 1}", "layers.0.regularization={}")
    sizes = [{name: float(np.abs(array).sum()) for name, array in one.items()} for one in (free, shrunk, own)]
    assert sizes[1]["layers.0.weight"] < sizes[0]["layers.0.weight"] / 2
    assert sizes[1]["layers.2.weight"] < sizes[0]["layers.2.weight"] / 2
    assert sizes[2]["layers.0.weight"] > sizes[0]["layers.0.weight"] / 2
    assert sizes[2]["layers.2.weight"] < sizes[0]["layers.2.weight"] / 2


def test_a_penalty_on_outputs_makes_them_small(tmp_path: Path) -> None:
    free = weights(tmp_path / "free")
    quiet = weights(tmp_path / "quiet", "layers.0.regularization={activity_l2: 10}")
    assert not np.array_equal(free["layers.0.bias"], quiet["layers.0.bias"])
