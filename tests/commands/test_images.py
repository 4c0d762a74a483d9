"""Pictures by the real command: trained on, measured, predicted, and what is wrong with them."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.data.images.test_picture import file_of, png
from tests.support.command import DATA, nnctl, report_of, rows_of
from tests.support.drawings import drawing, turned, two_sides, write
from tests.support.refusal import refusal_of
from tests.support.sources import write_idx

CONFIG = """
data: {source: photos, validation: 0.2}
layers: [flatten, {type: linear, out_features: 2}]
loss: cross_entropy
learning_rate: 0.01
batch_size: 8
epochs: 10
"""


def project(folder: Path, config: str = CONFIG) -> Path:
    (folder / "config.yaml").write_text(config)
    two_sides(folder / "photos", 12)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("project"))
    done = nnctl("train", "config.yaml", "--run", "run", "-q", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize("mixed", [False, True])
def test_a_folder_of_cats_and_dogs(tmp_path: Path, mixed: bool) -> None:
    """PNG and JPEG of one size, and of many sizes, kinds and modes."""
    (tmp_path / "config.yaml").write_text(CONFIG.replace("epochs: 10", "epochs: 25"))
    for number in range(24):
        name, side = ("cat", "left") if number % 2 else ("dog", "right")
        ending = ("png", "jpg", "webp", "bmp", "gif")[number % 5] if mixed else ("png", "jpg")[number % 2]
        size = (12 + number, 40 - number) if mixed else (12, 12)
        modes = ("L", "RGBA", "P") if ending == "png" else ("CMYK", "L", "RGB") if ending == "jpg" else ("RGB",)
        path = tmp_path / "photos" / name / f"{number}.{ending}"
        write(path, drawing(side, *size, seed=number), modes[number % len(modes)] if mixed else None)
    report = report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    assert report["metrics"]["val_accuracy"] == 1.0
    assert any("pictures are resized to" in note for note in report["notes"]) == mixed
    assert "size: [" in (tmp_path / "run" / "config.yaml").read_text()
    predicted = rows(nnctl("predict", "run", "photos", cwd=tmp_path).stdout)
    assert predicted[0] == ["file", "prediction", "probability_cat", "probability_dog"]
    assert [row[0].split("/")[0] for row in predicted[1:]] == [row[1] for row in predicted[1:]]


def test_train_validation_and_test_folders(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.replace(", validation: 0.2", ""))
    for split, count in (("train", 10), ("validation", 3), ("test", 4)):
        two_sides(tmp_path / "photos", count, split)
    report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    assert report_of("eval", "run", cwd=tmp_path)["samples"] == 8
    assert report_of("eval", "run", "--split", "validation", cwd=tmp_path)["samples"] == 6


@pytest.mark.parametrize("target", ["side", "light"])
def test_a_list(tmp_path: Path, target: str) -> None:
    lines = ["name,side,light"]
    for number in range(24):
        side = ("left", "right")[number % 2]
        pixels = drawing(side, seed=number) // (1 + number % 4)
        write(tmp_path / "photos" / f"{number}.png", pixels)
        lines.append(f"photos/{number}.png,{side},{pixels.mean():.2f}")
    (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n")
    config = CONFIG.replace("source: photos", f"source: labels.csv, file: name, target: {target}")
    if target == "light":
        config = config.replace("out_features: 2", "out_features: 1").replace("cross_entropy", "mse")
    (tmp_path / "config.yaml").write_text(config)
    report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    report = report_of("eval", "run", "--data", "labels.csv", cwd=tmp_path)
    assert report["samples"] == 24
    predicted = rows(nnctl("predict", "run", "labels.csv", cwd=tmp_path).stdout)
    assert predicted[0][:2] == ["file", "prediction" if target == "side" else target]
    assert [row[0] for row in predicted[1:]] == [f"photos/{number}.png" for number in range(24)]
    assert predicted[1:3] == rows(nnctl("predict", "run", "photos/0.png", "photos/1.png", cwd=tmp_path).stdout)[1:]


def test_a_picture_several_a_pattern_a_folder(trained: Path) -> None:
    whole = rows(nnctl("predict", "run", "photos", cwd=trained).stdout)
    assert [row[0] for row in whole[1:]] == sorted(row[0] for row in whole[1:])
    one = rows(nnctl("predict", "run", "photos/left/3.png", cwd=trained).stdout)
    assert one[1] == ["3.png", *whole[1 + [row[0] for row in whole[1:]].index("left/3.png")][1:]]
    several = rows(nnctl("predict", "run", "photos/right/3.png", "photos/left/3.png", cwd=trained).stdout)
    assert [row[0] for row in several[1:]] == ["photos/right/3.png", "photos/left/3.png"]
    assert several[2][1:] == one[1][1:]
    pattern = rows(nnctl("predict", "run", "photos/*/3.png", cwd=trained).stdout)
    assert pattern == [several[0], several[2], several[1]]
    mixed = rows(nnctl("predict", "run", "photos/left", "photos/right/1.png", cwd=trained).stdout)
    assert [row[0] for row in mixed[-2:]] == ["photos/left/9.png", "photos/right/1.png"]
    refusal_of("predict", "run", "photos/*.jpg", "-o", "x.csv", cwd=trained, code=2).says("no file has such a name")


def test_other_sizes_are_resized_and_told(trained: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "large.jpg", drawing("right", 90, 60))
    done = nnctl("predict", trained / "run", path, cwd=tmp_path)
    assert rows(done.stdout)[1][:2] == ["large.jpg", "right"]
    told = "the only picture is resized to 12×12 from 90×60, whole, with black around them (`size`, `resize`)"
    assert done.stderr == f"note: {told}\n"


def test_eval_takes_other_folders(trained: Path, tmp_path: Path) -> None:
    two_sides(tmp_path / "new", 3, height=24, width=24)
    done = nnctl("eval", trained / "run", "--data", "new", "--json", cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (report["samples"], report["metrics"]["accuracy"]) == (6, 1.0)
    assert any("resized to 12×12 from 24×24" in note for note in report["notes"])
    shutil.copytree(tmp_path / "new" / "left", tmp_path / "new" / "top")
    refusal = refusal_of("eval", trained / "run", "--data", "new", cwd=tmp_path, code=3)
    refusal.says("new/top/0.png: the class top is not among the 2 known ones: left, right")


def test_a_run_goes_on_to_the_same_bits(trained: Path, tmp_path: Path) -> None:
    project(tmp_path)
    assert nnctl("train", "config.yaml", "epochs=4", "--run", "run", "-q", cwd=tmp_path).returncode == 0
    done = nnctl("train", "config.yaml", "--run", "run", "--resume", "-q", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert rows_of(tmp_path / "run") == rows_of(trained / "run")


@pytest.mark.slow
def test_the_bits_do_not_depend_on_threads(trained: Path, tmp_path: Path) -> None:
    project(tmp_path)
    done = nnctl("train", "config.yaml", "--run", "run", "-q", cwd=tmp_path, NUMBA_NUM_THREADS="3")
    assert done.returncode == 0, done.stderr
    assert rows_of(tmp_path / "run") == rows_of(trained / "run")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (file_of("JPEG")[:-100], "is damaged: image file is truncated"),
        (b"", "is empty"),
        (png(60_000, 60_000), "has more pixels than the 178,956,970 that are read"),
        (b"hello, this is text", "is not a PNG, JPEG, GIF, BMP or WebP picture"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer, not the file itself"),
    ],
    ids=["truncated", "empty", "bomb", "text", "pointer"],
)
def test_bad_pictures(tmp_path: Path, content: bytes, says: str) -> None:
    project(tmp_path)
    (tmp_path / "photos" / "left" / "bad.png").write_bytes(content)
    refusal = refusal_of("train", "config.yaml", cwd=tmp_path, code=3)
    refusal.says("photos/left/bad.png: ", says, "`damaged: skip` leaves such pictures out")
    report = report_of("check", "config.yaml", "data.damaged=skip", cwd=tmp_path)
    assert "1 of the 25 pictures is damaged, and left out: left/bad.png" in report["notes"]


def test_bad_pictures_for_a_trained_network(trained: Path, tmp_path: Path) -> None:
    two_sides(tmp_path / "photos", 2)
    (tmp_path / "photos" / "left" / "bad.png").write_bytes(b"hello, this is text")
    for command in (
        ("predict", trained / "run", "photos", "-o", "out.csv"),
        ("predict", trained / "run", "photos/left/bad.png", "-o", "out.csv"),
        ("eval", trained / "run", "--data", "photos"),
    ):
        refusal = refusal_of(*command, cwd=tmp_path, code=3)
        refusal.says("photos/left/bad.png: is not a PNG, JPEG, GIF, BMP or WebP picture")
        assert "damaged: skip" not in refusal.text


def test_what_lies_beside_pictures_is_ignored_and_told(tmp_path: Path) -> None:
    project(tmp_path)
    for name in ("left/Thumbs.db", "left/._1.png", ".DS_Store"):
        (tmp_path / "photos" / name).write_bytes(b"x")
    (tmp_path / "photos" / "empty").mkdir()
    report = report_of("check", "config.yaml", cwd=tmp_path)
    told = "ignored: 3 other files (.DS_Store, left/._1.png, left/Thumbs.db), 1 folder (empty)"
    assert report["notes"] == [told]
    assert report["data"]["splits"]["train"]["classes"] == {"left": 9, "right": 10}


def test_pictures_of_every_kind_are_told(tmp_path: Path) -> None:
    project(tmp_path)
    left = tmp_path / "photos" / "left"
    write(left / "palette.png", drawing("left"), "P")
    write(left / "alpha.png", drawing("left"), "RGBA")
    write(left / "deep.png", drawing("left")[..., 0].astype(np.uint16) * 257)
    write(left / "print.jpg", drawing("left"), "CMYK")
    write(left / "turned.jpg", np.rot90(drawing("left")).copy(), exif=turned(6))
    frames = [Image.fromarray(drawing("left", seed=seed)[..., 0]) for seed in (1, 2)]
    frames[0].save(left / "moving.gif", save_all=True, append_images=frames[1:])
    report = report_of("check", "config.yaml", cwd=tmp_path)
    assert report["notes"] == [
        "2 of the 30 pictures are grey, and taken as RGB (`mode`)",
        "1 of the 30 pictures is turned, as the camera said",
        "1 of the 30 pictures has an alpha channel: what is transparent becomes white",
        "1 of the 30 pictures has 16 bits a pixel: the upper 8 are kept",
        "1 of the 30 pictures is CMYK: the colours become RGB",
        "1 of the 30 pictures is animated: the first frame is taken",
    ]


def test_one_class(tmp_path: Path) -> None:
    project(tmp_path)
    shutil.rmtree(tmp_path / "photos" / "left")
    refusal = refusal_of("train", "config.yaml", cwd=tmp_path, code=3)
    refusal.says("photos: has pictures of one class only, right", "into a folder of their own")
    (tmp_path / "photos" / "right" / "1.png").rename(tmp_path / "photos" / "1.png")
    shutil.rmtree(tmp_path / "photos" / "right")
    refusal = refusal_of("train", "config.yaml", cwd=tmp_path, code=3)
    refusal.says("photos: holds pictures, and no folders of classes")


def test_a_class_that_training_lacks(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.replace(", validation: 0.2", "").replace("features: 2", "features: 3"))
    two_sides(tmp_path / "photos", 4, "train")
    two_sides(tmp_path / "photos", 2, "test")
    write(tmp_path / "photos" / "test" / "top" / "0.png", drawing("left"))
    report = report_of("check", "config.yaml", cwd=tmp_path)
    assert "a class without a training sample: top" in report["notes"]


def test_digits_in_arrays_and_in_pictures(tmp_path: Path) -> None:
    digits = np.random.default_rng(0).integers(0, 256, (8, 10, 10), np.uint8)
    (tmp_path / "digits").mkdir()
    write_idx(tmp_path / "digits" / "train-images-idx3-ubyte", digits)
    write_idx(tmp_path / "digits" / "train-labels-idx1-ubyte", np.arange(8, dtype=np.uint8) % 2)
    (tmp_path / "config.yaml").write_text(CONFIG.replace("source: photos, validation: 0.2", "source: digits"))
    report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    write(tmp_path / "3.png", digits[3])
    arrays = rows(nnctl("predict", "run", "digits/train-images-idx3-ubyte", cwd=tmp_path).stdout)
    picture = nnctl("predict", "run", "3.png", cwd=tmp_path)
    assert rows(picture.stdout)[1] == ["3.png", *arrays[4][1:]]
    assert picture.stderr == ""


def test_pillow_is_missing(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "absent" / "PIL").mkdir(parents=True)
    (tmp_path / "absent" / "PIL" / "__init__.py").write_text("raise ImportError")
    done = nnctl("train", "config.yaml", cwd=tmp_path, PYTHONPATH=str(tmp_path / "absent"))
    assert done.returncode == 3
    assert "photos: holds pictures, and Pillow, which reads them, is not installed" in done.stderr
    assert "help: pip install 'nnctl[images]'" in done.stderr


@pytest.mark.slow
def test_clothes(tmp_path: Path) -> None:
    layers = "layers: [flatten, {type: linear, out_features: 10}]"
    (tmp_path / "config.yaml").write_text(f"data: {DATA}/clothes\n{layers}\nloss: cross_entropy\nepochs: 20\n")
    report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    report = report_of("eval", "run", cwd=tmp_path)
    assert report["samples"] == 500
    assert report["metrics"]["accuracy"] > 0.78
    assert report["notes"] == []
