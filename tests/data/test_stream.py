"""Samples in blocks: the same rows as when they are read as a whole, and every damage told."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.arrays.source import ArraySource
from nnctl.data.formats.idx import IDX
from nnctl.data.formats.npz import NPZ
from nnctl.data.stream import BLOCK_NUMBERS, BLOCK_ROWS, block_rows, pieces
from nnctl.data.table.source import TableSource
from nnctl.errors import DataError, UsageError
from tests.support.sources import digits, idx_bytes, refusal, source, write_idx


@given(st.integers(1, 10**9))
def test_a_block_is_never_large(numbers: int) -> None:
    rows = block_rows(numbers)
    assert 1 <= rows <= BLOCK_ROWS
    assert rows == 1 or rows * numbers <= BLOCK_NUMBERS


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.stream.BLOCK_ROWS", 4)


@pytest.mark.parametrize("dtype", ["u1", ">i2", ">f4", "<f8"])
def test_pieces_make_the_array(dtype: str) -> None:
    array = np.arange(10 * 3 * 2).reshape(10, 3, 2).astype(dtype)
    found = list(pieces(io.BytesIO(array.tobytes()), array.dtype, array.shape))
    assert [len(piece) for piece in found] == [4, 4, 2]
    assert np.array_equal(np.concatenate(found), array)
    assert all(piece.dtype.isnative for piece in found)


@pytest.mark.parametrize(("change", "told"), [(-1, "in row 10 of 10"), (-13, "in row 8 of 10"), (1, "after its last")])
def test_pieces_that_end_early_or_late(change: int, told: str) -> None:
    content = bytes(60)[: 60 + change] + b"x" * change
    with pytest.raises(EOFError, match=told):
        list(pieces(io.BytesIO(content), np.dtype("u1"), (10, 3, 2)))


def read(made: ArraySource, path: Path) -> np.ndarray[Any, Any]:
    arrays = made.raw_inputs(path)
    found = np.concatenate(list(arrays.pieces))
    assert found.shape == arrays.shape
    return found


@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_and_images_in_blocks(tmp_path: Path, order: Any) -> None:
    images, _ = digits(10)
    array = np.array(images, order=order)
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", x=array)
    np.savez_compressed(tmp_path / "b.npz", pictures=array.astype(">f8"))
    write_idx(tmp_path / "images.gz", images)
    write_idx(tmp_path / "images", images)
    for file in ("a.npy", "a.npz"):
        assert np.array_equal(read(NPZ(source="x"), tmp_path / file), images)
    assert np.array_equal(read(source({"source": "x.npz", "arrays": {"x": "pictures"}}), tmp_path / "b.npz"), images)
    for file in ("images", "images.gz"):
        assert np.array_equal(read(IDX(source="x"), tmp_path / file), images)


@pytest.mark.parametrize("ending", [".npy", ".npz", ".gz", ""])
@pytest.mark.parametrize("cut", [-1, 1])
def test_damaged_files(tmp_path: Path, ending: str, cut: int) -> None:
    images, _ = digits(10)
    made: ArraySource = NPZ(source="x") if ending.startswith(".np") else IDX(source="x")
    file = tmp_path / f"a{ending}"
    if ending in (".gz", ""):
        content = idx_bytes(images)
        content = content[:cut] if cut < 0 else content + b"x"
        file.write_bytes(gzip.compress(content) if ending else content)
    else:
        memory = io.BytesIO()
        np.save(memory, images) if ending == ".npy" else np.savez(memory, x=images)
        content = memory.getvalue()
        if ending == ".npz":
            middle = len(content) // 2
            content = content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :]
        file.write_bytes(content[:cut] if cut < 0 and ending == ".npy" else content + b"x" * (ending == ".npy"))
    with pytest.raises(DataError) as error:
        read(made, file)
    assert f"a{ending}: " in refusal(error)


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (np.array(["a", "b"]), "holds text, inputs are numbers"),
        (np.array(3.0), "is a single number"),
        (np.array([None, 1]), "holds Python objects"),
        (np.zeros((0, 3)), "holds no samples"),
    ],
)
def test_what_is_no_array_of_samples(tmp_path: Path, array: np.ndarray[Any, Any], told: str) -> None:
    np.savez(tmp_path / "a.npz", x=array)
    with pytest.raises(DataError, match=told):
        NPZ(source="x").raw_inputs(tmp_path / "a.npz")


def test_inputs_are_prepared_as_in_training(tmp_path: Path) -> None:
    images, labels = digits(10)
    np.savez(tmp_path / "a.npz", x=images, y=labels)
    made = source({"source": "a.npz", "standardize": True}, tmp_path)
    samples = made.read(tmp_path / "a.npz").train
    assert samples is not None
    fitted = made.fit(samples, np.arange(5))
    stream = made.stream(tmp_path / "a.npz", fitted, "float32")
    assert stream.count == 10
    assert stream.id is None
    found = np.concatenate([block.inputs for block in stream.blocks])
    assert np.array_equal(found, fitted.transform(images, None, "float32"))
    with pytest.raises(UsageError, match="--id names a column"):
        made.stream(tmp_path / "a.npz", fitted, "float32", "a")


def test_samples_are_numbered_over_all_blocks(tmp_path: Path) -> None:
    array = np.ones((10, 2))
    np.savez(tmp_path / "a.npz", x=array, y=np.arange(10))
    made = source("a.npz", tmp_path)
    samples = made.read(tmp_path / "a.npz").train
    assert samples is not None
    fitted = made.fit(samples, np.arange(10))
    for value, told in ((np.nan, r"sample 7: input \[1\] is NaN"), (1e300, "sample 7: the inputs are too large for f")):
        array[6, 1] = value
        np.save(tmp_path / "b.npy", array)
        with pytest.raises(DataError, match=told):
            list(made.stream(tmp_path / "b.npy", fitted, "float32").blocks)


TABLE = "id,a,word,y\nNA,1,x,1\n7,2,y,2\n,3,x,3\nnull,,y,4\n 007 ,5,NA,5\n1e3,6,x,6\n"


def opened(folder: Path, **keys: Any) -> TableSource:
    made = source({"source": "t.csv", "target": "y", **keys}, folder)
    assert isinstance(made, TableSource)
    return made


def test_a_table_in_blocks(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    made = opened(tmp_path, id="id")
    samples = made.read(tmp_path / "t.csv").train
    assert samples is not None
    fitted = made.fit(samples, np.arange(6))
    (tmp_path / "new.csv").write_text(TABLE.replace(",x,", ",z,").replace("id,", "extra,", 1).replace("y\n", "id\n", 1))
    stream = made.stream(tmp_path / "new.csv", fitted, "float32")
    blocks = list(stream.blocks)
    assert [len(block.inputs) for block in blocks] == [4, 2]
    assert [block.unfamiliar.unseen for block in blocks] == [{"word": 2}, {"word": 1}]
    assert [id for block in blocks for id in block.ids] == ["1", "2", "3", "4", "5", "6"]
    assert stream.notes == ("columns that are not inputs are ignored: extra",)


def test_what_reading_found_is_told_once_at_the_end(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    made = opened(tmp_path, id="id")
    samples = made.read(tmp_path / "t.csv").train
    assert samples is not None
    (tmp_path / "new.csv").write_text(TABLE.replace("7,2", "\n\n7,2"))
    stream = made.stream(tmp_path / "new.csv", made.fit(samples, np.arange(6)), "float32")
    assert stream.final_notes() == ()
    assert len(list(stream.blocks)) == 2
    assert stream.final_notes() == ("2 lines are blank, and skipped",)


def test_ids_are_texts_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE)
    made = opened(tmp_path, id="id")
    samples = made.read(tmp_path / "t.csv").train
    assert samples is not None
    fitted = made.fit(samples, np.arange(6))
    stream = made.stream(tmp_path / "t.csv", fitted, "float32")
    blocks = list(stream.blocks)
    assert [id for block in blocks for id in block.ids] == ["NA", "7", "", "null", "007", "1e3"]
    inputs = np.concatenate([block.inputs for block in blocks])
    assert np.array_equal(inputs, fitted.transform(samples.inputs, None, "float32"))
    assert stream.id == "id"
    assert [len(block.ids) for block in made.stream(tmp_path / "t.csv", fitted, "float32", "y").blocks] == [4, 2]
    with pytest.raises(UsageError, match="--id word is an input"):
        made.stream(tmp_path / "t.csv", fitted, "float32", "word")
