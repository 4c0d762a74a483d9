"""Arrays as people have them, by the real commands: channels first, other units, other names, one sample alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from nnctl.model.checkpoint import read_checkpoint, write_checkpoint
from tests.support.command import nnctl, report_of
from tests.support.pictures import X_NEW, Y_NEW, X, Y, accuracy, channels_first, notes_of, right, write_config
from tests.support.refusal import refusal_of

FIRST, FIRST_NEW = channels_first(X), channels_first(X_NEW)

# name of a run: its file's arrays, and the config's data
RUNS: dict[str, tuple[dict[str, Any], str]] = {
    "last": ({"x": X, "y": Y}, "last.npz"),
    "first": ({"x": FIRST, "y": Y, "x_test": FIRST_NEW, "y_test": Y_NEW}, "first.npz"),
    "shares": ({"x": X / np.float32(255), "y": Y}, "shares.npz"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with runs, and with files that all hold the same new pictures."""
    made = tmp_path_factory.mktemp("pictures")
    for name, (arrays, source) in RUNS.items():
        np.savez(made / f"{name}.npz", **arrays)
        write_config(made, source)
        report_of("train", "run.yaml", "--run", name, cwd=made)
    np.savez(made / "new_last.npz", x=X_NEW, y=Y_NEW)
    np.savez(made / "new_first.npz", x=FIRST_NEW, y=Y_NEW)
    np.savez(made / "new_shares.npz", x=X_NEW / np.float64(255), y=Y_NEW)
    np.savez(made / "new_words.npz", x=X_NEW.astype(">u2") * 257, y=Y_NEW)
    return made


@pytest.mark.slow
@pytest.mark.parametrize("run", ["last", "first"])
@pytest.mark.parametrize("file", ["new_last.npz", "new_first.npz"])
def test_either_order_of_the_axes_is_the_same_picture(folder: Path, run: str, file: str) -> None:
    assert accuracy(folder, run, file) == right(folder, run, file) == 1.0
    order = "first" if file == "new_first.npz" else "last"
    said = "" if order == run else f"note: {file}: samples of "
    for arguments in (("predict", run, file), ("eval", run, "--data", file)):
        notes = notes_of(*arguments, cwd=folder)
        assert notes.startswith(said) if said else not notes
        assert ("transposed to 12×12×3" in notes) == (run == "last" and order == "first")


def test_channels_first_is_told_and_written_down(folder: Path, tmp_path: Path) -> None:
    write_config(tmp_path, str(folder / "first.npz"))
    notes = notes_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    assert "samples of 3×12×12 look like channels first and are transposed to 12×12×3" in notes
    resolved = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())
    assert resolved["data"]["channels"] == "first"
    assert notes_of("train", "run/config.yaml", "--run", "again", cwd=tmp_path) == ""
    weights = [(tmp_path / run / "checkpoints" / "best.safetensors").stat().st_size for run in ("run", "again")]
    assert weights[0] == weights[1]
    report = report_of("eval", "run", cwd=tmp_path)
    assert (report["samples"], report["metrics"]["accuracy"]) == (80, 1.0)


def test_either_order_trains_to_the_same_network(folder: Path) -> None:
    losses = [report_of("eval", run, "--data", "new_last.npz", cwd=folder)["metrics"]["loss"] for run in RUNS]
    assert losses[0] == losses[1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("axes", "said"),
    [
        ((6, 12, 12), "samples of 6×12×12 are taken as 12 channels of 6×12"),
        ((2, 12, 12), "samples of 2×12×12 are taken as 12 channels of 2×12"),
        ((5, 24, 30), "samples of 5×24×30 are taken as 30 channels of 5×24"),
        ((1, 12, 12), "samples of 1×12×12 look like channels first and are transposed to 12×12×1"),
        ((4, 12, 12), "samples of 4×12×12 look like channels first and are transposed to 12×12×4"),
        ((12, 12, 6), ""),
        ((12, 24, 3), ""),
        ((3, 3, 3), ""),
        ((12, 12, 12), ""),
    ],
)
def test_channels_of_any_number(tmp_path: Path, axes: tuple[int, ...], said: str) -> None:
    x = np.random.default_rng(0).random((8, *axes)).astype("f4")
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(8) % 4)
    write_config(tmp_path, "a.npz")
    settings = ("batch_size=4", "layers=[flatten, {type: linear, out_features: 4}]")
    notes = report_of("check", "run.yaml", *settings, cwd=tmp_path)["notes"]
    assert [note.startswith(f"a.npz: {said}") for note in notes] == ([True] if said else [])
    for order in ("first", "last"):
        if order == "last" or axes[0] < axes[-1]:
            report = report_of("check", "run.yaml", *settings, f"data.channels={order}", cwd=tmp_path)
            assert report["notes"] == []
            assert report["data"]["inputs_shape"] == [*axes[1:], axes[0]] if order == "first" else [*axes]


def test_rows_of_numbers_as_colour_pictures(tmp_path: Path) -> None:
    """Whether they were stored pixel by pixel or, as those of CIFAR-10, channel by channel, nobody can see."""
    np.savez(tmp_path / "a.npz", x=X.reshape(len(X), -1), y=Y)
    write_config(tmp_path, "{source: a.npz, shape: [12, 12, 3]}")
    (note,) = report_of("check", "run.yaml", cwd=tmp_path)["notes"]
    assert note.startswith("a.npz: samples of 432 numbers are taken as 12×12×3, the channels of a pixel side by side")
    assert note.endswith("save array.reshape(-1, 3, 12, 12) and leave `shape` out")
    assert report_of("check", "run.yaml", "data.channels=last", cwd=tmp_path)["notes"] == []
    np.savez(tmp_path / "a.npz", x=X[..., 0].reshape(len(X), -1), y=Y)
    assert report_of("check", "run.yaml", "data.shape=[12,12,1]", cwd=tmp_path)["notes"] == []
    np.savez(tmp_path / "a.npz", x=FIRST.reshape(len(X), -1).reshape(-1, 3, 12, 12), y=Y)  # as the note has it
    write_config(tmp_path, "a.npz")
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    np.savez(tmp_path / "new.npz", x=X_NEW, y=Y_NEW)
    assert accuracy(tmp_path, "run", "new.npz") == 1.0


@pytest.mark.parametrize(
    ("override", "what", "help"),
    [
        (
            "data.shape=[12,12,3]",
            "data.shape: is 12×12×3, the samples of first.npz are 3×12×12: a transpose",
            "set `channels: first` in the place of `shape`",
        ),
        ("data.shape=[3,12,12]", "are 3×12×12: are their channels first?", "set `channels: first`"),
        ("data.shape=[12,3,12]", "is 12×3×12, the samples of first.npz are 3×12×12", "leave `shape` out"),
        ("data.shape=[12,12]", "is 12×12, the samples of first.npz are 3×12×12", "leave `shape` out"),
    ],
)
def test_a_shape_that_would_mix_up_the_axes(folder: Path, override: str, what: str, help: str) -> None:
    write_config(folder, "first.npz")
    refusal_of("train", "run.yaml", override, cwd=folder, code=3).says(what, help)
    done = report_of("check", "run.yaml", "data.channels=first", cwd=folder)
    assert done["data"]["inputs_shape"] == [12, 12, 3]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "factor", "dtype", "said"),
    [
        ("floats", 1, "f4", "numbers in 0 … 255, and are not scaled: set `scale: 255`"),
        ("doubles", 1, ">f8", "numbers in 0 … 255, and are not scaled: set `scale: 255`"),
        ("words", 257, "u2", "whole numbers in 0 … 65,535, and are not scaled: set `scale: 65535`"),
        ("longs", 1, "i8", "whole numbers in 0 … 255, and are not scaled: set `scale: 255`"),
        ("bytes", 1, "u1", ""),
        ("shares", 1 / 255, "f4", ""),
    ],
)
def test_pixels_that_are_not_scaled_are_told(tmp_path: Path, name: str, factor: float, dtype: str, said: str) -> None:
    np.savez(tmp_path / f"{name}.npz", x=(X * factor if factor < 1 else X.astype("u2") * factor).astype(dtype), y=Y)
    write_config(tmp_path, f"{name}.npz")
    notes = " ".join(report_of("check", "run.yaml", cwd=tmp_path)["notes"])
    assert said in notes if said else not notes
    for key in ("data.scale=255", "data.standardize=true"):
        assert not report_of("check", "run.yaml", key, cwd=tmp_path)["notes"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("run", "file", "said"),
    [
        ("last", "new_shares.npz", "the inputs lie in 0 … 1, in training they lay in 0 … 255"),
        ("last", "new_words.npz", "the inputs lie in 0 … 65,535, in training they lay in 0 … 255"),
        ("shares", "new_last.npz", "the inputs lie in 0 … 255, in training they lay in 0 … 1"),
        ("shares", "new_shares.npz", ""),
        ("last", "new_last.npz", ""),
    ],
)
def test_other_units_than_those_of_the_training_are_told(folder: Path, run: str, file: str, said: str) -> None:
    for arguments in (("predict", run, file), ("eval", run, "--data", file)):
        notes = notes_of(*arguments, cwd=folder)
        assert notes.startswith(f"note: {file}: {said}") if said else notes == ""


@pytest.mark.parametrize(
    ("array", "units"),
    [
        ((X_NEW / 255).astype("f2"), "0 … 1"),
        ((X_NEW / 127.5 - 1).astype("f4"), "-1 … 1"),
        ((X_NEW.astype("i2") - 128).astype("i1"), "-128 … 127"),
        (X_NEW > 128, "0 … 1"),
        (X_NEW.astype("f8"), ""),
    ],
    ids=["halves", "both signs", "signed bytes", "truth values", "doubles"],
)
def test_more_units_at_predict(folder: Path, array: np.ndarray[Any, Any], units: str) -> None:
    np.save(folder / "units.npy", array)
    notes = notes_of("predict", "last", "units.npy", cwd=folder)
    said = f"note: units.npy: the inputs lie in {units}, in training they lay in 0 … 255"
    assert notes.startswith(said) if units else notes == ""


def test_a_validation_file_in_other_units_is_told_before_the_training(folder: Path) -> None:
    write_config(folder, "{source: last.npz, validation: new_shares.npz, test: new_last.npz}")
    (note,) = report_of("check", "run.yaml", cwd=folder)["notes"]
    assert note.startswith("new_shares.npz (validation): the inputs lie in 0 … 1, in training they lay in 0 … 255")


@pytest.mark.parametrize("image", [X_NEW[0], FIRST_NEW[0], X_NEW[0].astype("f8")], ids=["last", "first", "floats"])
def test_one_picture_without_an_axis_for_the_samples(folder: Path, image: np.ndarray[Any, Any]) -> None:
    np.save(folder / "one.npy", image)
    refusal = refusal_of("predict", "last", "one.npy", "-o", "x.csv", cwd=folder, code=3)
    refusal.says("one.npy: looks like one sample of 12×12×3", "save array[np.newaxis]")
    np.save(folder / "one.npy", image[np.newaxis])
    done = nnctl("predict", "last", "one.npy", cwd=folder)
    assert done.stdout.splitlines()[1].startswith("1,0,")
    (folder / "one.npy").unlink()


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(12, 12), (12, 12, 1)])
def test_one_grey_picture(tmp_path: Path, shape: tuple[int, ...]) -> None:
    grey = X[..., 0].reshape(-1, *shape)
    np.savez(tmp_path / "grey.npz", x=grey, y=Y)
    (tmp_path / "run.yaml").write_text(
        "data: grey.npz\nlayers: [flatten, {type: linear, out_features: 4}]\nloss: cross_entropy\nepochs: 1\n"
    )
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    for one in ((12, 12), (12, 12, 1), (144,)):
        np.save(tmp_path / "one.npy", grey[0].reshape(one))
        refusal = refusal_of("predict", "run", "one.npy", "-o", "x.csv", cwd=tmp_path, code=3)
        assert " = " not in refusal.text
        refusal.says("one.npy: looks like one sample of 12×12", "save array[np.newaxis]")
        np.save(tmp_path / "one.npy", grey[0].reshape(one)[np.newaxis])
        flat = "note: one.npy: samples of 144 numbers are taken as 12×12" if one == (144,) else ""
        assert notes_of("predict", "run", "one.npy", cwd=tmp_path).startswith(flat)
        assert flat or notes_of("predict", "run", "one.npy", cwd=tmp_path) == ""
    np.save(tmp_path / "one.npy", grey[0, :10])
    refusal = refusal_of("predict", "run", "one.npy", "-o", "x.csv", cwd=tmp_path, code=3)
    refusal.says("one.npy: expected samples of 12×12", "give it samples like those of the training")


@pytest.mark.parametrize(
    ("names", "missed"),
    [("x", "y"), ("x_test", "y_test"), ("x_val x_test", "y_val"), ("images", "y"), ("y", "x"), ("photos", "x")],
)
def test_what_is_missed_to_evaluate(folder: Path, names: str, missed: str) -> None:
    np.savez(folder / "half.npz", **dict.fromkeys(names.split(), X_NEW))
    refusal = refusal_of("eval", "last", "--data", "half.npz", cwd=folder, code=3)
    meant = "inputs" if missed == "x" else "targets"
    refusal.says(
        f"half.npz: has no array {missed}; it has {', '.join(names.split())}",
        f"save the {meant} under this name: numpy.savez(file, {missed}=…)",
    )


def test_arrays_that_are_ambiguous_in_another_file(folder: Path) -> None:
    np.savez(folder / "both.npz", images=X_NEW, inputs=X_NEW, labels=Y_NEW)
    refusal = refusal_of("eval", "last", "--data", "both.npz", cwd=folder, code=3)
    refusal.says("both.npz: images, inputs may all be x", "save the one that is meant as x")


@pytest.mark.slow
@pytest.mark.parametrize("names", ["x_test y_test", "X_val Y_val", "test_images test_labels", "images labels"])
def test_a_file_of_one_split_is_evaluated(folder: Path, names: str) -> None:
    np.savez(folder / "part.npz", **dict(zip(names.split(), (X_NEW, Y_NEW), strict=True)))
    assert accuracy(folder, "last", "part.npz") == 1.0
    if names == "images labels":
        assert notes_of("eval", "last", "--data", "part.npz", cwd=folder) == "note: part.npz: takes images, labels"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": X_NEW, "x_test": X}, "the inputs are x; not used: x_test"),
        ({"x": X_NEW, "images": X, "y": Y}, "the inputs are x; not used: images"),
        ({"X_test": X_NEW, "y_test": Y_NEW}, "no array x, the inputs are X_test"),
        ({"photos": X_NEW}, "no array x, the inputs are photos"),
        ({"x_train": X_NEW, "x_test": X}, "no array x, the inputs are x_train; not used: x_test"),
        ({"x": X_NEW, "y": Y_NEW, "labels": Y_NEW, "mean": Y}, ""),
    ],
)
def test_which_array_is_predicted(folder: Path, arrays: dict[str, Any], said: str) -> None:
    np.savez(folder / "some.npz", **arrays)
    assert right(folder, "last", "some.npz") == 1.0
    assert notes_of("predict", "last", "some.npz", cwd=folder) == (f"note: some.npz: {said}" if said else "")


@pytest.mark.parametrize("names", ["x_val x_test", "data images", "first second"])
def test_inputs_that_may_be_meant_are_not_guessed_among(folder: Path, names: str) -> None:
    np.savez(folder / "two.npz", **dict.fromkeys(names.split(), X_NEW))
    refusal = refusal_of("predict", "last", "two.npz", "-o", "x.csv", cwd=folder, code=3)
    refusal.says(
        f"which of its arrays holds the inputs? It has {names.replace(' ', ', ')}", "numpy.savez(file, x=inputs)"
    )


@pytest.mark.parametrize(
    "labels", [np.array(["a", "b", "c", "d"], dtype=object), np.array([1, "b", None, 2.5], dtype=object)]
)
def test_labels_that_are_objects(tmp_path: Path, labels: np.ndarray[Any, Any]) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=labels[Y])
    write_config(tmp_path, "a.npz")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says("a.npz: y: holds Python objects: they are pickles", "save words with array.astype(str)")
    np.savez(tmp_path / "a.npz", x=X, y=labels[Y].astype(str))
    assert len(report_of("check", "run.yaml", cwd=tmp_path)["data"]["classes"]) == 4


@pytest.mark.parametrize("dtype", ["S", "U", ">U4"])
def test_labels_that_are_bytes_or_text(tmp_path: Path, dtype: str) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=np.array(["ant", "bee", "cow", "dog"]).astype(dtype)[Y])
    write_config(tmp_path, "a.npz")
    assert report_of("check", "run.yaml", cwd=tmp_path)["data"]["splits"]["train"]["classes"] == {
        "ant": 60,
        "bee": 60,
        "cow": 60,
        "dog": 60,
    }


def test_a_checkpoint_of_before_knows_no_range_and_no_order(folder: Path) -> None:
    checkpoint = read_checkpoint(folder / "last" / "checkpoints" / "best.safetensors")
    for key in ("raw_shape", "seen"):
        del checkpoint.description["preprocessing"][key]
    del checkpoint.description["config"]["data"]["channels"]
    for key in ("x_val", "y_val", "lengths_val"):
        del checkpoint.description["config"]["data"]["arrays"][key]
    write_checkpoint(folder / "old.safetensors", checkpoint)
    assert accuracy(folder, "old.safetensors", "new_last.npz") == 1.0
    assert right(folder, "old.safetensors", "new_first.npz") == 1.0
    assert "transposed to 12×12×3" in notes_of("predict", "old.safetensors", "new_first.npz", cwd=folder)
    assert notes_of("predict", "old.safetensors", "new_shares.npz", cwd=folder) == ""
    assert notes_of("eval", "old.safetensors", cwd=folder) == "note: the data are read from last.npz"


def test_an_npy_pair_and_a_run_that_is_resumed(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", FIRST)
    np.save(tmp_path / "y.npy", Y)
    write_config(tmp_path, "{source: x.npy, targets: y.npy, validation: 0.25}")
    notes = notes_of("train", "run.yaml", "epochs=1", "--run", "run", cwd=tmp_path)
    assert "x.npy: samples of 3×12×12 look like channels first" in notes
    assert report_of("train", "run.yaml", "epochs=2", "--run", "run", "--resume", cwd=tmp_path)["epochs"] == 2
    np.save(tmp_path / "new.npy", FIRST_NEW)
    assert notes_of("predict", "run", "new.npy", cwd=tmp_path) == ""
