"""`nnctl init` for pictures: drafted for a folder and for a list, checked and trained by the real command."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.config.document import parse
from tests.support.command import DATA, nnctl, report_of
from tests.support.drawings import two_sides, write
from tests.support.refusal import files_in, refusal_of

COLOURS = {"dots": (30, 30), "rows": (30, 42), "columns": (42, 30), "diagonal": (60, 60)}


def tree_of(text: str) -> Any:
    document = parse(text, "draft.yaml")
    assert document.problems == []
    return document.tree


def draft_of(*arguments: str | Path, cwd: Path) -> Any:
    """The config that is drafted, which must pass a check without a note."""
    report = report_of("init", *arguments, "-o", "c.yaml", cwd=cwd)
    assert report_of("check", "c.yaml", cwd=cwd)["notes"] == report["notes"] == []
    return tree_of(report["text"])


def texture(kind: str, random: np.random.Generator) -> Any:
    """A pattern in two colours of any hue, of a size of its own: (H, W, 3) bytes."""
    height, width = (side + random.integers(-6, 7) for side in COLOURS[kind])
    y, x = np.mgrid[:height, :width] + random.uniform(0, 9, (2, 1, 1))
    wave = {"rows": y, "columns": x, "diagonal": x + y}.get(kind)
    ink = np.sin(y) * np.sin(x) > 0.3 if wave is None else np.sin(0.9 * wave) > 0
    colours = random.integers(0, 255, (2, 3))
    pixels = np.where(ink[..., None], *colours) + random.normal(0, 20, (height, width, 3))
    return pixels.clip(0, 255).astype(np.uint8)


def test_a_folder_of_classes(tmp_path: Path) -> None:
    two_sides(tmp_path / "my photos", 30)
    config = draft_of("my photos", cwd=tmp_path)
    assert config["name"] == "my-photos"
    assert config["data"] == {
        **{"source": "my photos", "size": [12, 12], "mode": "rgb", "validation": 0.1, "test": 0.2}
    }
    layers = [layer if isinstance(layer, str) else layer["type"] for layer in config["layers"]]
    block = ["conv2d", "batch_norm", "max_pool2d"]
    assert layers == ["random_flip", "random_crop", *block, *block, "flatten", "dropout", "linear"]
    assert config["layers"][-1]["out_features"] == 2
    assert config["loss"] == {"type": "cross_entropy", "label_smoothing": 0.1}
    assert config["metrics"] == ["accuracy", "f1"]
    assert config["early_stopping"]["monitor"] == "val_loss"
    assert "class_weight" not in config


def test_what_was_found_is_shown(tmp_path: Path) -> None:
    two_sides(tmp_path / "photos", 3)
    done = nnctl("init", "photos", cwd=tmp_path)
    assert tree_of(done.stdout)["data"]["source"] == "photos"
    assert "remove it where left and right differ: letters, digits, signs" in done.stdout
    assert [line.split() for line in done.stderr.splitlines() if "left" in line] == [["left", "3"]]
    report = report_of("init", "photos", cwd=tmp_path)
    assert (report["config"], report["columns"], report["notes"]) == (None, [], [])
    assert report["pictures"] == {
        **{"splits": {"train": 6}, "classes": {"left": {"train": 3}, "right": {"train": 3}}},
        **{"size": [12, 12], "mode": "rgb", "damaged": 0},
    }


@pytest.mark.parametrize(
    ("splits", "shares"),
    [
        ({"train": 30, "test": 4}, {"validation": 0.1}),
        ({"train": 30, "val": 4}, {}),
        ({"train": 30, "valid": 4, "test": 4}, {}),
        ({"train": 30}, {"validation": 0.1, "test": 0.2}),
        ({"train": 10, "test": 4}, {}),
    ],
    ids=str,
)
def test_folders_of_splits(tmp_path: Path, splits: dict[str, int], shares: dict[str, float]) -> None:
    for split, count in splits.items():
        two_sides(tmp_path / "photos", count, split)
    config = tree_of(report_of("init", "photos", "-o", "c.yaml", cwd=tmp_path)["text"])
    report_of("check", "c.yaml", cwd=tmp_path)
    assert {key: config["data"][key] for key in ("validation", "test") if key in config["data"]} == shares
    assert ("early_stopping" in config) == bool({"validation", "val", "valid"} & {*shares, *splits})


def test_few_pictures_are_all_trained_on(tmp_path: Path) -> None:
    two_sides(tmp_path / "photos", 3)
    report = report_of("init", "photos", "-o", "c.yaml", cwd=tmp_path)
    assert "validation, test: too few pictures to keep some of them back" in report["text"]
    config = tree_of(report["text"])
    assert config["data"].keys() == {"source", "size", "mode"}
    assert config["batch_size"] == 6  # of 6 pictures
    report_of("train", "c.yaml", "epochs=1", cwd=tmp_path)


def test_a_rare_class_counts_as_much(tmp_path: Path) -> None:
    two_sides(tmp_path / "photos", 60)
    for number in range(6, 60):
        (tmp_path / "photos" / "left" / f"{number}.png").unlink()
    report = report_of("init", "photos", "-o", "c.yaml", cwd=tmp_path)
    assert tree_of(report["text"])["class_weight"] == "balanced"
    assert "# 6 to 60 pictures of a class" in report["text"]
    report_of("train", "c.yaml", "epochs=1", cwd=tmp_path)


def test_pictures_of_many_sizes(tmp_path: Path) -> None:
    two_sides(tmp_path / "photos", 3, "", 90, 120)
    write(tmp_path / "photos" / "left" / "small.png", np.zeros((70, 50, 3), np.uint8))
    text = report_of("init", "photos", cwd=tmp_path)["text"]
    assert "size: [64, 64] # height and width; the pictures have from 70×50 to 90×120; larger shows more" in text
    (tmp_path / "photos" / "left" / "small.png").unlink()
    assert tree_of(report_of("init", "photos", cwd=tmp_path)["text"])["data"]["size"] == [90, 120]


def test_what_is_no_picture_is_left_out_and_told(tmp_path: Path) -> None:
    two_sides(tmp_path / "photos", 8)
    (tmp_path / "photos" / "left" / "3.png").write_bytes(b"")
    (tmp_path / "photos" / "left" / "Thumbs.db").write_bytes(b"x")
    report = report_of("init", "photos", "-o", "c.yaml", cwd=tmp_path)
    assert report["notes"] == [
        "ignored: 1 other file (left/Thumbs.db)",
        "1 file is no picture: `damaged: skip` leaves it out, and training names it",
    ]
    assert (tree_of(report["text"])["data"]["damaged"], report["pictures"]["damaged"]) == ("skip", 1)
    assert any("left/3.png" in note for note in report_of("train", "c.yaml", "epochs=1", cwd=tmp_path)["notes"])


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    """A list of 60 pictures: of each a class, a grade and a price."""
    two_sides(tmp_path / "photos", 30)
    lines = ["photo,side,grade,price"]
    for number in range(60):
        side = ("left", "right")[number % 2]
        lines.append(f"photos/{side}/{number // 2}.png,{side},{number % 3 + 1},{1e5 + 7.5e4 * (number % 2) + number}")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.mark.parametrize(
    ("target", "metric", "outputs"), [("side", "accuracy", 2), ("grade", "accuracy", 3), ("price", "rmse", 1)]
)
def test_a_list(listed: Path, target: str, metric: str, outputs: int) -> None:
    report = report_of("init", "labels.csv", "--target", target, "-o", "c.yaml", cwd=listed)
    config = tree_of(report["text"])
    assert (config["data"]["file"], config["data"]["target"]) == ("photo", target)
    assert (config["metrics"][0], config["layers"][-1]["out_features"]) == (metric, outputs)
    columns = {column["name"]: column["role"] for column in report["columns"]}
    assert columns == {"photo": "input", target: "target"}
    assert "column photo names pictures, which are what is learnt from" in report["notes"][0]
    assert report_of("check", "c.yaml", cwd=listed)["notes"] == []
    report_of("train", "c.yaml", "epochs=1", "--run", "run", cwd=listed)
    assert nnctl("predict", "run", "labels.csv", cwd=listed).stdout.count("\n") == 61


def test_values_are_learnt_in_their_own_units(listed: Path) -> None:
    text = report_of("init", "labels.csv", "--target", "price", cwd=listed)["text"]
    assert tree_of(text)["data"]["target_transform"] == ["standard"]
    lines = [line for line in text.splitlines() if "random_" not in line]  # left and right differ, indeed
    (listed / "c.yaml").write_text("\n".join(lines))
    report_of("train", "c.yaml", "epochs=10", "early_stopping=", "monitor=loss", "--run", "run", cwd=listed)
    assert report_of("eval", "run", cwd=listed)["metrics"]["rmse"] < 30_000  # of values around 100,000 and 175,000


def test_the_remedy_of_the_note_makes_a_table_of_it(listed: Path) -> None:
    note = report_of("init", "labels.csv", "--target", "price", cwd=listed)["notes"][0]
    option, column = next(part for part in note.split("; ") if part.startswith("--column")).split()[:2]
    config = tree_of(report_of("init", "labels.csv", "--target", "price", option, column, cwd=listed)["text"])
    assert "file" not in config["data"]
    assert config["data"]["columns"].keys() == {"side", "grade", "price"}


def test_the_only_other_column_is_the_target(listed: Path) -> None:
    lines = [line.rsplit(",", 2)[0] for line in (listed / "labels.csv").read_text().splitlines()]
    (listed / "two.csv").write_text("\n".join(lines) + "\n")
    assert draft_of("two.csv", cwd=listed)["data"]["target"] == "side"


def test_a_column_of_names_without_pictures_makes_no_list(listed: Path) -> None:
    shutil.rmtree(listed / "photos")
    config = tree_of(report_of("init", "labels.csv", "--target", "price", cwd=listed)["text"])
    assert config["data"]["columns"].keys() == {"side", "grade", "price"}
    refused = refusal_of("init", "labels.csv", "--target", "price", "--file", "photo", cwd=listed, code=3)
    refused.says("photos/left/0.png: does not exist")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["photos", "--target", "side"], 2, ["--target is for tables, and photos is a folder", "leave it out"]),
        (["photos", "--skip", "1"], 2, ["--skip is for tables, and photos is a folder"]),
        (["photos", "--file", "photo"], 2, ["--file is for tables, and photos is a folder"]),
        (["photos/left"], 3, ["holds pictures, and no folders of classes"]),
        (["photos/left/0.png"], 2, ["is one picture", "name the folder"]),
        (["single"], 3, ["has pictures of one class only, left"]),
        (["tests"], 3, ["has folders of test pictures, and none to train on", "train"]),
        (["labels.csv"], 2, ["which column", "the columns are side, grade, price"]),
        (["labels.csv", "--target", "sid"], 2, ["no column sid", "did you mean side?"]),
        (["labels.csv", "--target", "side", "--file", "foto"], 3, ["no column foto", "did you mean photo?"]),
        (["labels.csv", "--target", "side", "--file", "photo", "--skip", "1"], 2, ["--skip is for tables"]),
        (["photos.parquet", "--target", "side", "--file", "photo"], 2, ["--file is for .csv and .tsv files"]),
        (["photo", "--file", "photo"], 2, ["--file is for tables, and photo is not a file"]),
        (["photos", "-o", "labels.csv"], 2, ["labels.csv: is there already; nothing is overwritten"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals(arguments: list[str], code: int, says: list[str], listed: Path) -> None:
    shutil.copytree(listed / "photos" / "left", listed / "single" / "left")
    shutil.copytree(listed / "photos", listed / "tests" / "test")
    before = files_in(listed)
    refusal_of("init", *arguments, cwd=listed, code=code).says(*says)
    assert files_in(listed) == before


@pytest.mark.slow
def test_colour_textures_are_told_apart_by_what_was_drafted(tmp_path: Path) -> None:
    """Of four classes, 240 JPEGs of many sizes and all colours."""
    random = np.random.default_rng(0)
    for kind in COLOURS:
        for number in range(60):
            write(tmp_path / "textures" / kind / f"{number}.jpg", texture(kind, random), quality=85)
    report_of("init", "textures", "-o", "c.yaml", cwd=tmp_path)
    report_of("train", "c.yaml", "--run", "run", cwd=tmp_path)
    report = report_of("eval", "run", cwd=tmp_path)
    assert report["samples"] == 48
    assert report["metrics"]["accuracy"] >= 0.8  # chance is 0.25


@pytest.mark.slow
def test_clothes_are_known_by_what_was_drafted(tmp_path: Path) -> None:
    report_of("init", DATA / "clothes", "-o", "c.yaml", cwd=tmp_path)
    report_of("train", "c.yaml", "epochs=8", "--run", "run", cwd=tmp_path)
    report = report_of("eval", "run", cwd=tmp_path)
    assert report["samples"] == 500
    assert report["metrics"]["accuracy"] >= 0.82  # of one seed; chance is 0.1
