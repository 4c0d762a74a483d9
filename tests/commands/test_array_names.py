"""The names that people give to the arrays of a file, by the real commands: found, told, or refused as ambiguous."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.support.command import report_of
from tests.support.pictures import X_NEW, Y_NEW, X, Y, accuracy, notes_of, right, write_config
from tests.support.refusal import refusal_of


@pytest.mark.parametrize(
    "names",
    [
        "x_train y_train x_val y_val x_test y_test",
        pytest.param("X_train Y_train X_valid Y_valid X_test Y_test", marks=pytest.mark.slow),
        pytest.param("train_images train_labels val_images val_labels test_images test_labels", marks=pytest.mark.slow),
        pytest.param("data target validation_data validation_target test_data test_target", marks=pytest.mark.slow),
        pytest.param("Xtr Ytr Xva Yva Xte Yte", marks=pytest.mark.slow),
    ],
)
def test_usual_names_of_every_split(tmp_path: Path, names: str) -> None:
    arrays = dict(zip(names.split(), (X, Y, X_NEW, Y_NEW, X_NEW[:40], Y_NEW[:40]), strict=True))
    np.savez(tmp_path / "shapes.npz", **arrays, mean=X.mean())
    write_config(tmp_path, "shapes.npz")
    notes = notes_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    x, y, x_val, y_val, x_test, y_test = names.split()
    assert notes == (
        f"note: shapes.npz: takes {x}, {y} to train on; {x_val}, {y_val} to validate with; {x_test}, {y_test} to test "
        "on note: shapes.npz: arrays that are not used: mean"
    )
    for split, count in (("train", 240), ("validation", 80), ("test", 40)):
        report = report_of("eval", "run", "--split", split, cwd=tmp_path)
        assert (report["samples"], report["metrics"]["accuracy"]) == (count, 1.0)
    assert yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"]["arrays"]["x_val"] == x_val
    assert "takes" not in notes_of("check", "run/config.yaml", cwd=tmp_path)
    np.savez(tmp_path / "new.npz", x=X_NEW, y=Y_NEW)  # another file may have other names
    assert accuracy(tmp_path, "run", "new.npz") == right(tmp_path, "run", "new.npz") == 1.0


@pytest.mark.parametrize(
    "names",
    [
        "trainX trainY devX devY testX testY",
        "train/x train/y val/x val/y test/x test/y",
        "X y X_eval y_eval X_test y_test",
        "images_train labels_train images_cv labels_cv images_test labels_test",
        "train_set_x train_set_y valid_set_x valid_set_y test_set_x test_set_y",
        "img_train lbl_train img_val lbl_val img_test lbl_test",
        "inputs_train outputs_train inputs_validate outputs_validate inputs_test outputs_test",
    ],
)
def test_more_names_of_every_split(tmp_path: Path, names: str) -> None:
    arrays = dict(zip(names.split(), (X, Y, X_NEW, Y_NEW, X_NEW[:40], Y_NEW[:40]), strict=True))
    np.savez(tmp_path / "a.npz", **arrays)
    write_config(tmp_path, "a.npz")
    report = report_of("check", "run.yaml", cwd=tmp_path)
    assert {split: found["samples"] for split, found in report["data"]["splits"].items()} == {
        "train": 240,
        "validation": 80,
        "test": 40,
    }
    assert [note.startswith("a.npz: takes ") for note in report["notes"]] == [True]


def test_names_by_key(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=X, b=Y, c=X_NEW, d=Y_NEW)
    write_config(tmp_path, "{source: a.npz, arrays: {x: a, y: b, x_val: c, y_val: d}}")
    report = report_of("check", "run.yaml", cwd=tmp_path)
    assert {name: split["samples"] for name, split in report["data"]["splits"].items()} == {
        "train": 240,
        "validation": 80,
    }
    assert report["notes"] == []
    refusal = refusal_of("check", "run.yaml", "data.validation=0.1", cwd=tmp_path, code=3)
    refusal.says("data.validation: is set, and a.npz holds 80 validation samples of its own", "leave `validation` out")
    refusal_of("check", "run.yaml", "data.arrays.x_val=e", cwd=tmp_path, code=3).says("a.npz: has no array e")


@pytest.mark.parametrize(
    ("arrays", "listed", "key"),
    [
        ({"data": X, "images": X, "target": Y}, "data, images may all be x", "arrays: {x: data}"),
        ({"X": X, "x_train": X, "y": Y}, "X, x_train may all be x", "arrays: {x: X}"),
        ({"x": X, "labels": Y, "targets": Y}, "labels, targets may all be y", "arrays: {y: labels}"),
    ],
)
def test_names_that_are_ambiguous(tmp_path: Path, arrays: dict[str, Any], listed: str, key: str) -> None:
    np.savez(tmp_path / "a.npz", **arrays)
    write_config(tmp_path, "a.npz")
    refusal_of("train", "run.yaml", cwd=tmp_path, code=3).says(f"a.npz: {listed}; it has {', '.join(arrays)}", key)
    write_config(tmp_path, f"{{source: a.npz, {key}}}")
    report_of("check", "run.yaml", cwd=tmp_path)


def test_inputs_to_test_on_without_targets_are_left_out(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y, x_test=X_NEW)
    write_config(tmp_path, "a.npz")
    report = report_of("check", "run.yaml", cwd=tmp_path)
    assert report["data"]["splits"].keys() == {"train"}
    assert "a.npz: arrays that are not used: x_test" in report["notes"]
