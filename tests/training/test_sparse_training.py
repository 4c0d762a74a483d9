"""Whole runs with sparse layers: stopped and resumed, on any threads, evaluated and predicted from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import nnctl
from nnctl.errors import ConfigError
from tests.support.command import DATA
from tests.support.runs import assert_resumes, ran

CONFIG = f"""data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 24, activation: tanh}}
  - {{type: sparse_linear, out_features: 20, connections: 90, activation: tanh, regularization: {{max_norm: 3.0}}}}
  - {{type: linear, out_features: 1}}
loss: mse
batch_size: 19
epochs: 3
learning_rate: 0.01
"""


def test_stopped_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = assert_resumes(tmp_path, [(1, 1), (2, 2)], monkeypatch, CONFIG, "optimizer=lamb")
    assert whole.rows[-1]["loss"] < whole.rows[0]["loss"]
    assert whole.last["layers.1.weight"].shape == whole.last["layers.1.inputs"].shape == (90,)
    assert whole.last["layers.1.inputs"].dtype == whole.last["layers.1.starts"].dtype == np.int32
    metrics = nnctl.evaluate(whole.folder).report["metrics"]
    assert metrics["loss"] == pytest.approx(min(row["val_loss"] for row in whole.rows))


def test_its_weights_start_another_run(tmp_path: Path) -> None:
    first = ran(tmp_path, "first", CONFIG, "epochs=1")
    frozen = ["layers.1.freeze=true", "layers.1.regularization=null", "precision=float64", "seed=7"]
    second = ran(tmp_path, "second", CONFIG, "epochs=1", f"initialize_from={first.folder}", *frozen)
    for name in ("weight", "inputs", "starts", "bias"):
        np.testing.assert_array_equal(second.best[f"layers.1.{name}"], first.best[f"layers.1.{name}"])
    assert second.best["layers.1.inputs"].dtype == np.int32


def test_too_many_connections_are_told_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        ran(tmp_path, "run", CONFIG, "layers.1.connections=481")
    (problem,) = refused.value.problems
    assert problem.path == "layers.1.connections"
    assert problem.what == "481 connections are more than 24 inputs and 20 outputs can have"
    assert problem.help == "set `connections` to 480 or fewer, or use `linear`"
