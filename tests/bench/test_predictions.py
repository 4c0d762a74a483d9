"""Contestants in prediction answer for the same samples, and one whose outputs differ does not count."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bench import prediction_serve
from bench.data import write_nnctl
from bench.peers.weights import channels_first, images_first, weights
from bench.prediction_serve import Prepared, quickest, serve
from bench.predictions import NETWORKS
from bench.workloads import WORKLOADS, Conv, Dense, Placed
from tests.support.command import ROOT, surroundings


def test_every_network_is_a_workload() -> None:
    assert NETWORKS.keys() <= WORKLOADS.keys()


def test_the_quickest_variant_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = {"slow": 2.0, "quick": 1.0, "slowest": 3.0}
    monkeypatch.setattr(Prepared, "times", lambda self, _: [seconds[self.variant]])
    variants = [Prepared(lambda: None, lambda: np.ones(3), name) for name in seconds]
    assert quickest(variants, np.ones(3)).variant == "quick"


def test_other_outputs_are_noticed() -> None:
    other = Prepared(lambda: None, lambda: np.array([1.0, 1.001]), "other")
    with pytest.raises(AssertionError, match="other"):
        quickest([other], np.ones(2))


def test_a_number_is_prepared_and_then_timed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(prediction_serve, "TURN", 0.0)
    monkeypatch.setattr(prediction_serve, "WARMING", 0.0)
    monkeypatch.setattr(prediction_serve, "TRIAL", 0.0)
    np.save(tmp_path / "inputs.npy", np.arange(4.0))
    np.save(tmp_path / "outputs.npy", np.arange(4.0) + 1)
    monkeypatch.setattr(sys, "stdin", io.StringIO("3\n3\n"))
    serve(tmp_path, lambda inputs: [Prepared(lambda: None, lambda: inputs + 1, f"of {len(inputs)}")])
    ready, prepared, timed = map(json.loads, capsys.readouterr().out.splitlines())
    assert "variant" not in ready
    assert prepared["variant"] == timed["variant"] == "of 3"
    assert "median" not in prepared
    assert timed["median"] >= timed["least"] > 0


def test_weights_are_laid_out_as_pytorch_and_onnx_have_them() -> None:
    """A convolution whose window is the whole image is the linear layer of the flattened image."""
    random, shape = np.random.default_rng(0), (3, 3, 2)
    image, weight = random.standard_normal((1, *shape)), random.standard_normal((*shape, 5))
    expected = image.reshape(1, -1) @ weight.reshape(-1, 5)
    flattened = images_first(image).reshape(1, -1)
    conv = channels_first(Placed(Conv(5, 3), shape, (1, 1, 5)), weight)
    assert conv.shape == (5, 2, 3, 3)
    np.testing.assert_allclose(flattened @ conv.reshape(5, -1).T, expected)
    dense = channels_first(Placed(Dense(5), shape, (5,)), weight.reshape(-1, 5))
    np.testing.assert_allclose(flattened @ dense.T, expected)
    np.testing.assert_array_equal(
        channels_first(Placed(Dense(5), (18,), (5,)), weight.reshape(-1, 5)).T.ravel(), weight.ravel()
    )


@pytest.mark.slow
def test_nnctl_predicts_what_its_weights_say(tmp_path: Path) -> None:
    """Its outputs, against the peers' arrays in NumPy; its workers take nothing else."""
    workload = WORKLOADS["mlp-small, 32"]
    write_nnctl(tmp_path, workload)
    for command in (
        ["bench.prediction_folder", tmp_path],
        *(["bench.prediction_worker", tmp_path, kind] for kind in ("call", "program")),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=surroundings(),
            input="1\n1\n1024\n",
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    values = np.load(tmp_path / "inputs.npy")
    for place, arrays in weights(workload, tmp_path):
        values = values @ arrays["weight"].T + arrays["bias"]
        values = np.maximum(values, 0) if place.layer.activation == "relu" else values
    np.testing.assert_allclose(np.load(tmp_path / "outputs.npy"), values, 1e-4, 1e-4)
