"""IDX files: round trips, and everything that can be wrong with them."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnctl.data.dataset import open_dataset
from nnctl.data.formats.idx import IDX, read_idx
from nnctl.errors import DataError
from tests.support.sources import IDX_CODES, digits, idx_bytes, refusal, source, write_idx


@pytest.mark.parametrize("dtype", IDX_CODES)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_round_trip(tmp_path: Path, dtype: str, ending: str) -> None:
    array = np.arange(-24, 24).astype(dtype).reshape(2, 3, 8)
    found = read_idx(write_idx(tmp_path / f"a{ending}", array))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_golden_bytes(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(bytes.fromhex("00000b02 00000002 00000003 0001 0002 0003 ffff fffe 8000"))
    assert read_idx(file).tolist() == [[1, 2, 3], [-1, -2, -32768]]


def folder(path: Path, images: str = "train-images-idx3-ubyte", labels: str = "train-labels-idx1-ubyte") -> Path:
    path.mkdir(exist_ok=True)
    write_idx(path / images, digits(6)[0])
    write_idx(path / labels, digits(6)[1])
    return path


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte.gz"),
        ("images-idx3-ubyte", "labels-idx1-ubyte"),
        ("emnist-letters-images-idx3-ubyte", "emnist-letters-labels-idx1-ubyte"),
    ],
)
def test_names_of_the_training_pair(tmp_path: Path, images: str, labels: str) -> None:
    contents = IDX(source="x").read(folder(tmp_path, images, labels))
    assert contents.train is not None
    assert contents.train.inputs.shape == (6, 4, 5, 1)
    assert contents.train.targets.tolist() == [0, 1, 2, 0, 1, 2]
    assert contents.test is None
    assert {file.name for file in contents.files} == {images, labels}


def test_train_and_test(tmp_path: Path) -> None:
    folder(folder(tmp_path), "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")
    contents = IDX(source="x").read(tmp_path)
    assert contents.train is not None
    assert contents.test is not None
    alone = IDX(source="x").read(tmp_path / "t10k-images-idx3-ubyte.gz")
    assert (alone.train, alone.files) == (None, contents.files[2:])


def test_the_plain_file_is_read_where_both_are_there(tmp_path: Path) -> None:
    (folder(tmp_path) / "train-images-idx3-ubyte.gz").write_bytes(b"never read")
    assert IDX(source="x").read(tmp_path).train is not None


def damaged(content: bytes) -> list[tuple[str, bytes, str]]:
    return [
        ("empty", b"", "is empty"),
        ("magic", b"\1" + content[1:], "is not an IDX file: it begins with 01 00 08 03"),
        ("type", content[:2] + b"\x0a" + content[3:], "is not an IDX file"),
        ("no axes", content[:3] + b"\0" + content[4:], "is not an IDX file"),
        ("short header", content[:9], "is truncated in its header"),
        ("truncated", content[:-1], "is truncated: its header says 6×4×5 numbers in 120 bytes, it holds 119"),
        ("trailing", content + b"\0", "has trailing bytes"),
        ("no samples", struct.pack(">2xBB3I", 8, 3, 0, 4, 5), "holds no samples"),
        ("huge", struct.pack(">2xBB3I", 8, 3, *[0xFFFFFFFF] * 3), "of memory"),
    ]


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("case", range(9))
def test_damaged_files(tmp_path: Path, zipped: bool, case: int) -> None:
    name, content, message = damaged(idx_bytes(digits(6)[0]))[case]
    file = tmp_path / ("a.gz" if zipped else "a")
    file.write_bytes(gzip.compress(content) if zipped else content)
    with pytest.raises(DataError) as caught:
        read_idx(file)
    expected = "is not an IDX file" if zipped and name == "empty" else message
    assert expected in refusal(caught)
    assert str(file) in refusal(caught)


def test_damaged_gzip(tmp_path: Path) -> None:
    file = write_idx(tmp_path / "a.gz", digits(60)[0])
    content = file.read_bytes()
    for wrong in (content[:-20], content[:100], b"\0" * 40, content[:40] + b"\xff" * 40 + content[80:]):
        file.write_bytes(wrong)
        with pytest.raises(DataError):
            read_idx(file)


def test_gzip_without_its_ending_is_told(tmp_path: Path) -> None:
    write_idx(tmp_path / "a.gz", digits(6)[0]).rename(tmp_path / "a")
    with pytest.raises(DataError, match=r"ending \.gz"):
        read_idx(tmp_path / "a")


def test_a_gzip_bomb_is_not_decompressed(tmp_path: Path) -> None:
    bomb = tmp_path / "a.gz"
    bomb.write_bytes(gzip.compress(struct.pack(">2xBB1I", 8, 1, 10) + bytes(100_000_000), compresslevel=1))
    tracemalloc.start()
    with pytest.raises(DataError, match="more than 10"):
        read_idx(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_images_and_labels_must_be_equally_many(tmp_path: Path) -> None:
    write_idx(folder(tmp_path) / "train-labels-idx1-ubyte", digits(7)[1])
    with pytest.raises(DataError, match="has 6 images, train-labels-idx1-ubyte has 7 labels"):
        IDX(source="x").read(tmp_path)


def test_labels_are_needed(tmp_path: Path) -> None:
    (folder(tmp_path) / "train-labels-idx1-ubyte").unlink()
    for path in (tmp_path, tmp_path / "train-images-idx3-ubyte"):
        with pytest.raises(DataError, match="holds train-images-idx3-ubyte and no labels file for it"):
            IDX(source="x").read(path)


def test_labels_in_the_place_of_images(tmp_path: Path) -> None:
    write_idx(folder(tmp_path) / "train-labels-idx1-ubyte", digits(6)[0])
    with pytest.raises(DataError, match="has 3 axes, labels have one"):
        IDX(source="x").read(tmp_path)


def test_several_sets_are_not_guessed_among(tmp_path: Path) -> None:
    folder(folder(tmp_path), "a-images-idx3-ubyte", "a-labels-idx1-ubyte")
    with pytest.raises(DataError, match="holds several sets of images: a, train"):
        IDX(source="x").read(tmp_path)
    chosen = IDX(source="x").read(tmp_path / "a-images-idx3-ubyte")
    assert chosen.train is not None


def test_missing_wrong_or_empty_places(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    for path, message in (
        (tmp_path / "none" / "at all", "does not exist"),
        (tmp_path, "holds no IDX files"),
        (tmp_path / "a.txt", "is neither a folder of IDX files nor"),
    ):
        with pytest.raises(DataError, match=message):
            IDX(source="x").read(path)


@settings(deadline=None, max_examples=200)
@given(content=st.binary(max_size=60), magic=st.booleans(), zipped=st.booleans())
@example(content=b"\x08\x02\x80\0\0\0\0\0\0\0", magic=True, zipped=False)
def test_any_bytes_are_an_array_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, magic: bool, zipped: bool
) -> None:
    content = b"\0\0" * magic + content
    file = tmp_path_factory.getbasetemp() / ("any.gz" if zipped else "any")
    file.write_bytes(gzip.compress(content) if zipped and magic else content)
    with suppress(DataError):
        assert read_idx(file).size > 0


def test_a_config_names_the_folder(tmp_path: Path) -> None:
    made = source("digits", tmp_path)
    assert made.read(folder(tmp_path / "digits")).train is not None


def test_channels_first_in_idx_are_transposed(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (6, 3, 4, 5), dtype=np.uint8)
    write_idx(tmp_path / "train-images-idx4-ubyte", images)
    write_idx(tmp_path / "train-labels-idx1-ubyte", digits(6)[1])
    data = open_dataset(source(str(tmp_path)), "classes", 1, "float32")
    np.testing.assert_array_equal(data.train.inputs, (np.moveaxis(images, 1, -1) / 255).astype("f4"))
    assert "samples of 3×4×5 look like channels first and are transposed to 4×5×3" in data.notes[0]
    write_idx(tmp_path / "new", np.moveaxis(images, 1, -1))
    stream = data.source.stream(tmp_path / "new", data.preprocessing, "float32")
    assert "channels last, in training they were first" in stream.notes[0]
    assert next(stream.blocks).inputs.tobytes() == data.train.inputs.tobytes()
