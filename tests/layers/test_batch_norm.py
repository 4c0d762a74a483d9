"""Batch normalisation: the shared check, PyTorch's numbers, running statistics, lengths, and whole trainings."""

from __future__ import annotations

import math
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from nnctl.config.load import load_config
from nnctl.data.dataset import Split
from nnctl.kernels import cpu
from nnctl.layers.batch_norm import BatchNorm
from nnctl.layers.operation import Shape, StepContext
from nnctl.layers.relu import ReLU
from nnctl.layers.repeat import Repeat
from nnctl.losses.cross_entropy import CrossEntropy
from nnctl.model.checkpoint import read_checkpoint
from nnctl.model.network import Network
from nnctl.model.objective import Objective
from nnctl.model.plan import plan_network
from nnctl.model.preparation import prepare
from nnctl.optimizers.adamw import AdamW
from nnctl.optimizers.sgd import SGD
from nnctl.training.observers.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer
from tests.support.command import COMMAND, DATA, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.kills import SAVE_ALWAYS, killed_before
from tests.support.layer_check import Built, LayerCheck, a_step, build, check_layer
from tests.support.specs import layers_of
from tests.support.threads import threads

Float64 = NDArray[np.float64]
GOLDEN = dict(np.load(Path(__file__).parents[1] / "golden" / "batch_norm.npz"))

NORM = {"type": "batch_norm"}


class TestBatchNorm(LayerCheck):
    kind = BatchNorm
    cases = (
        {"inputs": [7]},
        {"inputs": [1]},
        {"inputs": [200], "bias": False},
        {"inputs": [5, 3], "momentum": 0.3, "eps": 0.1},
        {"inputs": [20, 2]},
        {"inputs": [3, 4, 2]},
        {"inputs": [5, 4, 3]},
        {"inputs": [3, 7, 33], "bias": False},
    )
    refused = ({"momentum": 1.5}, {"momentum": -0.1}, {"eps": 0.0}, {"weight": False})
    without_pytorch = "its numbers are compared over several steps, below"

    @staticmethod
    def reference(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
        """One channel at a time; running statistics are as they start."""
        outputs = np.empty_like(inputs)
        for channel in range(inputs.shape[-1]):
            values = [float(value) for value in inputs[..., channel].ravel()]
            mean, variance = 0.0, 1.0
            if step.training:
                mean = math.fsum(values) / len(values)
                variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
            bias = parameters["bias"][channel] if "bias" in parameters else 0.0
            scale = parameters["weight"][channel] / math.sqrt(variance + layer.eps)
            outputs[..., channel] = (inputs[..., channel] - mean) * scale + bias
        return outputs

    def test_in_evaluation(self, case: dict[str, Any]) -> None:
        check_layer(self.layer(case), tuple(case["inputs"]), self.reference, training=False)


def normalized_relu(layer: Any, inputs: Float64, parameters: Mapping[str, Float64], step: StepContext) -> Float64:
    """Of a chain of one batch norm with relu."""
    own = {name.rpartition(".")[2]: array for name, array in parameters.items()}
    return np.maximum(0.0, TestBatchNorm.reference(layer.layers[0], inputs, own, step))


def in_a_chain(**settings: Any) -> Repeat:
    return Repeat.model_validate({"repeat": 1, "layers": [{**NORM, **settings}]})


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("shape", [(7,), (20, 2), (5, 4, 3)], ids=str)
def test_relu_is_a_part_of_the_layer(shape: Shape, training: bool) -> None:
    check_layer(in_a_chain(activation="relu"), shape, normalized_relu, training=training)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(50,), (11, 9, 5)], ids=str)
def test_relu_as_a_part_gives_the_bits_of_relu_behind_it(shape: Shape, dtype: str) -> None:
    whole = build(in_a_chain(activation="relu"), shape, 4, dtype).both_ways(a_step()).results()
    norm, relu = build(in_a_chain(), shape, 4, dtype).forward(a_step()), build(ReLU(), shape, 4, dtype)
    relu.arrays.inputs[...] = norm.arrays.outputs
    relu.both_ways(a_step())
    assert whole["outputs"].tobytes() == relu.arrays.outputs.tobytes()
    norm.arrays.d_outputs[...] = relu.arrays.d_inputs
    for name, result in norm.both_ways(a_step()).results().items():
        if name not in ("outputs", *norm.arrays.buffers):  # which has seen the batch twice
            assert result.tobytes() == whole[name].tobytes(), name


@pytest.mark.parametrize("name", ["row", "sequence", "image"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_numbers_are_pytorchs(name: str, dtype: str) -> None:
    """Three steps in training, then one in evaluation, with what was learnt."""
    shape = GOLDEN[f"{name}/0/inputs"].shape
    layer = BatchNorm.model_validate({"momentum": 0.2, "eps": 1e-3})
    built = build(layer, shape[1:], shape[0], dtype)
    arrays = built.arrays
    for parameter, array in arrays.parameters.items():
        array[...] = GOLDEN[f"{name}/{parameter}"]
    tolerance = 1e-10 if dtype == "float64" else 1e-5
    for step in range(4):
        arrays.inputs[...], arrays.d_outputs[...] = (GOLDEN[f"{name}/{step}/{key}"] for key in ("inputs", "d_outputs"))
        results = built.both_ways(a_step(training=step < 3)).results()
        assert results.keys() == {"outputs", "d_inputs", "d_weight", "d_bias", "running_mean", "running_var"}
        for key, result in results.items():
            expected = GOLDEN[f"{name}/{step}/{key}"]
            np.testing.assert_allclose(result, expected, rtol=tolerance, atol=tolerance, err_msg=f"{step} {key}")


NETWORKS: dict[str, list[Any]] = {
    "mlp": [
        {"type": "linear", "out_features": 16},
        {**NORM, "activation": "relu"},
        {"type": "linear", "out_features": 8, "bias": False},
        {**NORM, "activation": "tanh"},
        {"type": "linear", "out_features": 4},
    ],
    "cnn": [
        {"type": "conv2d", "out_channels": 4, "kernel_size": 3, "padding": 1},
        {**NORM, "activation": "relu"},
        {"type": "max_pool2d", "kernel_size": 2},
        {"type": "conv2d", "out_channels": 6, "kernel_size": 3, "bias": False},
        {**NORM, "activation": "relu"},
        "flatten",
        {"type": "linear", "out_features": 4},
    ],
}
STEPS, BATCH = 50, 8


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("name", NETWORKS)
def test_fifty_steps_are_pytorchs(name: str, precision: str) -> None:
    """The loss of each step, what is kept in the end, and what it then says of all samples."""
    inputs, targets = GOLDEN[f"{name}/inputs"].astype(precision), GOLDEN[f"{name}/targets"]
    split = Split(inputs, targets)
    network = Network(plan_network(layers_of(NETWORKS[name]), inputs.shape[1:]), len(split), precision)
    kept = [key.removeprefix(f"{name}/initial/") for key in GOLDEN if key.startswith(f"{name}/initial/")]
    for array, key in zip(network.kept().values(), kept, strict=True):
        array[...] = GOLDEN[f"{name}/initial/{key}"]
    objective, optimizer = Objective(network, CrossEntropy(), split), SGD(momentum=0.9)
    slots = np.zeros((1, network.parameters.size), network.dtype)
    order, losses = np.arange(len(split), dtype=np.int64), []
    for step in range(STEPS):
        objective.load(split, order, step * BATCH % len(split), BATCH)
        network.forward(BATCH, training=True, step=step)
        objective.evaluate(BATCH)
        losses.append(float(objective.loss_sum[0]) / BATCH)
        network.backward(BATCH)
        optimizer.update(network.parameters, network.gradients, slots, network.shapes(), 0.05, step + 1, network.device)
    tolerance = 1e-5 if precision == "float32" else 1e-10
    np.testing.assert_allclose(losses, GOLDEN[f"{name}/{precision}/losses"], rtol=tolerance)
    network.inputs(len(split))[...] = inputs
    network.forward(len(split))
    for array, key in [(network.outputs(len(split)), "evaluated"), *zip(network.kept().values(), kept, strict=True)]:
        expected = GOLDEN[f"{name}/{precision}/{key}"]
        np.testing.assert_allclose(array, expected, rtol=0, atol=tolerance * np.abs(expected).max(), err_msg=key)


def bits(built: Built) -> dict[str, bytes]:
    return {name: result.tobytes() for name, result in built.results().items()}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("shape", "samples"), [((50,), 37), ((300,), 3), ((9, 9, 40), 5), ((30, 31, 3), 11)], ids=str)
def test_the_bits_are_those_of_one_thread(shape: Shape, samples: int, dtype: str) -> None:
    expected: dict[str, bytes] = {}
    for number in (1, 2, 3, 4, 8):
        with threads(number):
            made = bits(build(BatchNorm(), shape, samples, dtype).both_ways(a_step()))
        expected = expected or made
        assert made == expected, f"{number} threads"


@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
@pytest.mark.parametrize("steps", [6, 40])
def test_steps_beyond_a_length_have_no_influence(steps: int, training: bool) -> None:
    lengths = np.array([3, steps, 0, 1, 5])
    real = np.arange(steps) < lengths[:, None]
    built = build(BatchNorm(), (steps, 4), len(lengths), lengths=lengths)
    built.arrays.inputs[~real] = built.arrays.d_outputs[~real] = np.nan
    results = built.both_ways(a_step(training=training)).results()
    alone = build(BatchNorm(), (4,), int(real.sum()))
    alone.arrays.inputs[...], alone.arrays.d_outputs[...] = built.arrays.inputs[real], built.arrays.d_outputs[real]
    for name, parameter in alone.arrays.parameters.items():
        parameter[...] = built.arrays.parameters[name]
    for name, expected in alone.both_ways(a_step(training=training)).results().items():
        result = results[name]
        if name in ("outputs", "d_inputs"):
            assert not result[~real].any()
            result = result[real]
        np.testing.assert_allclose(result, expected, rtol=1e-12, atol=1e-12, err_msg=name)


def test_what_follows_a_sequence_has_no_steps() -> None:
    built = build(BatchNorm(), (4,), samples=3, lengths=np.array([0, 1, 2]))
    assert bits(built.both_ways(a_step())) == bits(build(BatchNorm(), (4,), samples=3).both_ways(a_step()))


def test_one_value_of_each_channel_has_no_variance() -> None:
    """PyTorch refuses such a batch: the last one of an epoch may have one sample."""
    arrays = build(BatchNorm(), (3,), samples=1).both_ways(a_step()).arrays
    np.testing.assert_array_equal(arrays.outputs[0], arrays.parameters["bias"])
    np.testing.assert_allclose(arrays.buffers["running_mean"], 0.1 * arrays.inputs[0])
    np.testing.assert_allclose(arrays.buffers["running_var"], 0.9)
    assert arrays.d_inputs is not None
    assert not arrays.d_inputs.any()


def test_a_batch_without_a_step_changes_nothing() -> None:
    arrays = build(BatchNorm(), (6, 3), samples=2, lengths=np.array([0, 0])).both_ways(a_step()).arrays
    assert not arrays.outputs.any()
    assert not arrays.gradients["weight"].any()
    np.testing.assert_array_equal(arrays.buffers["running_mean"], 0)
    np.testing.assert_array_equal(arrays.buffers["running_var"], 1)


@pytest.mark.parametrize("mean", [0.0, 100.0, -3000.0])
def test_a_large_mean_costs_no_digits_of_the_variance(mean: float) -> None:
    built = build(BatchNorm(), (40, 40, 3), samples=4, dtype=np.float32)
    built.arrays.inputs[...] += np.float32(mean)
    exact = built.arrays.inputs.astype(np.float64)
    buffers = built.forward(a_step()).arrays.buffers
    np.testing.assert_allclose(buffers["running_mean"], 0.1 * exact.mean(axis=(0, 1, 2)), rtol=1e-6, atol=1e-7)
    variance = exact.var(axis=(0, 1, 2), ddof=1)
    np.testing.assert_allclose(buffers["running_var"], 0.9 + 0.1 * variance, rtol=1e-6)


def test_neither_weight_decay_nor_clipping_touches_the_buffers() -> None:
    network = Network(plan_network(layers_of(["flatten", NORM]), (3,)), 4, "float64")
    network.initialize(0)
    network.inputs(4)[...] = np.arange(12).reshape(4, 3)
    network.forward(4, training=True)
    before = {name: buffer.copy() for name, buffer in network.buffers.items()}
    assert before.keys() == {"layers.1.running_mean", "layers.1.running_var"}
    network.d_outputs(4)[...] = 1
    network.backward(4)
    cpu.gradient_norm.clip(network.gradients, np.array([9.0]), 0.1)
    weight = network.kept()["layers.1.weight"].copy()
    slots = np.zeros((2, network.parameters.size))
    AdamW(weight_decay=0.5).update(
        network.parameters, network.gradients, slots, network.shapes(), 0.1, 1, network.device
    )
    assert not np.array_equal(network.kept()["layers.1.weight"], weight)
    for name, buffer in network.buffers.items():
        np.testing.assert_array_equal(buffer, before[name])


EPOCHS = 60
CONFIG = f"""
name: normalised
seed: 5
data: {{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}
layers:
  - {{type: linear, out_features: 24}}
  - {{type: batch_norm, activation: relu}}
  - {{type: linear, out_features: 1}}
loss: mse
optimizer: {{type: adamw, weight_decay: 0.1}}
clip_norm: 1.0
learning_rate: 0.01
batch_size: 7
epochs: {EPOCHS}
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a config and the run of it."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "config.yaml").write_text(CONFIG)
    report_of("train", "config.yaml", "--run", "run", cwd=folder)
    return folder


def test_the_running_statistics_are_kept_and_used(trained: Path) -> None:
    checkpoint = read_checkpoint(trained / "run" / "checkpoints" / "best.safetensors").tensors
    mean, variance = checkpoint["layers.1.running_mean"], checkpoint["layers.1.running_var"]
    assert mean.shape == variance.shape == (24,)
    assert mean.any()
    assert not np.array_equal(variance, np.ones(24))
    best = min(row["val_loss"] for row in rows_of(trained / "run"))
    report = report_of("eval", "run", "--split", "validation", cwd=trained)
    assert report["metrics"]["loss"] == pytest.approx(best, rel=1e-6)


def test_a_prediction_does_not_depend_on_the_other_samples(trained: Path) -> None:
    table = (DATA / "function" / "sine.csv").read_text().splitlines()
    (trained / "all.csv").write_text("\n".join(table[:9]) + "\n")
    (trained / "one.csv").write_text("\n".join([table[0], table[8]]) + "\n")
    for name in ("all", "one"):
        done = nnctl("predict", "run", f"{name}.csv", "-o", f"{name}-predicted.csv", cwd=trained)
        assert done.returncode == 0, done.stderr
    of_all, of_one = ((trained / f"{name}-predicted.csv").read_text().splitlines() for name in ("all", "one"))
    assert of_all[-1].split(",")[-1] == of_one[-1].split(",")[-1]


def test_check_shows_the_buffers(trained: Path) -> None:
    report = report_of("check", "config.yaml", cwd=trained)
    (layer,) = [layer for layer in report["layers"] if layer["type"] == "batch_norm"]
    assert (layer["parameters"], layer["buffers"], report["buffers"]) == (48, 48, 48)
    assert "buffers" in nnctl("check", "config.yaml", cwd=trained).stdout


@pytest.mark.slow
def test_a_run_that_is_killed_and_resumed_ends_with_the_same_bytes(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    for moment in (("fsync", 7), ("replace", 4), ("fsync", 20)):
        statements = f"{SAVE_ALWAYS}\n{killed_before(moment)}\n{COMMAND[-1]}"
        killed = subprocess.run(
            [*COMMAND[:-1], statements, "train", "config.yaml", "--run", "run", "--resume", "-q"],
            cwd=tmp_path,
            env=surroundings(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=300,
        )
        assert killed.returncode == -signal.SIGKILL
    assert 0 < len(rows_of(tmp_path / "run")) < EPOCHS
    done = nnctl("train", "config.yaml", "--run", "run", "--resume", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert rows_of(tmp_path / "run") == rows_of(trained / "run")
    assert checkpoints_of(tmp_path / "run") == checkpoints_of(trained / "run")


IMAGES = f"""
data: {{source: {DATA}/mnist, validation: 0.98, standardize: true}}
layers:
  - {{type: conv2d, out_channels: 5, kernel_size: 3, padding: same}}
  - {{type: batch_norm, activation: relu}}
  - {{type: max_pool2d, kernel_size: 4}}
  - {{type: residual, layers: [{{type: conv2d, out_channels: 5, kernel_size: 3, padding: same}}, batch_norm]}}
  - flatten
  - {{type: linear, out_features: 24}}
  - {{type: batch_norm, activation: gelu}}
  - {{type: linear, out_features: 10}}
loss: cross_entropy
batch_size: 37
epochs: 2
"""


@pytest.mark.slow
def test_a_whole_training_gives_the_same_bits_on_any_number_of_threads(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(IMAGES)
    expected: dict[str, bytes] = {}
    for number in (1, 2, 3, 4, 8):
        folder = RunFolder(tmp_path / str(number))
        trainer = Trainer(prepare(load_config(tmp_path / "config.yaml")), folder, Observer())
        with threads(number):  # which shares every kernel, however small
            trainer.run(StopSignal())
        folder.close()
        made = {name: tensor.tobytes() for name, tensor in trainer.state.to_checkpoint().tensors.items()}
        assert "layers.3.layers.1.running_var" in made
        expected = expected or made
        assert made == expected, f"{number} threads"
