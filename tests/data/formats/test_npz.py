"""NPZ and NPY files: what is read, and what is refused before memory is taken or code could run."""

from __future__ import annotations

import io
import os
import struct
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.arrays.names import ArrayNames
from nnctl.data.arrays.npy import read_npy
from nnctl.data.formats.npz import NPZ
from nnctl.errors import DataError
from tests.support.sources import refusal

X, Y = np.arange(12.0).reshape(4, 3), np.array([0, 1, 0, 1])


def npy(array: Any, **settings: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, **settings)
    return file.getvalue()


def header(shape: str, descr: str = "'<f8'", version: bytes = b"\1\0") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY" + version + struct.pack("<H" if version == b"\1\0" else "<I", len(text)) + text


def archive(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_train_and_test(tmp_path: Path, save: Any) -> None:
    file = tmp_path / "a.npz"
    save(file, x=X.astype(">f4"), y=Y, x_test=np.asfortranarray(X[:2]), y_test=np.array(["a", "b"]))
    contents = NPZ(source=str(file)).read(file)
    assert contents.train is not None
    assert contents.test is not None
    assert contents.train.inputs.dtype == np.float32
    np.testing.assert_array_equal(contents.train.inputs, X)
    np.testing.assert_array_equal(contents.train.targets, Y)
    np.testing.assert_array_equal(contents.test.inputs, X[:2])
    assert contents.test.targets.tolist() == ["a", "b"]
    assert contents.test.inputs.flags.c_contiguous


def test_given_names(tmp_path: Path) -> None:
    file = tmp_path / "a.npz"
    np.savez(file, images=X, y=Y)
    contents = NPZ(source="x", arrays=ArrayNames(x="images")).read(file)
    assert contents.train is not None
    np.testing.assert_array_equal(contents.train.inputs, X)
    np.savez(tmp_path / "b.npz", photos=X, y=Y)
    with pytest.raises(DataError, match="has no array x; it has photos, y"):
        NPZ(source="x").read(tmp_path / "b.npz")
    with pytest.raises(DataError, match="did you mean images"):
        NPZ(source=str(file), arrays=ArrayNames(x="imagse")).read(file)
    with pytest.raises(DataError, match="has no array later"):
        NPZ(source=str(file), arrays=ArrayNames(x="images", x_test="later")).read(file)


def test_a_pair_of_npy_files(tmp_path: Path) -> None:
    x, y = tmp_path / "x.npy", tmp_path / "y.npy"
    np.save(x, X[:, 0])
    np.save(y, Y)
    contents = NPZ(source=str(x), targets=str(y)).read(x)
    assert contents.train is not None
    assert contents.train.inputs.shape == (4, 1)
    assert contents.files == (x, y)
    with pytest.raises(DataError, match="set `targets`"):
        NPZ(source=str(x)).read(x)
    with pytest.raises(DataError, match="the file of its targets is not known"):
        NPZ(source="other.npy", targets=str(y)).read(x)


class Trap:
    """Unpickled, it would leave a folder behind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.folder),)


def test_pickles_are_refused_and_not_run(tmp_path: Path) -> None:
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    file = tmp_path / "a.npz"
    np.savez(file, x=trap, y=Y[:1])
    np.save(tmp_path / "x.npy", trap)
    for read in (lambda: NPZ(source="x").read(file), lambda: read_npy(tmp_path / "x.npy")):
        with pytest.raises(DataError, match="pickles"):
            read()
    assert not (tmp_path / "sprung").exists()


def test_inputs_and_targets_must_be_equally_many(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=X, y=Y[:3])
    with pytest.raises(DataError, match="x has 4 samples, y has 3"):
        NPZ(source="x").read(tmp_path / "a.npz")


RECORDS = np.array([(1, 2.5), (3, 4.5)], dtype=[("a", "i4"), ("b", "f8")])


@pytest.mark.parametrize(
    ("array", "numbers"),
    [
        (RECORDS, [[1, 2.5], [3, 4.5]]),
        (np.array([1 + 2j, 3]), [[1, 2], [3, 0]]),
        (np.arange(2).astype("M8[D]"), [0, 1]),
        (np.arange(2).astype(np.longdouble), [0, 1]),
    ],
)
def test_the_remedy_for_what_is_no_array_of_numbers_makes_one(tmp_path: Path, array: Any, numbers: Any) -> None:
    np.savez(tmp_path / "a.npz", x=array, y=Y[:2])
    with pytest.raises(DataError) as caught:
        NPZ(source="x").read(tmp_path / "a.npz")
    remedy = caught.value.problems[0].help.removeprefix("save numbers: ")
    assert eval(remedy, {"numpy": np, "array": array}).tolist() == numbers


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (npy(np.float64(1)), npy(Y), "expected x to be an array with a row a sample, got a single number"),
        (npy(np.array(["a"] * 4)), npy(Y), "x holds text, inputs are numbers"),
        (npy(np.array([b"a"] * 4)), npy(Y), "x holds text, inputs are numbers"),
        (npy(X), npy(np.array([b"caf\xe9"] * 4)), "y: holds bytes that are not UTF-8 text"),
        (npy(X), npy(Y[0]), "expected y to be an array with a row a sample, got a single number"),
        (npy(X), npy(Y[:1]), "if x is a single sample, save array[np.newaxis]"),
        (npy(X), npy(np.zeros((4, 1, 1, 1))), "y has 4 axes"),
        (npy(X.astype(complex)), npy(Y), "type complex128"),
        (npy(X.astype("M8[s]")), npy(Y), "numbers were expected"),
        (npy(np.zeros(4, dtype=[("a", "f4")])), npy(Y), "numbers were expected"),
        (npy(X.astype(np.longdouble)), npy(Y), "numbers were expected"),
        (npy(X[:0]), npy(Y[:0]), "holds no samples"),
        (npy(X)[:-1], npy(Y), "x: shape (4, 3) takes 96 bytes, the file has 95"),
        (npy(X) + b"\0", npy(Y), "x: shape (4, 3) takes 96 bytes, the file has 97"),
        (b"", npy(Y), "is not an NPY array"),
        (b"\x93NUMPY\3\0", npy(Y), "is not an NPY array of format 1.0 or 2.0"),
        (header("(-2, -6)") + bytes(96), npy(Y), "has the shape (-2, -6)"),
        (header("(1,) * 9"), npy(Y), "has a header that cannot be read"),
        (header(repr((1,) * 70)) + bytes(8), npy(Y), "axes"),
        (header("(" * 5000), npy(Y), "has a header that cannot be read"),
        (header("(4,)", "'<U1'") + b"\xff" * 16, npy(Y), "not Unicode"),
        (header("(4,)", "'<U0'"), npy(Y), "numbers were expected"),
        (header("(2, 2)", "('<f8', (3,))"), npy(Y), "x"),
    ],
)
@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_unfit_arrays(tmp_path: Path, x: bytes, y: bytes, message: str, compression: int) -> None:
    with pytest.raises(DataError) as caught:
        NPZ(source="x").read(archive(tmp_path / "a.npz", {"x": x, "y": y}, compression))
    assert message in refusal(caught)


def refused_within(path: Path, message: str, megabytes: float) -> None:
    tracemalloc.start()
    with pytest.raises(DataError, match=message):
        NPZ(source="x").read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < megabytes * 1e6


def test_bombs_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    shape = "(1000000000, 1000000)"
    refused_within(archive(tmp_path / "a.npz", {"x": header(shape), "y": npy(Y)}), "of memory", 1)
    refused_within(archive(tmp_path / "b.npz", {"x": header("(10**9,)"), "y": npy(Y)}), "cannot be read", 1)
    zeros = archive(tmp_path / "c.npz", {"x": npy(X[:1]) + bytes(50_000_000), "y": npy(Y)})
    refused_within(zeros, "the file has 50,000,024", 1)
    long_header = b"\x93NUMPY\2\0" + struct.pack("<I", 50_000_000) + b" " * 50_000_000
    refused_within(archive(tmp_path / "d.npz", {"x": long_header, "y": npy(Y)}), "header of 50,000,000 bytes", 1)


def test_a_member_larger_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.files.memory_limit", lambda: 1 << 20)
    with pytest.raises(DataError, match="would take"):
        NPZ(source="x").read(archive(tmp_path / "a.npz", {"x": npy(np.zeros((4, 40_000))), "y": npy(Y)}))


def test_flipped_bytes_are_found(tmp_path: Path) -> None:
    file = archive(tmp_path / "a.npz", {"x": npy(X), "y": npy(Y)}, zipfile.ZIP_STORED)
    content = bytearray(file.read_bytes())
    content[200] ^= 1  # among the elements of x
    file.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        NPZ(source="x").read(file)


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_any_bytes_are_arrays_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    file = archive(tmp_path_factory.getbasetemp() / "any.npz", {"x": npy(X), "y": npy(Y)}, zipfile.ZIP_STORED)
    content = bytearray(file.read_bytes())
    for position, byte in data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)))):
        content[position] = byte
    file.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    plain = file.with_suffix(".npy")
    plain.write_bytes(data.draw(st.binary(min_size=1, max_size=40)))
    for read in (lambda: NPZ(source="x").read(file), lambda: read_npy(plain)):
        with suppress(DataError):
            read()
