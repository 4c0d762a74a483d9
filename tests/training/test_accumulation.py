"""Gradients of several batches that are added up: a step is as one on all of their samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.dataset import Split
from nnctl.layers.operation import StepContext
from nnctl.losses.mse import MSE
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import plan_network
from tests.support.command import nnctl, report_of
from tests.support.configs import SINE, load, problems_in
from tests.support.refusal import refusal_of
from tests.support.runs import assert_resumes, ran
from tests.support.specs import layers_of

SAMPLES, FEATURES, STEPS = 70, 5, 4

CONFIG = """
data: {source: samples.npz}
layers:
  - {type: linear, out_features: 6, activation: tanh, regularization: {l2: 0.01, activity_l2: 0.02}}
  - {type: linear, out_features: 3}
loss: cross_entropy
metrics: [accuracy]
optimizer: adam
learning_rate: 0.01
epochs: 3
precision: float64
"""


def write_samples(folder: Path) -> None:
    random = np.random.default_rng(1)
    inputs, classes = random.normal(size=(SAMPLES, FEATURES)), random.integers(0, 3, SAMPLES)
    np.savez(folder / "samples.npz", x=inputs, y=classes)
    weights = np.where(random.random(SAMPLES) < 0.3, 0.0, random.exponential(2.0, SAMPLES))
    header = ",".join([*"abcde", "weight", "y"])
    rows = [
        f"{','.join(map(str, row))},{weight},c{target}"
        for row, weight, target in zip(inputs, weights, classes, strict=True)
    ]
    (folder / "samples.csv").write_text("\n".join([header, *rows]) + "\n")
    lengths = random.integers(1, STEPS + 1, SAMPLES)
    sequences, steps = random.normal(size=(SAMPLES, STEPS, FEATURES)), random.integers(0, 3, (SAMPLES, STEPS))
    np.savez(folder / "steps.npz", x=sequences, y=steps, lengths=lengths)
    np.savez(folder / "last.npz", x=sequences, y=classes, lengths=lengths)


RECURRENT = "layers=[{type: gru, hidden_size: 4, return: RETURN}, {type: linear, out_features: 3}]"
CASES: dict[str, list[str]] = {
    "plain": [],
    "clipped": ["clip_norm=0.1", "optimizer={type: sgd, momentum: 0.9}"],
    "float32": ["precision=float32", "optimizer=sgd"],
    "class weights": ['class_weight={"0": 5, "1": 0.1}'],
    "weights of rows": ["data={source: samples.csv, target: y, weight: weight}"],
    "both": ["data={source: samples.csv, target: y, weight: weight}", "class_weight=balanced"],
    "targets by step": ["data=steps.npz", RECURRENT.replace("RETURN", "sequence"), 'class_weight={"0": 3}'],
    "lengths": ["data=last.npz", RECURRENT.replace("RETURN", "last")],
    "last left out": ["data.drop_last=true"],
    "warm-up": ["schedule={type: cosine, warmup: 1.5}"],
}


@pytest.mark.parametrize("case", CASES)
def test_four_batches_of_four_are_one_of_sixteen(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within rounding, in every row and tensor: 70 samples are four steps and a short one of two batches."""
    write_samples(tmp_path)
    monkeypatch.chdir(tmp_path)
    one = ran(tmp_path, "one", CONFIG, *CASES[case], "batch_size=16")
    four = ran(tmp_path, "four", CONFIG, *CASES[case], "batch_size=4", "gradient_accumulation=4")
    tolerance = 1e-6 if case == "float32" else 1e-12
    assert one.report["steps"] == four.report["steps"] == (12 if case == "last left out" else 15)
    for row, expected in zip(four.rows, one.rows, strict=True):
        assert row == pytest.approx(expected, rel=tolerance)
    assert four.last.keys() == one.last.keys()
    for name, array in one.last.items():
        np.testing.assert_allclose(four.last[name], array, rtol=tolerance, atol=tolerance, err_msg=name)


def test_where_sums_are_exact_the_bits_are_those_of_one_batch(tmp_path: Path) -> None:
    """Of small whole numbers, with a loss and a rate that divide by powers of two."""
    random = np.random.default_rng(2)
    np.savez(tmp_path / "samples.npz", x=random.integers(-3, 4, (128, 4)), y=random.integers(-3, 4, 128))
    config = """
data: {source: samples.npz, standardize: false}
layers: [{type: linear, out_features: 1, weight: zeros}]
loss: mse
optimizer: {type: sgd, momentum: 0.5}
learning_rate: 0.125
epochs: 2
precision: float64
"""
    one = ran(tmp_path, "one", config, "batch_size=64")
    four = ran(tmp_path, "four", config, "batch_size=16", "gradient_accumulation=4")
    assert np.count_nonzero(one.last["layers.0.weight"]) == 4
    assert {name: array.tobytes() for name, array in four.last.items()} == {
        name: array.tobytes() for name, array in one.last.items()
    }


@given(st.integers(1, 9), st.integers(1, 9), st.integers(1, 40))
def test_no_two_batches_draw_from_one_stream(batches: int, epochs: int, steps: int) -> None:
    keys = {
        StepContext(epoch=epoch, step=step, batch=batch, batches=batches).key("mask")
        for epoch in range(epochs)
        for step in range(steps)
        for batch in range(batches)
    }
    assert len(keys) == batches * epochs * steps


def test_a_batch_norm_takes_the_statistics_of_each_batch(tmp_path: Path) -> None:
    """A step is what the batches make one after the other, their gradients weighed by how many samples they have."""
    random = np.random.default_rng(3)
    inputs, targets = random.normal(size=(10, 3)), random.normal(size=(10, 1))
    np.savez(tmp_path / "samples.npz", x=inputs, y=targets)
    layers: list[Any] = [{"type": "linear", "out_features": 4}, "batch_norm", {"type": "linear", "out_features": 1}]
    config = f"""
data: {{source: samples.npz, standardize: false, shuffle: false}}
layers: {layers}
loss: mse
optimizer: sgd
learning_rate: 0.5
batch_size: 4
gradient_accumulation: 2
epochs: 1
precision: float64
"""
    found = ran(tmp_path, "run", config).last
    split = Split(inputs, targets)
    network = Network(plan_network(layers_of(layers), (3,)), 4, "float64")
    network.initialize(0)
    objective = Objective(network, MSE(), split)
    order = np.arange(10)
    for batches in ([(0, 4), (4, 4)], [(8, 2)]):  # the second step has a single batch
        samples, gradients = sum(n for _, n in batches), np.zeros_like(network.gradients)
        for start, n in batches:
            objective.load(split, order, start, n)
            network.forward(n, training=True)
            objective.evaluate(n)
            network.backward(n)
            gradients += network.gradients * n / samples
        network.parameters -= 0.5 * gradients
    for name, array in network.kept().items():
        np.testing.assert_allclose(found[name], array, rtol=1e-12, atol=1e-14, err_msg=name)


def test_stopped_and_resumed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = "gradient_accumulation=3", "batch_size=3", "epochs=3", "clip_norm=1", "schedule={type: cosine}"
    whole = assert_resumes(tmp_path, [(1, 1), (1, 3), (3, 2)], monkeypatch, SINE, *settings)
    assert whole.report["steps"] % 3 == 0
    first, second = ("layers.1.p=0.2", "layers.1.p=0.5")
    assert ran(tmp_path, "first", SINE, *settings, first).rows == whole.rows
    assert ran(tmp_path, "second", SINE, *settings, second).rows != whole.rows


def test_a_run_that_diverges_says_where(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SINE)
    settings = "learning_rate=1e30", "optimizer=sgd", "gradient_accumulation=3", "batch_size=3"
    done = nnctl("train", "config.yaml", *settings, cwd=tmp_path)
    assert done.returncode == 5
    assert "training diverged in epoch 1, step 2 of" in done.stderr
    assert "first NaN or infinity in the output of layers.2 (linear)" in done.stderr


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "true", "1001"])
def test_bad_values(value: str, tmp_path: Path) -> None:
    (problem,) = problems_in(tmp_path, SINE, f"gradient_accumulation={value}")
    assert problem.path == "gradient_accumulation"


def test_a_step_larger_than_the_data_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SINE)
    refusal = refusal_of("check", "config.yaml", "gradient_accumulation=90", cwd=tmp_path, code=2)
    (problem,) = refusal.problems
    assert (problem["path"], problem["what"]) == (
        "gradient_accumulation",
        "makes steps of 630 samples, there are 160 training samples",
    )
    most = problem["help"].removeprefix("use at most ").partition(",")[0]
    report_of("check", "config.yaml", f"gradient_accumulation={most}", cwd=tmp_path)


def test_check_tells_the_memory_of_a_batch_and_the_samples_of_a_step(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SINE)
    large = report_of("check", "config.yaml", "batch_size=28", cwd=tmp_path)
    plain = report_of("check", "config.yaml", cwd=tmp_path)
    four = report_of("check", "config.yaml", "gradient_accumulation=4", cwd=tmp_path)
    assert (four["batch_size"], four["effective_batch_size"]) == (7, 28)
    assert four["memory"] == plain["memory"] + 4 * plain["trainable"] < large["memory"]
    shown = nnctl("check", "config.yaml", "gradient_accumulation=4", cwd=tmp_path).stdout
    assert "; batches of 7, a step on 28 samples" in shown


def test_the_config_is_kept(tmp_path: Path) -> None:
    config = load(tmp_path, SINE, "gradient_accumulation=3").config
    assert (config.gradient_accumulation, config.effective_batch_size) == (3, 21)
