"""Arrays and images that cannot be trained on, and data of any kind that vanishes: refused with a remedy."""

from __future__ import annotations

import gzip
import io
import os
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.command import checkpoints_of, nnctl, report_of
from tests.support.refusal import refusal_of
from tests.support.sources import digits, idx_bytes

VALUES = """data: {source: data.csv, target: y}
layers: [{type: linear, out_features: 1}]
loss: mse
batch_size: 2
epochs: 2
"""
CLASSES = VALUES.replace("features: 1", "features: 2").replace("mse", "cross_entropy")


def write(folder: Path, config: str, name: str, content: str | bytes) -> None:
    (folder / "run.yaml").write_text(config)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def saved(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def bomb() -> bytes:
    """64 KiB that say they are 8 TiB."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"shape": (1 << 20, 1 << 20), "fortran_order": False, "descr": "<f8"})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", header.getvalue() + bytes(1 << 26))
        archive.writestr("y.npy", saved_array(np.arange(3)))
    return file.getvalue()


def saved_array(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


class Trap:
    """What a hostile pickle does when it is read."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, ("executed",)


X = np.arange(12.0).reshape(6, 2)
ARRAYS: dict[str, tuple[bytes, str, str]] = {
    "29 empty": (b"", "is empty", "give a file with samples"),
    "29 no samples": (saved(x=X[:0], y=X[:0, 0]), "holds no samples", "give at least one sample"),
    "36 other names": (saved(a=X, b=X[:, 0]), "has no array x; it has a, b", "`arrays: {x: a, y: b}`"),
    "36 inputs alone": (saved(x=X), "has no array y; it has x", "numpy.savez(file, x=inputs, y=targets)"),
    "40 objects": (saved(x=np.array([Trap(), 1]), y=np.arange(2)), "holds Python objects: they are pickles", "astype"),
    "41 bomb": (bomb(), "x: an array of shape (1048576, 1048576) would take 8,192.0 GiB of memory", "it is damaged"),
    "42 lengths": (saved(x=X, y=np.arange(5)), "x has 6 samples, y has 5", "each input needs its target"),
    "44 truncated": (saved(x=X, y=X[:, 0])[:-30], "is not an NPZ file, or is damaged", "save it with numpy.savez"),
    "46 NaN": (
        saved(x=np.where(X > 2, np.nan, X), y=X[:, 0]),
        "sample 2: input [1] is NaN (the first of 9 that are not finite)",
        "fix the value, or remove the sample",
    ),
}


@pytest.mark.parametrize("row", ARRAYS)
def test_arrays_are_refused(tmp_path: Path, row: str) -> None:
    content, what, help = ARRAYS[row]
    write(tmp_path, VALUES.replace("csv, target: y", "npz"), "data.npz", content)
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says("error: data.npz: ", what, help)


def test_row_40_an_npy_file_of_objects(tmp_path: Path) -> None:
    write(tmp_path, VALUES.replace("csv, target: y", "npy, targets: y.npy"), "y.npy", saved_array(np.arange(2.0)))
    (tmp_path / "data.npy").write_bytes(saved_array(np.array([Trap(), 1])))
    refusal_of("train", "run.yaml", cwd=tmp_path, code=3).says("error: data.npy: holds Python objects")


IMAGES, LABELS = (idx_bytes(array) for array in digits(6))
HUGE = struct.pack(">2xBB3I", 8, 3, 1 << 20, 1 << 12, 1 << 12)
FILES: dict[str, tuple[bytes, bytes, str, str, str]] = {
    "29 empty": (b"", gzip.compress(LABELS), "images", "is empty", "fetch it again"),
    "41 bomb": (
        gzip.compress(HUGE + bytes(1 << 22)),
        gzip.compress(LABELS),
        "images",
        "65,536.0 GiB of memory",
        "damaged",
    ),
    "42 lengths": (
        gzip.compress(IMAGES),
        gzip.compress(idx_bytes(digits(5)[1])),
        "images",
        "has 6 images, train-labels-idx1-ubyte.gz has 5 labels",
        "one of the two files belongs to another set",
    ),
    "44 cut gzip": (
        gzip.compress(IMAGES)[:-9],
        gzip.compress(LABELS),
        "images",
        "is truncated or damaged",
        "fetch the file",
    ),
    "44 cut images": (
        gzip.compress(IMAGES[:-1]),
        gzip.compress(LABELS),
        "images",
        "is truncated: its header says",
        "fetch",
    ),
    "44 more bytes": (
        gzip.compress(IMAGES),
        gzip.compress(LABELS + b"!"),
        "labels",
        "has trailing bytes",
        "fetch the file",
    ),
    "44 no IDX": (
        gzip.compress(b"PNG" + IMAGES),
        gzip.compress(LABELS),
        "images",
        "is not an IDX file",
        "fetch the file again",
    ),
}


@pytest.mark.parametrize("row", FILES)
def test_images_are_refused(tmp_path: Path, row: str) -> None:
    images, labels, which, what, help = FILES[row]
    (tmp_path / "digits").mkdir()
    config = VALUES.replace("data.csv, target: y", "digits").replace("mse", "cross_entropy")
    write(tmp_path, config, "digits/train-images-idx3-ubyte.gz", images)
    (tmp_path / "digits" / "train-labels-idx1-ubyte.gz").write_bytes(labels)
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says(f"error: digits/train-{which}-idx", what, help)


def test_images_without_labels(tmp_path: Path) -> None:
    config = VALUES.replace("data.csv, target: y", "digits").replace("mse", "cross_entropy")
    write(tmp_path, config, "digits/train-images-idx3-ubyte.gz", gzip.compress(IMAGES))
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says("digits: holds train-images-idx3-ubyte.gz and no labels file for it", "put the labels file beside it")


def test_row_41_a_line_that_does_not_end_is_not_read_into_memory(tmp_path: Path) -> None:
    write(tmp_path, VALUES, "data.csv", "")
    with (tmp_path / "data.csv").open("wb") as file:
        file.write(b"x" * 10_000)
        file.truncate(1 << 43)  # a hole, which takes no room on the disk
    done = nnctl("train", "run.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert "data.csv:1: is longer than 16,777,216 characters" in done.stderr
    assert "help: is this a CSV file?" in done.stderr


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    write(folder, CLASSES, "data.csv", "x,y\n1,a\n2,b\n3,a\n4,b\n")
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    return folder


def test_other_data_with_more_targets(tmp_path: Path) -> None:
    config = VALUES.replace("csv, target: y", "npz")
    write(tmp_path, config, "data.npz", saved(x=X, y=X[:, 0]))
    (tmp_path / "other.npz").write_bytes(saved(x=X, y=X))
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    refusal = refusal_of("eval", "run", "--data", "other.npz", cwd=tmp_path, code=3)
    refusal.says("the samples have 2 targets each, the network gives 1 outputs", "give samples of the kind")


def test_row_48_data_that_vanished_costs_no_checkpoint(trained: Path) -> None:
    before = checkpoints_of(trained / "run")
    (trained / "data.csv").rename(trained / "moved.csv")
    try:
        for command in (["train", "run.yaml", "epochs=5", "--run", "run", "--resume"], ["eval", "run"]):
            refusal = refusal_of(*command, cwd=trained, code=3)
            refusal.says("error: data.csv: does not exist", "check the path")
        assert checkpoints_of(trained / "run") == before
        assert nnctl("eval", "run", "--data", "moved.csv", cwd=trained).returncode == 0
    finally:
        (trained / "moved.csv").rename(trained / "data.csv")


def test_row_48_a_fifo_in_the_place_of_data_does_not_block(tmp_path: Path) -> None:
    write(tmp_path, VALUES, "data.csv", "")
    (tmp_path / "data.csv").unlink()
    os.mkfifo(tmp_path / "data.csv")
    refusal_of("train", "run.yaml", cwd=tmp_path, code=3).says(
        "data.csv: is not a regular file", "write its contents to a file"
    )
