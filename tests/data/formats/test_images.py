"""Pictures as samples: their splits, sizes and targets, on the disk and in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from safetensors.numpy import load_file

from nnctl.commands.check import check
from nnctl.commands.eval import evaluate
from nnctl.commands.train import train
from nnctl.data import dataset as datasets
from nnctl.data.dataset import Dataset, open_dataset, open_samples
from nnctl.data.fitting import FittedData
from nnctl.data.formats.audio import Audio
from nnctl.data.formats.csv import CSV
from nnctl.data.formats.idx import IDX
from nnctl.data.formats.images import Images
from nnctl.data.source import find_format
from nnctl.errors import DataError, UsageError
from nnctl.targets import Targets
from tests.support.drawings import drawing, two_sides, write
from tests.support.sounds import two_tones
from tests.support.sources import refusal, source, write_idx


def opened(folder: Path, targets: Targets = "classes", **keys: Any) -> Dataset:
    return open_dataset(source({"source": str(folder), **keys}), targets, 0, "float32")


def fitted(dataset: Dataset) -> FittedData:
    return FittedData(dataset.preprocessing, dataset.transform, dataset.classes)


def test_it_is_recognised(tmp_path: Path) -> None:
    two_sides(tmp_path / "a" / "train", 1)
    assert find_format(tmp_path / "a") is Images
    assert find_format(tmp_path / "a" / "train" / "left") is Images
    assert find_format(tmp_path / "gone.JPG") is Images
    two_tones(tmp_path / "a", 1)
    assert find_format(tmp_path / "a") is Audio
    two_sides(tmp_path / "b", 1)
    (tmp_path / "b" / "train-images-idx3-ubyte").touch()
    assert find_format(tmp_path / "b") is IDX
    assert isinstance(source({"source": "a.csv", "file": "x", "target": "y"}), Images)
    assert isinstance(source({"source": "a.csv", "target": "y"}), CSV)


def test_pixels_and_classes(tmp_path: Path) -> None:
    train = Images(source="x").read(two_sides(tmp_path)).train
    assert train is not None
    assert train.names[:2] == ("left/0.png", "left/1.png")
    assert train.targets.tolist() == ["left"] * 6 + ["right"] * 6
    assert isinstance(train.inputs, np.ndarray)
    assert train.inputs.dtype == np.uint8
    expected = [drawing(side, seed=number) for side in ("left", "right") for number in range(6)]
    np.testing.assert_array_equal(train.inputs, expected)


def test_splits_of_its_own_in_the_size_of_training(tmp_path: Path) -> None:
    two_sides(tmp_path, 6, "train")
    two_sides(tmp_path, 3, "test", 24, 24)
    two_sides(tmp_path, 2, "val")
    dataset = opened(tmp_path)
    assert {name: len(split) for name, split in dataset.splits().items()} == {"train": 12, "validation": 4, "test": 6}
    assert dataset.inputs_shape == (12, 12, 3)
    assert isinstance(dataset.source, Images)
    assert (dataset.source.size, dataset.source.mode) == ([12, 12], "rgb")
    (note,) = (note for note in dataset.split_notes["test"] if "resized" in note)
    assert "all 6 pictures are resized to 12×12 from 24×24" in note
    assert not dataset.split_notes["train"]
    np.testing.assert_array_equal(dataset.train.inputs[0], (drawing("left") / 255).astype(np.float32))


def test_what_is_inferred_gives_the_same_again(tmp_path: Path) -> None:
    for seed, shape in enumerate([(12, 14), (10, 30), (40, 20)]):
        write(tmp_path / "a" / f"{seed}.png", drawing("left", *shape, seed=seed))
        write(tmp_path / "b" / f"{seed}.png", drawing("right", *shape, seed=seed)[..., 0])
    first = opened(tmp_path)
    again = open_dataset(first.source, "classes", 0, "float32", fitted=fitted(first))
    assert first.inputs_shape == (12, 12, 3)
    np.testing.assert_array_equal(first.train.inputs, again.train.inputs)
    assert opened(tmp_path, size=[9, 5], mode="grey").inputs_shape == (9, 5, 1)
    assert opened(tmp_path, size=8).inputs_shape == (8, 8, 3)


def test_classes_that_training_lacks_are_told(tmp_path: Path) -> None:
    two_sides(tmp_path, 2, "train")
    two_sides(tmp_path, 2, "test")
    write(tmp_path / "test" / "top" / "1.png", drawing("left"))
    dataset = opened(tmp_path)
    assert dataset.classes == ("left", "right", "top")
    assert "a class without a training sample: top" in dataset.notes


def test_one_class_alone_is_refused_with_what_is_ignored(tmp_path: Path) -> None:
    two_sides(tmp_path, 2)
    for file in (tmp_path / "left").iterdir():
        file.unlink()
    (tmp_path / "right" / "Thumbs.db").touch()
    with pytest.raises(DataError) as caught:
        opened(tmp_path)
    says = "has pictures of one class only, right"
    assert says in refusal(caught)
    assert "(ignored: 1 other file (right/Thumbs.db), 1 folder (left))" in refusal(caught)


def test_damaged_pictures(tmp_path: Path) -> None:
    two_sides(tmp_path, 4)
    for name in ("left/1.png", "right/3.png"):
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(DataError) as caught:
        opened(tmp_path)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["1.png", "3.png"]
    assert caught.value.problems[0].help.endswith("; `damaged: skip` leaves such pictures out")
    dataset = opened(tmp_path, damaged="skip")
    assert "2 of the 8 pictures are damaged, and left out: left/1.png, right/3.png" in dataset.notes
    assert dataset.train.targets.tolist() == [0, 0, 0, 1, 1, 1]
    expected = [
        *(drawing("left", seed=seed) for seed in (0, 2, 3)),
        *(drawing("right", seed=seed) for seed in range(3)),
    ]
    np.testing.assert_array_equal(dataset.train.inputs, (np.array(expected) / 255).astype(np.float32))
    for file in tmp_path.rglob("*.png"):
        file.write_bytes(b"")
    with pytest.raises(DataError, match="is empty"):
        opened(tmp_path, damaged="skip")


def a_list(folder: Path, count: int = 8) -> Path:
    """Pictures with a class, a number, and the part that they are for."""
    rows = ["path,side,light,part"]
    for number in range(count):
        side = ("left", "right")[number % 2]
        write(folder / "all" / f"{number}.png", drawing(side, seed=number) // (1 + number))
        rows.append(f"all/{number}.png,{side},{1 / (1 + number):.3f},{'new' if number > 5 else 'old'}")
    (folder / "list.csv").write_text("\n".join(rows) + "\n")
    return folder / "list.csv"


def test_a_list_of_classes_and_of_numbers(tmp_path: Path) -> None:
    path = a_list(tmp_path)
    classes = opened(path, file="path", target="side", test={"column": "part", "equals": "new"})
    assert classes.classes == ("left", "right")
    assert classes.train.targets.tolist() == [0, 1, 0, 1, 0, 1]
    assert len(classes.test or ()) == 2
    values = opened(path, "values", file="path", target=["light"], test={"name": "7*"})
    assert values.target_names == ("light",)
    np.testing.assert_allclose(values.train.targets[:, 0], [round(1 / n, 3) for n in range(1, 8)])
    assert set(values.hashes) == {"source/list.csv", "source/"}
    first = values.hashes["source/"]
    write(tmp_path / "all" / "0.png", drawing("right"))
    assert opened(path, "values", file="path", target=["light"]).hashes["source/"] != first


def test_other_lists_and_folders(tmp_path: Path) -> None:
    path, other = a_list(tmp_path / "a"), a_list(tmp_path / "b", 4)
    dataset = opened(path, file="path", target="side", test=str(other), validation=str(two_sides(tmp_path / "c", 2)))
    assert [len(split) for split in dataset.splits().values()] == [8, 4, 4]
    samples, _, _ = open_samples(dataset.source, other, "test", "classes", "float32", fitted(dataset))
    assert dataset.test is not None
    np.testing.assert_array_equal(samples.inputs, dataset.test.inputs)
    (block,) = dataset.source.stream(other, dataset.preprocessing, "float32").blocks
    assert block.ids == tuple(f"all/{number}.png" for number in range(4))
    np.testing.assert_array_equal(block.inputs, dataset.test.inputs)


def test_a_wrong_row_of_a_list_is_told_with_its_line(tmp_path: Path) -> None:
    path = a_list(tmp_path)
    dataset = opened(path, file="path", target="side")
    path.write_text(path.read_text().replace("3.png,right", "3.png,top"))
    with pytest.raises(DataError, match=r"list\.csv:5: the class top is not among the 2 known ones"):
        open_samples(dataset.source, path, "test", "classes", "float32", fitted(dataset))
    path.write_text(path.read_text().replace("all/3.png", "all/x3.png"))
    with pytest.raises(DataError, match=r"x3\.png: does not exist"):
        opened(path, file="path", target="side")


@pytest.mark.parametrize(
    "keys",
    [{"file": "a"}, {"target": "a"}, {"size": [3]}, {"size": 0}, {"size": [1, 5000]}, {"resize": "x"}, {"mode": "L"}],
)
def test_keys_that_are_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        source({"source": "a.png", "format": "images", **keys})


def test_a_file_that_is_no_folder(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", drawing("left"))
    with pytest.raises(DataError, match="is one file, and a picture's class is the name of its folder"):
        opened(path)
    with pytest.raises(DataError, match="is a table, and which column names the pictures"):
        opened(a_list(tmp_path), format="images")


def test_pictures_without_targets(tmp_path: Path) -> None:
    dataset = opened(two_sides(tmp_path / "a", 3))
    stream = dataset.source.stream(tmp_path / "a", dataset.preprocessing, "float32")
    (block,) = stream.blocks
    assert (stream.id, stream.count) == ("file", 6)
    assert block.ids[:2] == ("left/0.png", "left/1.png")
    np.testing.assert_array_equal(block.inputs, dataset.train.inputs)
    one = write(tmp_path / "b.png", drawing("left", 30, 30))
    stream = dataset.source.stream(one, dataset.preprocessing, "float32")
    (block,) = stream.blocks
    assert block.ids == ("b.png",)
    assert stream.final_notes()[0].startswith("the only picture is resized to 12×12 from 30×30")
    with pytest.raises(UsageError, match="leave --id out: samples are named by their files"):
        dataset.source.stream(one, dataset.preprocessing, "float32", id="ring")


def test_several_files_and_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = opened(two_sides(tmp_path / "a", 3))
    paths = [tmp_path / "a" / "right" / "2.png", tmp_path / "a" / "left"]
    monkeypatch.setattr("nnctl.data.images.pictures.block_rows", lambda numbers: 3)
    blocks = list(dataset.source.stream_of_several(paths, dataset.preprocessing, "float32").blocks)
    assert [len(block.ids) for block in blocks] == [3, 1]
    assert blocks[0].ids[:2] == (paths[0].as_posix(), f"{paths[1].as_posix()}/0.png")
    inputs = np.concatenate([block.inputs for block in blocks])
    np.testing.assert_array_equal(inputs, dataset.train.inputs[[5, 0, 1, 2]])


def test_a_network_of_arrays_takes_pictures_in_their_size(tmp_path: Path) -> None:
    digits = np.random.default_rng(0).integers(0, 256, (6, 10, 12), np.uint8)
    write_idx(tmp_path / "train-images-idx3-ubyte", digits)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.arange(6, dtype=np.uint8) % 2)
    dataset = opened(tmp_path)
    path = write(tmp_path / "0.png", digits[0])
    made = datasets.source_for(path, dataset.source, dataset.inputs_shape)
    (block,) = made.stream(path, dataset.preprocessing, "float32").blocks
    np.testing.assert_array_equal(block.inputs[0], dataset.train.inputs[0])
    colours = write(tmp_path / "c" / "0" / "c.png", np.repeat(digits[0][..., np.newaxis], 3, axis=2))
    write(tmp_path / "c" / "1" / "d.png", digits[1])
    (block,) = made.stream(colours, dataset.preprocessing, "float32").blocks
    np.testing.assert_array_equal(block.inputs[0], dataset.train.inputs[0])
    samples, _, _ = open_samples(dataset.source, tmp_path / "c", "test", "classes", "float32", fitted(dataset))
    np.testing.assert_array_equal(samples.inputs, dataset.train.inputs[:2])


def test_a_network_of_other_arrays_takes_no_pictures(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.ones((4, 5, 40, 7)), y=[0, 1, 0, 1])
    dataset = opened(tmp_path / "a.npz")
    path = write(tmp_path / "a.png", drawing("left"))
    made = datasets.source_for(path, dataset.source, dataset.inputs_shape)
    with pytest.raises(DataError, match="expected samples of 5×40×7, got 12×12×3"):
        made.stream(path, dataset.preprocessing, "float32")


@pytest.fixture
def little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So little that all pixels go to the disk."""
    monkeypatch.setenv("NNCTL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("nnctl.data.images.room.LEAST", 0)
    monkeypatch.setattr("nnctl.data.images.room.available_memory", lambda: 0)
    monkeypatch.setattr("nnctl.data.fitting.LARGE", 0)


@pytest.mark.usefixtures("little_memory")
def test_no_split_copies_what_is_on_the_disk(tmp_path: Path) -> None:
    two_sides(tmp_path / "p", 6)
    dataset = opened(tmp_path / "p", test=0.25, validation=0.25)
    assert dataset.test is not None
    assert np.shares_memory(dataset.train.inputs, dataset.test.inputs)
    kept: Any = dataset.train.inputs
    while isinstance(kept.base, np.ndarray):
        kept = kept.base
    assert type(kept.base).__name__ == "memoryview"  # of the file
    (note,) = (note for note in dataset.notes if "disk" in note)
    assert note.startswith("12 pictures of 12×12×3 take 5.06 KB, and are kept on the disk, in ")


CONFIG = """
data: {source: p, validation: 0.2, test: 0.2, standardize: true}
layers: [flatten, {type: linear, out_features: 2}]
loss: cross_entropy
batch_size: 4
epochs: 3
"""


def test_training_from_the_disk_gives_the_same_bits(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    two_sides(tmp_path / "p", 20)
    (tmp_path / "c.yaml").write_text(CONFIG)
    found = []
    for name in ("memory", "disk"):
        if name == "disk":
            request.getfixturevalue("little_memory")
        report = train(tmp_path / "c.yaml", run=tmp_path / name).report
        assert any("kept on the disk" in note for note in report["notes"]) == (name == "disk")
        weights = load_file(tmp_path / name / "checkpoints" / "last.safetensors")
        measured = evaluate(tmp_path / name, data=tmp_path / "p").report["metrics"]
        checked = check(tmp_path / "c.yaml")["data"]["splits"]
        found.append((report["metrics"], measured, checked, {key: array.tobytes() for key, array in weights.items()}))
    assert found[0] == found[1]
