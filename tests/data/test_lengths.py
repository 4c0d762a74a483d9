"""Padded sequences: their lengths go with them, and their padding changes nothing, to the bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.data.dataset import Dataset, FittedData, open_dataset, open_samples
from nnctl.data.describe import describe
from nnctl.data.formats.npz import NPZ
from nnctl.data.splits.split import Fold
from nnctl.errors import DataError
from tests.support.sources import refusal, source

N, T, F = 40, 7, 3
LENGTHS = np.random.default_rng(0).integers(1, T + 1, N)
LENGTHS[0] = T
VALID = np.arange(T) < LENGTHS[:, np.newaxis]
Y = np.arange(N) % 2
SHAPES = [(T, F), (T, 1), (T,)]


def sequences(shape: tuple[int, ...], padding: float, steps: int = T) -> np.ndarray[Any, Any]:
    """Samples of the lengths, with this in the padding."""
    x = np.full((N, steps, *shape[1:]), padding)
    values = np.random.default_rng(1).normal(3, 2, (N, *shape))
    x[:, :T][VALID] = values[VALID]
    return x


def opened(folder: Path, content: dict[str, Any], **settings: Any) -> Dataset:
    np.savez(folder / "a.npz", **content)
    return open_dataset(source({"source": str(folder / "a.npz"), **settings}), "classes", 1, "float32")


def refused(folder: Path, content: dict[str, Any], **settings: Any) -> str:
    with pytest.raises(DataError) as caught:
        opened(folder, content, **settings)
    return refusal(caught)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("padding", [1e9, np.nan, -np.inf, -0.0])
def test_padding_changes_nothing_to_the_bit(tmp_path: Path, shape: tuple[int, ...], padding: float) -> None:
    found = []
    for value in (0.0, padding):
        x = sequences(shape, value)
        arrays = {"x": x, "y": Y, "lengths": LENGTHS, "x_test": x, "y_test": Y, "lengths_test": LENGTHS}
        data = opened(tmp_path, arrays, standardize=True, validation=0.2)
        found.append(
            [data.preprocessing, describe(data), *(split.inputs.tobytes() for split in data.splits().values())]
        )
    assert found[0] == found[1]


@pytest.mark.parametrize("width", [1, F])
def test_more_padding_changes_no_statistic_and_no_step(tmp_path: Path, width: int) -> None:
    short, long = (
        opened(
            tmp_path,
            {"x": sequences((T, width), 0, steps), "y": Y, "lengths": LENGTHS},
            standardize=True,
            shuffle=False,
        )
        for steps in (T, T + 5)
    )
    assert short.preprocessing.to_json()["mean"] == long.preprocessing.to_json()["mean"]
    assert short.preprocessing.to_json()["std"] == long.preprocessing.to_json()["std"]
    assert short.train.inputs.tobytes() == long.train.inputs[:, :T].tobytes()
    assert not long.train.inputs[:, T:].any()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_statistics_are_of_the_steps_that_are_there(tmp_path: Path, shape: tuple[int, ...]) -> None:
    x = sequences(shape, np.nan)
    data = opened(tmp_path, {"x": x, "y": Y, "lengths": LENGTHS}, standardize=True)
    axes = (0, 1) if len(shape) == 2 else 0
    expected = np.nan_to_num((x - np.nanmean(x, axis=axes)) / np.nanstd(x, axis=axes))
    np.testing.assert_allclose(data.train.inputs, expected, rtol=1e-5, atol=1e-6)
    assert data.train.inputs[~VALID].tobytes() == bytes(data.train.inputs[~VALID].nbytes)


def test_a_step_that_no_sample_reaches_is_constant(tmp_path: Path) -> None:
    data = opened(tmp_path, {"x": np.full((4, 3), 5.0), "y": [0, 1, 0, 1], "lengths": [2, 1, 2, 2]}, standardize=True)
    assert data.preprocessing.to_json()["mean"] == [5.0, 5.0, 0.0]
    assert data.preprocessing.to_json()["std"] == [1.0, 1.0, 1.0]


def rows_of(data: Dataset, name: str) -> list[tuple[float, int]]:
    split = data.splits()[name]
    assert split.lengths is not None
    assert split.lengths.dtype == np.int64
    assert split.lengths.shape == (len(split),)
    return list(zip(split.inputs[:, 0, 0].tolist(), split.lengths.tolist(), strict=True))


def test_lengths_go_with_their_samples(tmp_path: Path) -> None:
    x = np.zeros((N, T, 1))
    x[:, 0, 0] = np.arange(N)
    arrays = {"x": x, "y": Y, "lengths": LENGTHS.astype(np.uint8)}
    expected = {(float(row), int(length)) for row, length in enumerate(LENGTHS)}
    data = opened(tmp_path, arrays, validation=0.2, test=0.3)
    assert {row for name in data.splits() for row in rows_of(data, name)} == expected
    folds = [opened(tmp_path, arrays, fold=Fold(number=number, folds=4).model_dump()) for number in (1, 2, 3, 4)]
    assert {row for fold in folds for row in rows_of(fold, "test")} == expected
    other = opened(tmp_path, {**arrays, "x_test": x, "y_test": Y, "lengths_test": LENGTHS})
    assert set(rows_of(other, "test")) == expected
    np.savez(tmp_path / "v.npz", x=x[:5], y=Y[:5], lengths=LENGTHS[:5])
    given = opened(tmp_path, arrays, validation=str(tmp_path / "v.npz"))
    assert rows_of(given, "validation") == [(float(row), int(LENGTHS[row])) for row in range(5)]
    fitted = FittedData(data.preprocessing, data.transform, data.classes)
    found, _, _ = open_samples(data.source, tmp_path / "v.npz", "test", "classes", "float32", fitted)
    assert found.lengths is not None
    assert found.lengths.tolist() == LENGTHS[:5].tolist()


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_lengths_may_be_kept_as_floats(tmp_path: Path, dtype: Any) -> None:
    data = opened(tmp_path, {"x": sequences((T, F), np.nan), "y": Y, "lengths": LENGTHS.astype(dtype)})
    assert data.train.lengths is not None
    np.testing.assert_array_equal(data.train.lengths, LENGTHS)


def test_without_lengths_there_are_none(tmp_path: Path) -> None:
    assert opened(tmp_path, {"x": sequences((T, F), 0), "y": Y}).train.lengths is None


def test_arrays_of_other_names(tmp_path: Path) -> None:
    x = sequences((T, F), np.nan)
    data = opened(tmp_path, {"x": x, "y": Y, "steps": LENGTHS}, arrays={"lengths": "steps"})
    assert data.train.lengths is not None
    message = refused(tmp_path, {"x": x, "y": Y, "steps": LENGTHS}, arrays={"lengths": "step"})
    assert "has no array step; it has x, y, steps help: did you mean steps?" in message


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (np.where(np.arange(N) == 4, 0, LENGTHS), "sample 5: the length is 0, expected a whole number from 1 to 7"),
        (np.where(np.arange(N) == 4, 8, LENGTHS), "sample 5: the length is 8, expected a whole number from 1 to 7"),
        (-LENGTHS, "sample 1: the length is -7"),
        (LENGTHS + 0.5, "sample 1: the length is 7.5, expected a whole number from 1 to 7"),
        (np.where(np.arange(N) == 4, np.nan, LENGTHS), "sample 5: the length is nan, expected a whole number"),
        (VALID, "its lengths are of type bool, expected whole numbers help: they are a mask of steps: save mask.sum("),
        (LENGTHS > 3, "its lengths are of type bool"),
        (LENGTHS.astype(str), "its lengths are of type <U21"),
        (LENGTHS[:-1], "its lengths have the shape (39,), expected (40,)"),
        (LENGTHS[:, np.newaxis], "its lengths have the shape (40, 1)"),
        (3, "its lengths have the shape (), expected (40,)"),
    ],
)
def test_lengths_that_are_wrong(tmp_path: Path, lengths: Any, message: str) -> None:
    assert message in refused(tmp_path, {"x": sequences((T, F), 0), "y": Y, "lengths": lengths})
    made = source({"source": str(tmp_path / "a.npz")})
    assert isinstance(made, NPZ)
    np.savez(tmp_path / "b.npz", x=sequences((T, F), 0), y=Y)
    preprocessing = open_dataset(source({"source": str(tmp_path / "b.npz")}), "classes", 1, "float32").preprocessing
    with pytest.raises(DataError) as caught:
        made.stream(tmp_path / "a.npz", preprocessing, "float32")  # type: ignore[arg-type]
    assert message in refusal(caught)


def test_images_have_no_lengths(tmp_path: Path) -> None:
    arrays = {"x": np.zeros((N, 2, T, F)), "y": Y, "lengths": LENGTHS}
    assert "has lengths, and its samples have the shape 2×7×3" in refused(tmp_path, arrays)
    assert opened(tmp_path, arrays, shape=[14, 3]).inputs_shape == (14, 3)


def test_some_samples_with_lengths_and_some_without(tmp_path: Path) -> None:
    x = sequences((T, F), 0)
    arrays = {"x": x, "y": Y, "x_test": x, "y_test": Y}
    assert "its samples have no lengths, those to train on have some" in refused(
        tmp_path, {**arrays, "lengths": LENGTHS}
    )
    assert "have lengths, those to train on have none" in refused(tmp_path, {**arrays, "lengths_test": LENGTHS})


def test_new_samples_come_with_their_lengths(tmp_path: Path) -> None:
    x = sequences((T, F), np.nan)
    data = opened(tmp_path, {"x": x, "y": Y, "lengths": LENGTHS}, standardize=True)
    (block,) = data.source.stream(tmp_path / "a.npz", data.preprocessing, "float32").blocks
    assert block.lengths is not None
    assert block.lengths.tolist() == LENGTHS.tolist()
    assert block.inputs.tobytes() == data.train.inputs.tobytes()


def test_splits_of_other_names_have_their_lengths(tmp_path: Path) -> None:
    x = sequences((T, F), np.nan)
    arrays = {"x_train": x, "y_train": Y, "lengths_train": LENGTHS}
    arrays |= {"val_x": x[:9], "val_y": Y[:9], "val_lengths": LENGTHS[:9]}
    data = opened(tmp_path, arrays)
    assert data.train.lengths is not None
    assert data.validation is not None
    assert data.validation.lengths is not None
    assert data.validation.lengths.tolist() == LENGTHS[:9].tolist()
    np.savez(tmp_path / "new.npz", x=x[:5], lengths=LENGTHS[:5])
    (block,) = data.source.stream(tmp_path / "new.npz", data.preprocessing, "float32").blocks
    assert block.lengths is not None
    assert block.inputs.tobytes() == data.train.inputs[:5].tobytes()


@pytest.mark.parametrize("fill", [1e9, -3.0, np.nan])
def test_padding_is_not_in_the_range(tmp_path: Path, fill: float) -> None:
    data = opened(tmp_path, {"x": sequences((T, F), fill), "y": Y, "lengths": LENGTHS})
    x = sequences((T, F), np.nan)
    assert data.preprocessing.to_json()["seen"] == [np.nanmin(x), np.nanmax(x)]
    np.savez(tmp_path / "new.npz", x=sequences((T, F), fill), lengths=LENGTHS)
    stream = data.source.stream(tmp_path / "new.npz", data.preprocessing, "float32")
    assert len(list(stream.blocks)) == 1
    assert stream.final_notes() == ()
