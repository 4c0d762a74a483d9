"""Targets that are one a step, by the real commands: padding changes no bit, and what does not fit says so."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.support.command import nnctl, report_of, rows_of
from tests.support.refusal import refusal_of

SAMPLES, STEPS, FEATURES, CLASSES = 30, 6, 3, 5
KINDS = ("classes", "values", "binary")
ENDS = {
    "classes": ("cross_entropy", CLASSES),
    "values": ("huber", 2),
    "binary": ("binary_cross_entropy", 1),
}
RECURRENT = (
    "{type: gru, hidden_size: 5, return: sequence, num_layers: 2, dropout: 0.2, bidirectional: true}, "
    "{type: dropout, p: 0.1}, {type: linear, out_features: 9, activation: tanh}"
)


def config(kind: str, layers: str = RECURRENT) -> str:
    loss, outputs = ENDS[kind]
    return f"""\
data: {{source: sequences.npz, validation: 0.25}}
layers: [{layers}, {{type: linear, out_features: {outputs}}}]
loss: {loss}
optimizer: adam
learning_rate: 0.01
batch_size: 7
epochs: 3
"""


def write(folder: Path, kind: str, steps: int, fill: float, layers: str = RECURRENT) -> Path:
    """Sequences of up to STEPS real steps in room for `steps`, with `fill` beyond their lengths, in x and in y."""
    folder.mkdir()
    random = np.random.default_rng(3)
    lengths = random.integers(1, STEPS + 1, 2 * SAMPLES)
    inputs = np.full((2 * SAMPLES, steps, FEATURES), fill)
    targets: Any = np.full((2 * SAMPLES, steps, ENDS[kind][1]), fill)
    for sample, wanted, length in zip(inputs, targets, lengths, strict=True):
        sample[:length] = random.normal(size=(length, FEATURES))
        wanted[:length] = np.cumsum(sample[:length], axis=0)[:, : wanted.shape[1]].sum(axis=1, keepdims=True)
        if kind != "values":
            wanted[:length] = wanted[:length] > 0
    if kind == "classes":
        real = np.arange(steps) < lengths[:, np.newaxis]
        targets = np.where(real, targets[..., 0] * 2 + (np.arange(steps) % 3 == 0), -1).astype(int)
        targets[:CLASSES, 0] = np.arange(CLASSES)  # each occurs
    if kind == "binary":
        targets = targets[..., 0]
    arrays = {"x": inputs, "y": targets, "lengths": lengths}
    own = {name: array[:SAMPLES] for name, array in arrays.items()}
    other = {f"{name}_test": array[SAMPLES:] for name, array in arrays.items()}
    np.savez(folder / "sequences.npz", **own, **other)
    np.savez(folder / "more.npz", x=inputs[SAMPLES:], lengths=lengths[SAMPLES:])
    (folder / "run.yaml").write_text(config(kind, layers))
    return folder


def everything(folder: Path) -> tuple[dict[str, bytes], list[Any], Any, str]:
    """The trained tensors, the measured numbers of all epochs and of the test samples, and the predictions."""
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    timed = ("seconds", "samples_per_second")
    rows = [{name: value for name, value in row.items() if name not in timed} for row in rows_of(folder / "run")]
    report = report_of("eval", "run", cwd=folder)
    predicted = nnctl("predict", "run", "more.npz", cwd=folder)
    assert predicted.returncode == 0, predicted.stderr
    tensors = load_file(folder / "run" / "checkpoints" / "last.safetensors")
    measured = {key: value for key, value in report.items() if key != "checkpoint"}
    return {name: array.tobytes() for name, array in tensors.items()}, rows, measured, predicted.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_padding_changes_no_bit(tmp_path: Path, kind: str) -> None:
    plain = everything(write(tmp_path / "plain", kind, STEPS, 0.0))
    padded = everything(write(tmp_path / "padded", kind, STEPS + 45, float("nan")))
    for own, expected in zip(padded, plain, strict=True):
        assert own == expected
    _, rows, report, predicted = plain
    assert rows[-1]["loss"] < rows[0]["loss"]
    with np.load(tmp_path / "plain" / "sequences.npz") as arrays:
        lengths = arrays["lengths_test"]
    lines = list(csv.DictReader(io.StringIO(predicted)))
    assert [(int(line["row"]), int(line["step"])) for line in lines] == [
        (number + 1, step + 1) for number, length in enumerate(lengths) for step in range(length)
    ]
    if kind != "values":
        assert np.sum(report["confusion_matrix"]) == lengths.sum()


def test_the_loss_and_the_metrics_are_means_over_the_real_steps(tmp_path: Path) -> None:
    folder = write(tmp_path / "here", "classes", STEPS, 0.0)
    report_of("train", "run.yaml", "epochs=1", "metrics=[accuracy, perplexity]", "--run", "run", cwd=folder)
    report = report_of("eval", "run", cwd=folder)
    lines = list(csv.DictReader(io.StringIO(nnctl("predict", "run", "more.npz", cwd=folder).stdout)))
    with np.load(folder / "sequences.npz") as arrays:
        real = np.arange(STEPS) < arrays["lengths_test"][:, np.newaxis]
        wanted = arrays["y_test"][real]
    losses = [-np.log(float(line[f"probability_{name}"])) for line, name in zip(lines, wanted, strict=True)]
    hits = [int(line["prediction"]) == name for line, name in zip(lines, wanted, strict=True)]
    metrics = report["metrics"]
    assert metrics["loss"] == pytest.approx(np.mean(losses), rel=1e-5)
    assert metrics["perplexity"] == pytest.approx(np.exp(np.mean(losses)), rel=1e-5)
    assert metrics["accuracy"] == pytest.approx(np.mean(hits), rel=1e-12)


def test_values_without_lengths_are_one_a_step_where_the_network_answers_each(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(20, 4, 3))
    np.savez(tmp_path / "sequences.npz", x=x, y=x.sum(axis=2))
    end = "{type: linear, out_features: %d}"
    for layers, outputs in (([end % 1], [4, 1]), (["flatten", end % 4], [4])):
        text = f"data: sequences.npz\nlayers: [{', '.join(layers)}]\nloss: mse\nepochs: 2\nbatch_size: 5\n"
        (tmp_path / "run.yaml").write_text(text)
        report = report_of("train", "run.yaml", "--run", f"run-{outputs[0]}-{len(outputs)}", cwd=tmp_path)
        assert report_of("check", "run.yaml", cwd=tmp_path)["layers"][-1]["outputs"] == outputs
        assert report_of("eval", report["run"], "--split", "train", cwd=tmp_path)["metrics"]["loss"] > 0


@pytest.mark.parametrize("remedy", ["{type: gru, hidden_size: 4, return: last}", "mean_over_steps", "flatten"])
def test_a_network_that_answers_each_step_of_data_with_one_target_a_sample(tmp_path: Path, remedy: str) -> None:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "sequences.npz", x=random.normal(size=(20, 4, 3)), y=np.arange(20) % 5)
    (tmp_path / "run.yaml").write_text(config("classes", "tanh"))
    (problem,) = refusal_of("train", "run.yaml", cwd=tmp_path, code=2).problems
    assert problem["help"] == "put mean_over_steps or flatten in front of the last one"
    layers = "{type: gru, hidden_size: 4, return: sequence}"
    (tmp_path / "run.yaml").write_text(config("classes", layers))
    (problem,) = refusal_of("train", "run.yaml", cwd=tmp_path, code=2).problems
    assert "one answer a step, 4 a sample; the data has one target a sample" in problem["what"]
    assert "`return: last`" in problem["help"]
    assert "mean_over_steps or flatten" in problem["help"]
    (tmp_path / "run.yaml").write_text(config("classes", remedy if "gru" in remedy else f"{layers}, {remedy}"))
    report_of("check", "run.yaml", cwd=tmp_path)


def test_a_network_that_answers_once_where_the_data_has_a_target_a_step(tmp_path: Path) -> None:
    folder = write(tmp_path / "here", "classes", STEPS, 0.0, "{type: gru, hidden_size: 4}")
    (problem,) = refusal_of("train", "run.yaml", cwd=folder, code=2).problems
    assert "one answer a sample, the data has one target a step, 6 a sample" in problem["what"]
    assert "`return: sequence`" in problem["help"]
    (folder / "run.yaml").write_text(config("classes", "{type: gru, hidden_size: 4, return: sequence}"))
    report_of("check", "run.yaml", cwd=folder)


@pytest.mark.parametrize(
    ("changing", "what", "instead"),
    [
        ("{type: max_pool1d, kernel_size: 2}", "max_pool1d makes 3 steps of 6", "{type: gru, hidden_size: 4}"),
        (
            "{type: conv1d, out_channels: 2, kernel_size: 3}",
            "conv1d makes 4 steps of 6",
            "{type: conv1d, out_channels: 2, kernel_size: 3, padding: same}",
        ),
    ],
)
def test_a_network_that_answers_other_steps_than_there_are_targets(
    tmp_path: Path, changing: str, what: str, instead: str
) -> None:
    folder = write(tmp_path / "here", "classes", STEPS, 0.0, f"tanh, {changing}")
    (problem,) = refusal_of("train", "run.yaml", cwd=folder, code=2).problems
    assert problem["path"] == "layers.1"
    assert problem["what"] == f"{what}, and the data has one target a step, 6 a sample"
    assert "`padding: same`" in problem["help"]
    (folder / "run.yaml").write_text(config("classes", instead.replace("4}", "4, return: sequence}")))
    report_of("check", "run.yaml", cwd=folder)


def test_a_label_that_is_none_is_told_with_its_step(tmp_path: Path) -> None:
    folder = write(tmp_path / "here", "classes", STEPS, 0.0)
    with np.load(folder / "sequences.npz") as arrays:
        changed = {name: arrays[name] for name in arrays.files}
    changed["y"] = changed["y"].astype(float)
    long = int(np.argmax(changed["lengths"] >= 4))
    changed["y"][long, 2] = 1.5
    np.savez(folder / "sequences.npz", **changed)
    (problem,) = refusal_of("train", "run.yaml", cwd=folder, code=3).problems
    assert problem["what"] == f"sample {long + 1}, step 3: the label is 1.5, classes are whole numbers or text"


def test_targets_with_other_steps_than_the_inputs(tmp_path: Path) -> None:
    np.savez(tmp_path / "sequences.npz", x=np.zeros((20, 4, 3)), y=np.zeros((20, 5, 2)))
    (tmp_path / "run.yaml").write_text(config("values"))
    (problem,) = refusal_of("train", "run.yaml", cwd=tmp_path, code=3).problems
    assert "its targets are 5×2 a sample, its inputs are 4×3" in problem["what"]


def test_embedded_numbers_that_are_no_slots(tmp_path: Path) -> None:
    x = np.random.default_rng(0).integers(0, 9, (20, 4))
    x[0, 0] = 8
    np.savez(tmp_path / "sequences.npz", x=x, y=x % 5)
    (tmp_path / "run.yaml").write_text(config("classes", "{type: embedding, num_embeddings: 8, embedding_dim: 2}"))
    (problem,) = refusal_of("train", "run.yaml", cwd=tmp_path, code=2).problems
    assert problem["path"] == "layers.0.num_embeddings"
    assert "has 8 slots, and the training inputs go from 0 to 8" in problem["what"]
    assert "set it to 9" in problem["help"]
    report_of("check", "run.yaml", "layers.0.num_embeddings=9", cwd=tmp_path)
    (problem,) = refusal_of("train", "run.yaml", "data.scale=2", cwd=tmp_path, code=2).problems
    assert "not all of them whole numbers" in problem["what"]


EMBEDDING = "{type: embedding, num_embeddings: 8, embedding_dim: 2}"


@pytest.mark.parametrize(
    ("layers", "path", "before"),
    [
        (f"{{type: linear, out_features: 4}}, {EMBEDDING}, flatten", "layers.1", "linear"),
        (f"{{repeat: 2, layers: [{{type: dropout, p: 0.1}}, {EMBEDDING}, flatten]}}", "layers.0.layers.1", "dropout"),
    ],
    ids=["linear", "repeat"],
)
def test_an_embedding_of_what_layers_have_made(tmp_path: Path, layers: str, path: str, before: str) -> None:
    x = np.random.default_rng(0).integers(0, 8, (20, 4))
    np.savez(tmp_path / "sequences.npz", x=x, y=np.arange(20) % 5)
    (tmp_path / "run.yaml").write_text(config("classes", layers))
    problem, *_ = refusal_of("train", "run.yaml", cwd=tmp_path, code=2).problems
    assert problem["path"] == path
    assert problem["what"] == f"its inputs are what {before} makes, and no slot numbers of the data"
    (tmp_path / "run.yaml").write_text(config("classes", f"{{type: reshape, shape: [4, 1]}}, {EMBEDDING}, flatten"))
    report_of("check", "run.yaml", cwd=tmp_path)


def test_slots_of_an_embedding_in_a_branch(tmp_path: Path) -> None:
    x = np.arange(80).reshape(20, 4) % 9
    np.savez(tmp_path / "sequences.npz", x=x, y=np.arange(20) % 5)
    branches = f"{{type: parallel, branches: [[flatten], [{EMBEDDING}, flatten]]}}"
    (tmp_path / "run.yaml").write_text(config("classes", branches))
    (problem,) = refusal_of("train", "run.yaml", cwd=tmp_path, code=2).problems
    assert problem["path"] == "layers.0.branches.1.0.num_embeddings"
    assert "has 8 slots, and the training inputs go from 0 to 8" in problem["what"]
