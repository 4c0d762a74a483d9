"""Data that cannot be trained on: refused with its row, its column and a remedy. What is only odd is told."""

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
BINARY = VALUES.replace("mse", "binary_cross_entropy")

# row: (the config, the CSV file, the line or none, what is wrong, the remedy)
TABLES: dict[str, tuple[str, str | bytes, int | None, str, str]] = {
    "29 empty": (VALUES, "", None, "is empty", "give a file with samples"),
    "29 header only": (VALUES, "x,y\n", None, "has a header and no rows", "give at least one sample"),
    "30 short row": (VALUES, "x,y\n1,2\n3\n", 3, "has 1 values, the header has 2 columns", "give each row one value"),
    "30 long row": (
        VALUES,
        "x,y\n1,2\n3,4,5\n",
        3,
        "has 3 values, the header has 2 columns",
        "give each row one value",
    ),
    "31 text": (VALUES, "x,y\n1,2\nabc,3\n", 3, "column x: 'abc' is no number", "mend the value"),
    "31 text target": (
        VALUES,
        "x,y\n1,2\n2,abc\n",
        3,
        "column y: the target 'abc' is no number",
        "use the loss cross_entr",
    ),
    "32 missing": (
        VALUES,
        "x,z,y\n1,,2\n,3,4\n,NA,1\n",
        None,
        "has 4 missing values, none may be missing: z (2), x (2)",
        "fill",
    ),
    "33 quote": (
        VALUES,
        'x,y\n1,2\n"3,4\n5,6\n',
        3,
        "a quote is not closed before the file ends in line 4",
        'missing "',
    ),
    "33 closed later": (VALUES, 'x,y\n"1,2\n3",4\n', 2, "a quoted value runs on to line 3", "close the quote"),
    "34 huge field": (VALUES, f"x,y\n{'9' * 200_000},2\n", 2, "a value of more than 131,072 characters", "a quote"),
    "36 twice": (VALUES, "x,x,y\n1,2,3\n", 1, "has two columns of the name x", "rename or remove one of each"),
    "36 absent": (VALUES, "x,z\n1,2\n", None, "has no column y; it has x, z", "set `target` to one of them"),
    "36 nearly": (
        VALUES.replace("get: y", "get: price"),
        "x,prize\n1,2\n",
        None,
        "has no column price",
        "did you mean prize?",
    ),
    "36 semicolons": (VALUES, "x;y\n1;2\n", None, "has no column y; it has x;y", "separate the columns with commas"),
    "36 no header": (
        VALUES,
        "1,2\n3,4\n",
        None,
        "has no column y; it has 1, 2",
        "the first line must name the columns",
    ),
    "39 one class": (
        CLASSES,
        "x,y\n1,a\n2,a\n",
        None,
        "has one class only, a, in all 2 samples",
        "is it the right target?",
    ),
    "43 fraction": (
        CLASSES,
        "x,y\n1,1\n2,0.5\n",
        3,
        "the label is 0.5, classes are whole numbers or text",
        "a loss like mse",
    ),
    "43 not binary": (BINARY, "x,y\n1,1\n2,2\n", 3, "the target is 2, 0 or 1 was expected", "use cross_entropy"),
    "46 NaN": (VALUES, "x,y\n1,2\nnan,3\n", 3, "column x is NaN", "mend the value or remove the sample"),
    "46 Inf target": (
        VALUES,
        "x,y\n1,2\n2,inf\n",
        3,
        "the target is inf, a finite number was expected",
        "mend the value",
    ),
    "46 too large": (
        VALUES,
        "x,y\n1,2\n1e300,3\n",
        3,
        "the inputs are too large for float32",
        "set `scale` or `standardize`",
    ),
    "no text": (VALUES, b"x,y\n\xff\xfe,3\n", None, "is no UTF-8 text (byte 4)", "save it as UTF-8"),
    "24 classes": (
        CLASSES,
        "x,y\n1,a\n2,b\n3,c\n",
        None,
        "gives 2 outputs, the data has 3 classes (a, b, c)",
        "give the last",
    ),
}


def write(folder: Path, config: str, name: str, content: str | bytes) -> None:
    (folder / "run.yaml").write_text(config)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("row", TABLES)
def test_a_table_is_refused(tmp_path: Path, row: str) -> None:
    config, content, line, what, help = TABLES[row]
    write(tmp_path, config, "data.csv", content)
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=2 if row.startswith("24") else 3)
    refusal.says(what, help)
    if refusal.kind == "data":
        (problem,) = refusal.problems
        assert (problem["file"], problem["line"]) == ("data.csv", line)


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, VALUES, "data.csv", "x,y\n1,2\n3\na,4\n5,b,6\n7,8\n")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    assert [problem["line"] for problem in refusal.problems] == [3, 4, 5]


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
    "36 other names": (saved(X=X, y=X[:, 0]), "has no array x; it has X, y", "`arrays: {x: …, y: …}`"),
    "40 objects": (saved(x=np.array([Trap(), 1]), y=np.arange(2)), "holds Python objects: they are pickles", "astype"),
    "41 bomb": (bomb(), "x: an array of shape (1048576, 1048576) would take 8,192.0 GiB of memory", "it is damaged"),
    "42 lengths": (saved(x=X, y=np.arange(5)), "x has 6 samples, y has 5", "each input needs its target"),
    "44 truncated": (saved(x=X, y=X[:, 0])[:-30], "is no NPZ file or is damaged", "save it with numpy.savez"),
    "46 NaN": (
        saved(x=np.where(X > 2, np.nan, X), y=X[:, 0]),
        "sample 2: input [1] is NaN (the first of 9 that are not finite)",
        "mend the value or remove the sample",
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
        "is no IDX file",
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


def test_row_41_a_file_that_does_not_fit_into_memory_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, VALUES, "data.csv", "")
    with (tmp_path / "data.csv").open("wb") as file:
        file.truncate(1 << 43)  # a hole, which takes no room on the disk
    done = nnctl("train", "run.yaml", cwd=tmp_path)
    assert done.returncode == 3
    assert "data.csv: it would take 8,192.0 GiB of memory" in done.stderr
    assert "help: use fewer samples" in done.stderr


# row: (the config, the CSV file, the note)
TOLD: dict[str, tuple[str, str, str]] = {
    "38 constant column": (
        VALUES.replace("get: y", "get: y, standardize: true"),
        "x,z,y\n1,5,2\n2,5,3\n4,5,6\n",
        "an input column is constant in the training samples: z",
    ),
    "38 constant target": (VALUES, "x,y\n1,2\n2,2\n", "the target y is 2 in all training samples"),
    "47 the same samples": (
        VALUES.replace("get: y", "get: y, validation: 0.5"),
        "x,y\n" + "1,2\n" * 4,
        "2 of the 2 validation samples have the same inputs as a training sample",
    ),
    "39 absent class": (
        CLASSES.replace("features: 2", "features: 3").replace("get: y", "get: y, test: test.csv"),
        "x,y\n1,a\n2,b\n",
        "a class without a training sample: c",
    ),
}


@pytest.mark.parametrize("row", TOLD)
def test_odd_data_is_told_and_taken(tmp_path: Path, row: str) -> None:
    config, content, note = TOLD[row]
    write(tmp_path, config, "data.csv", content)
    (tmp_path / "test.csv").write_text("x,y\n3,c\n")
    done = nnctl("check", "run.yaml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"note: {note}" in done.stderr


def test_row_35_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    write(tmp_path, VALUES.replace("get: y", "get: x"), "data.csv", "\ufeffx,y\r\n1,2\r\n2,3\r\n")
    assert report_of("check", "run.yaml", cwd=tmp_path)["data"]["target_names"] == ["x"]


def test_row_38_nothing_is_divided_by_the_zero_of_a_constant_column(tmp_path: Path) -> None:
    write(tmp_path, TOLD["38 constant column"][0], "data.csv", TOLD["38 constant column"][1])
    report = report_of("check", "run.yaml", cwd=tmp_path)
    assert np.isfinite(list(report["data"]["splits"]["train"]["inputs"].values())).all()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    write(folder, CLASSES, "data.csv", "x,y\n1,a\n2,b\n3,a\n4,b\n")
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    return folder


# row: (other data, the code, what is wrong, the remedy)
OTHERS: dict[str, tuple[str, str, str]] = {
    "43 unknown class": ("x,y\n1,a\n2,c\n", "the class c is not among the 2 known ones: a, b", "mend the label"),
    "36 other columns": ("z,y\n1,a\n", "lacks the columns x and has the unknown columns z", "give it the same columns"),
    "31 text": ("x,y\none,a\n", "column x: 'one' is no number", "mend the value"),
}


@pytest.mark.parametrize("row", OTHERS)
def test_other_data_for_a_checkpoint_must_be_of_its_kind(trained: Path, row: str) -> None:
    content, what, help = OTHERS[row]
    (trained / "other.csv").write_text(content)
    refusal_of("eval", "run", "--data", "other.csv", cwd=trained, code=3).says("error: other.csv:", what, help)


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
    refusal_of("train", "run.yaml", cwd=tmp_path, code=3).says("data.csv: is no ordinary file", "write the samples to")
