"""Sequences with a length each, by the real commands: whatever lies beyond a length has no influence, to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from nnctl.model.checkpoint import read_checkpoint, write_checkpoint
from tests.support.command import nnctl, report_of
from tests.support.refusal import refusal_of

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


def said(*arguments: str, cwd: Path) -> list[str]:
    """The notes of a command that ends well."""
    done = nnctl(*arguments, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return [line.removeprefix("note: ") for line in done.stderr.splitlines() if line.startswith("note: ")]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bare.npz", "bare.npy", "x_test.npz"])
def test_a_file_without_lengths_is_told_where_the_training_had_some(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path / "here", STEPS, 0.0)
    report_of("train", "run.yaml", "epochs=1", "--run", "run", cwd=folder)
    with np.load(folder / "sequences.npz") as arrays:
        inputs, targets, lengths = (arrays[name] for name in ("x_test", "y_test", "lengths_test"))
    if name.endswith(".npy"):
        np.save(folder / name, inputs)
    else:
        names = ("x_test", "y_test") if name == "x_test.npz" else ("x", "y")
        np.savez(folder / name, **dict(zip(names, (inputs, targets), strict=True)))
    note = f"{name}: its samples have no lengths, those to train on had some: all 6 steps count; where some are padding"
    assert [text.startswith(note) for text in said("predict", "run", name, cwd=folder)].count(True) == 1
    if name.endswith(".npz"):
        (told,) = report_of("eval", "run", "--data", name, cwd=folder)["notes"]
        assert told.startswith(note)
    np.savez(folder / "with.npz", x=inputs, y=targets, lengths=lengths)
    for arguments in (("predict", "run", "with.npz"), ("eval", "run", "--data", "with.npz"), ("eval", "run")):
        assert said(*arguments, cwd=folder) == []


def test_lengths_that_the_training_did_not_have_are_told(tmp_path: Path) -> None:
    folder = write(tmp_path / "here", STEPS, 0.0)
    with np.load(folder / "sequences.npz") as arrays:
        np.savez(folder / "bare.npz", x=arrays["x"], y=arrays["y"])
    report_of("train", "run.yaml", "epochs=1", "data.source=bare.npz", "--run", "run", cwd=folder)
    note = "more.npz: its samples have lengths, those to train on had none: what lies beyond them does not count now"
    assert said("predict", "run", "more.npz", cwd=folder) == [note]
    assert said("predict", "run", "bare.npz", cwd=folder) == []


def test_a_checkpoint_of_before_does_not_know_of_lengths(tmp_path: Path) -> None:
    folder = write(tmp_path / "here", STEPS, 0.0)
    report_of("train", "run.yaml", "epochs=1", "--run", "run", cwd=folder)
    checkpoint = read_checkpoint(folder / "run" / "checkpoints" / "best.safetensors")
    del checkpoint.description["preprocessing"]["has_lengths"]
    write_checkpoint(folder / "old.safetensors", checkpoint)
    with np.load(folder / "sequences.npz") as arrays:
        np.save(folder / "bare.npy", arrays["x"])
    assert said("predict", "old.safetensors", "bare.npy", cwd=folder) == []


def test_sequences_without_a_whole_window_are_counted(tmp_path: Path) -> None:
    folder = write(tmp_path / "here", STEPS, 0.0)
    conv = "{type: conv1d, out_channels: 4, kernel_size: 4}"
    (folder / "run.yaml").write_text(CONFIG.replace("[tanh, ", f"[tanh, {conv}, ").replace("0.25", "null"))
    with np.load(folder / "sequences.npz") as arrays:
        short, of_test = (int((arrays[name] < 4).sum()) for name in ("lengths", "lengths_test"))
        np.savez(folder / "other.npz", **{name: arrays[f"{name}_test"] for name in ("x", "y", "lengths")})
    assert min(short, of_test) > 1
    end = "samples have fewer steps here than its window of 4; zeros stand in for what is missing"
    of_both = f"layers.1 conv1d: {short} of the 40 training samples and {of_test} of the 40 test {end}"
    of_others = f"layers.1 conv1d: {of_test} of the 40 given {end}"
    assert said("check", "run.yaml", cwd=folder) == [of_both]
    assert said("train", "run.yaml", "epochs=1", "--run", "run", "-q", cwd=folder) == [of_both]
    assert said("eval", "run", cwd=folder) == []
    assert said("eval", "run", "--data", "other.npz", cwd=folder) == [of_others]
    assert said("predict", "run", "more.npz", cwd=folder) == [of_others]


@pytest.mark.parametrize(
    ("steps", "typed"), [(STEPS + 3, "array[:, :6]"), (4, "np.pad(array, ((0, 0), (0, 2), (0, 0)))")]
)
def test_sequences_in_another_padding_than_the_trainings(tmp_path: Path, steps: int, typed: str) -> None:
    """What the refusal says to save gives the predictions of the same samples."""
    folder = write(tmp_path / "here", STEPS, 0.0)
    report_of("train", "run.yaml", "epochs=1", "--run", "run", cwd=folder)
    with np.load(folder / "more.npz") as arrays:
        array, lengths = arrays["x"], np.minimum(arrays["lengths"], min(steps, STEPS))
    array[np.arange(STEPS) >= lengths[:, np.newaxis]] = 0
    np.savez(folder / "same.npz", x=array, lengths=lengths)
    array = np.pad(array, ((0, 0), (0, 3), (0, 0)))[:, :steps]
    np.savez(folder / "other.npz", x=array, lengths=lengths)
    refused = nnctl("predict", "run", "other.npz", cwd=folder)
    assert refused.returncode == 3
    assert f"of sequences with `lengths`, save {typed}" in refused.stderr
    saved = array[:, :6] if steps > STEPS else np.pad(array, ((0, 0), (0, 2), (0, 0)))
    np.savez(folder / "saved.npz", x=saved, lengths=lengths)
    same, again = (nnctl("predict", "run", name, cwd=folder) for name in ("same.npz", "saved.npz"))
    assert (again.returncode, again.stdout) == (0, same.stdout)


def test_lengths_that_would_be_lost_are_told(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "row.npz", x=random.normal(size=(20, 6)), y=np.arange(20) % 2, lengths=np.arange(20) % 6 + 1)
    reshape, end = "{type: reshape, shape: [6, 1]}", "{type: gru, hidden_size: 2}, {type: linear, out_features: 2}"
    config = "data: row.npz\nlayers: [{}]\nloss: cross_entropy\nbatch_size: 5\n"
    (tmp_path / "run.yaml").write_text(config.format(f"tanh, {reshape}, {end}"))
    (problem,) = refusal_of("check", "run.yaml", cwd=tmp_path, code=2).problems
    assert problem["path"] == "layers.1"
    assert problem["what"] == "reshape makes steps, and the tanh in front of it has taken their lengths"
    assert problem["help"] == "put it in front of the tanh, or save the samples without `lengths`"
    (tmp_path / "run.yaml").write_text(config.format(f"{reshape}, tanh, {end}"))
    report_of("check", "run.yaml", cwd=tmp_path)
