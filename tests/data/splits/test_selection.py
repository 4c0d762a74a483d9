"""Which rows make up each split: by a fraction, by what a column says, by file, by fold."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.dataset import open_dataset
from nnctl.data.scaling import Scaling
from nnctl.data.splits.selection import Split
from nnctl.data.splits.split import Fold, fold_off
from nnctl.errors import DataError
from nnctl.targets import Targets
from tests.support.sources import refusal, source

ROWS = 12


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Twelve rows that are numbered, of the years 2001 … 2006 in no order, in three towns."""
    years = [2003, 2001, 2006, 2002, 2005, 2004, 2001, 2006, 2002, 2003, 2004, 2005]
    lines = [f"{n},{year},{year}-07-01,{'abc'[n % 3]},{n % 2}" for n, year in enumerate(years)]
    (tmp_path / "t.csv").write_text("\n".join(["row,year,day,town,y", *lines]) + "\n")
    return tmp_path


def chosen(folder: Path, targets: Targets = "values", seed: int = 1, **keys: Any) -> dict[str, list[int]]:
    """The numbers of the rows in each split."""
    value = {"source": "t.csv", "target": "y", "features": ["row", "town"], "numbers": {"scale": "none"}, **keys}
    data = open_dataset(source(value, folder), targets, seed, "float32")
    return {name: split.inputs[:, 0].astype(int).tolist() for name, split in data.splits().items()}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"column": "year", "equals": 2006}, [2, 7]),
        ({"column": "year", "from": 2005}, [2, 4, 7, 11]),
        ({"column": "year", "last": 0.25}, [2, 4, 7, 11]),  # rows of one year stay together
        ({"column": "day", "from": "2005-07-01"}, [2, 4, 7, 11]),
        ({"column": "day", "equals": "2001-07-01"}, [1, 6]),
        ({"column": "town", "equals": "b"}, [1, 4, 7, 10]),
    ],
)
@pytest.mark.parametrize("part", ["test", "validation"])
def test_rows_by_what_a_column_says(rows: Path, rule: dict[str, Any], expected: list[int], part: str) -> None:
    splits = chosen(rows, **{part: rule}, features=["row"])
    assert splits == {"train": [row for row in range(ROWS) if row not in expected], part: expected}


def test_test_rows_are_set_aside_first(rows: Path) -> None:
    splits = chosen(rows, test={"column": "year", "last": 0.1}, validation={"column": "year", "last": 0.2})
    assert splits["test"] == [2, 7]
    assert splits["validation"] == [4, 11]  # the last years of those that are left
    splits = chosen(rows, test={"column": "town", "equals": "a"}, validation=0.25)
    assert splits["test"] == [0, 3, 6, 9]
    assert len(splits["validation"]) == 2
    assert sorted(chain.from_iterable(splits.values())) == list(range(ROWS))


def test_what_decides_is_no_input(rows: Path) -> None:
    value = {"source": "t.csv", "target": "y", "test": {"column": "year", "from": 2006}}
    data = open_dataset(source(value, rows), "values", 1, "float32")
    names = data.preprocessing.output_names
    assert names == ("row", "day", "day weekday sin", "day weekday cos", "town = a", "town = b", "town = c")


def test_splits_by_file(rows: Path) -> None:
    (rows / "v.csv").write_text("y,town,row\n1,b,20\n0,c,21\n")  # without the columns that nobody needs
    (rows / "w.csv").write_text("row,town,y\n30,d,1\n")
    splits = chosen(rows, validation="v.csv", test="w.csv")
    assert splits == {"train": list(range(ROWS)), "validation": [20, 21], "test": [30]}
    mixed = chosen(rows, validation="v.csv", test={"column": "year", "equals": 2006})
    assert mixed == {
        "train": [row for row in range(ROWS) if row not in (2, 7)],
        "validation": [20, 21],
        "test": [2, 7],
    }


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"test": {"column": "year", "from": 2001}}, "data.test: takes all of the 12 rows by column year"),
        ({"validation": {"column": "year", "equals": 1999}}, "the column has numbers from 2001 to 2006"),
        (
            {"test": {"column": "town", "equals": "d"}},
            "data.test.equals: 'd' is not a value of column town; it has a, b, c",
        ),
        ({"test": {"column": "town", "last": 0.1}}, "expected a column of the type number or date"),
        ({"test": {"column": "twon", "equals": "a"}}, "has no column twon"),
    ],
)
def test_rules_that_do_not_fit(rows: Path, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        chosen(rows, **keys)
    assert message in refusal(caught)


def test_arrays_have_no_columns(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.eye(4), y=[0, 1, 0, 1])
    value = {"source": "a.npz", "test": {"column": "year", "from": 2001}}
    with pytest.raises(DataError, match=r"names the column year, and .*a\.npz has no columns"):
        open_dataset(source(value, tmp_path), "classes", 1, "float32")


def test_every_fold_is_the_test_part_once(rows: Path) -> None:
    found = [chosen(rows, fold={"number": number, "folds": 5}, validation=0.2) for number in range(1, 6)]
    assert sorted(row for splits in found for row in splits["test"]) == list(range(ROWS))
    for splits in found:
        assert sorted(chain.from_iterable(splits.values())) == list(range(ROWS))
        assert len(splits["test"]) in (2, 3)
        assert len(splits["validation"]) == 2
    other = [chosen(rows, seed=2, fold={"number": number, "folds": 5}) for number in range(1, 6)]
    assert [splits["test"] for splits in other] != [splits["test"] for splits in found]


@settings(deadline=None)
@given(
    labels=st.lists(st.integers(0, 3), min_size=2, max_size=100),
    folds=st.integers(2, 10),
    seed=st.integers(0, 2**64 - 1),
    stratified=st.booleans(),
)
def test_folds_are_even_and_so_are_their_classes(labels: list[int], folds: int, seed: int, stratified: bool) -> None:
    folds = min(folds, len(labels))
    own, rows = np.array(labels, np.int64), np.arange(len(labels))
    taken = []
    for number in range(1, folds + 1):
        kept, chosen = fold_off(rows, Fold(number=number, folds=folds), own if stratified else None, seed)
        assert sorted([*kept, *chosen]) == rows.tolist()
        taken.append(chosen)
    assert sorted(np.concatenate(taken)) == rows.tolist()
    sizes = [len(chosen) for chosen in taken]
    assert max(sizes) - min(sizes) <= 1
    if stratified:
        counts = np.array([np.bincount(own[chosen], minlength=4) for chosen in taken])
        assert (np.ptp(counts, axis=0) <= 1).all()


def test_more_folds_than_rows() -> None:
    with pytest.raises(DataError, match="7 folds of 6 samples: some would be empty"):
        fold_off(np.arange(6), Fold(number=1, folds=7), None, 1)


@pytest.mark.parametrize("is_bytes", [False, True])
def test_some_samples_of_a_split(is_bytes: bool) -> None:
    """Also of some: they have their own inputs, targets, lengths and weights, wherever the inputs lie."""
    draw = np.random.default_rng(4)
    inputs = draw.integers(0, 256, (9, 4, 2), dtype=np.uint8)
    scaling, rows = (Scaling("float32", 255.0), np.array([1, 2, 4, 5, 8])) if is_bytes else (None, None)
    count = 5 if is_bytes else 9
    split = Split(
        inputs if is_bytes else inputs.astype(np.float32),
        *(draw.integers(0, 3, count), draw.integers(1, 5, count), scaling),
        weights=draw.random(count),
        rows=rows,
    )
    chosen = np.array([4, 0, 3])
    for some, own in ((split.take(chosen), chosen), (split.take(chosen).take(np.array([2])), chosen[[2]])):
        assert len(some) == len(own)
        np.testing.assert_array_equal(some.scaled(np.arange(len(own))), split.scaled(own))
        for name in ("targets", "lengths", "weights"):
            np.testing.assert_array_equal(getattr(some, name), getattr(split, name)[own])
