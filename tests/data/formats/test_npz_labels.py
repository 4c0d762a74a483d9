"""Labels as NumPy may keep them: words as text or bytes, whole floats, truth values, any byte order, any strides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnctl.data.dataset import Dataset, open_dataset
from nnctl.errors import DataError
from nnctl.targets import Targets
from tests.support.sources import refusal, source

WORDS = ["cat", "dog", "cat", "Ünïcødé", "dog", "cat"]


def opened(path: Path, x: Any, y: Any, targets: Targets = "classes") -> Dataset:
    np.savez(path / "a.npz", x=x, y=y)
    return open_dataset(source(str(path / "a.npz")), targets, 1, "float64")


def inputs(count: int) -> np.ndarray[Any, Any]:
    return np.arange(count * 3.0).reshape(count, 3)


@pytest.mark.parametrize(
    "labels",
    [
        np.array(WORDS),
        np.array(WORDS).astype(">U9"),
        np.array([word.encode() for word in WORDS]),
        np.array([word.encode() for word in WORDS], dtype="S40"),
        np.array([[word] for word in WORDS]),
        np.asfortranarray(np.array([[word] for word in WORDS])),
        np.array([word for word in WORDS for _ in range(2)])[::2],
        np.array(WORDS, dtype=object).astype(str),  # the remedy for words that are objects
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_words(tmp_path: Path, labels: np.ndarray[Any, Any]) -> None:
    data = opened(tmp_path, inputs(6), labels)
    assert data.classes == ("cat", "dog", "Ünïcødé")
    assert data.train.targets.tolist() == [0, 1, 0, 2, 1, 0]


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["a", "b", "a"], dtype=object),
        np.array([1, "b", None], dtype=object),
        np.array([{"label": 1}, 2, 3], dtype=object),
    ],
)
def test_objects_are_refused_with_what_to_save(tmp_path: Path, labels: Any) -> None:
    with pytest.raises(DataError) as caught:
        opened(tmp_path, inputs(3), labels)
    message = refusal(caught)
    assert "y: holds Python objects: they are pickles, which could run code when read" in message
    assert "save words with array.astype(str), numbers with array.astype(float)" in message


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    labels = np.array([b"caf\xe9", b"bar", b"bar"])
    with pytest.raises(DataError) as caught:
        opened(tmp_path, inputs(3), labels)
    message = refusal(caught)
    assert "y: holds bytes that are not UTF-8 text" in message
    assert "numpy.char.decode(array, 'latin-1')" in message
    assert opened(tmp_path, inputs(3), np.char.decode(labels, "latin-1")).classes == ("bar", "café")


DTYPES = ["?", "u1", "<u2", ">u4", "<i8", ">i2", "<f2", ">f4", "<f8", ">f8", "i1"]


def strided(array: np.ndarray[Any, Any], how: str) -> np.ndarray[Any, Any]:
    """The same array, kept in memory in another way."""
    if how == "fortran":
        return np.asfortranarray(array)
    if how == "every second":
        wide = np.repeat(array, 2, axis=0)
        return wide[::2]
    return array[::-1].copy()[::-1] if how == "reversed" else array


@settings(max_examples=25)
@given(
    labels=hnp.arrays(np.int64, st.integers(4, 12), elements=st.integers(0, 1)).filter(lambda a: 0 < a.sum() < len(a)),
    dtype=st.sampled_from(DTYPES),
    how=st.sampled_from(["plain", "fortran", "every second", "reversed"]),
    column=st.booleans(),
    targets=st.sampled_from(["classes", "binary", "values"]),
)
def test_the_same_numbers_are_the_same_targets(
    tmp_path_factory: pytest.TempPathFactory,
    labels: np.ndarray[Any, Any],
    dtype: str,
    how: str,
    column: bool,
    targets: Targets,
) -> None:
    kept = strided((labels[:, np.newaxis] if column else labels).astype(dtype), how)
    data = opened(tmp_path_factory.getbasetemp(), inputs(len(labels)), kept, targets)
    assert data.train.targets.reshape(-1).tolist() == labels.tolist()
    assert data.classes == (("0", "1") if targets == "classes" else ())


@settings(max_examples=25)
@given(
    values=hnp.arrays(np.int16, hnp.array_shapes(min_dims=2, max_dims=4, min_side=2, max_side=5)),
    dtype=st.sampled_from(["<i2", ">i2", ">i4", "<f4", ">f4", "<f8", ">f8", "<i8", ">i8"]),
    how=st.sampled_from(["plain", "fortran", "every second", "reversed"]),
)
def test_the_same_numbers_are_the_same_inputs(
    tmp_path_factory: pytest.TempPathFactory, values: np.ndarray[Any, Any], dtype: str, how: str
) -> None:
    folder, labels = tmp_path_factory.getbasetemp(), np.arange(len(values)) % 2
    data = opened(folder, strided(values.astype(dtype), how), labels)
    plain = opened(folder, values.astype("<f8"), labels)
    assert data.train.inputs.tobytes() == plain.train.inputs.tobytes()
    np.save(folder / "new.npy", strided(values.astype(dtype), how))
    blocks = list(data.source.stream(folder / "new.npy", data.preprocessing, "float64").blocks)
    assert b"".join(block.inputs.tobytes() for block in blocks) == plain.train.inputs.tobytes()
