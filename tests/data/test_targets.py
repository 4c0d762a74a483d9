"""Targets: classes by number and by name, zeros and ones, values; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.data.source import Samples
from nnctl.data.targets import encode, find_classes
from nnctl.errors import DataError
from nnctl.targets import Targets
from tests.support.sources import refusal


def samples(targets: Any, names: tuple[str, ...] = (), lines: Any = None) -> Samples:
    array = np.array(targets)
    return Samples(np.zeros((len(array), 1)), array, "t", target_names=names, lines=lines)


def test_numbers_are_sorted_as_numbers() -> None:
    part = samples([10.0, 2.0, -1.0, 10.0])
    assert find_classes([part]) == ("-1", "2", "10")
    encoded = encode(part, "classes", ("-1", "2", "10"))
    assert encoded.tolist() == [2, 1, 0, 2]
    assert encoded.dtype == np.int64


@pytest.mark.parametrize("dtype", ["u1", "i8", "u8", "f2", "f4", "f8", "?"])
def test_every_number_type(dtype: str) -> None:
    part = samples(np.array([[1], [0], [1]], dtype))
    assert find_classes([part]) == ("0", "1")
    assert encode(part, "classes", ("0", "1")).tolist() == [1, 0, 1]


def test_text_and_numbers_meet_as_text() -> None:
    parts = [samples(["b", "a"]), samples([3.0])]
    assert find_classes(parts) == ("3", "a", "b")
    assert encode(parts[1], "classes", ("3", "a", "b")).tolist() == [0]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        (samples([0, 1.5]), "sample 2: the label is 1.5, classes are whole numbers or text"),
        (samples([0, np.nan]), "the label is nan"),
        (samples([0, np.inf]), "the label is inf"),
        (samples([0, 1e300]), "the label is 1e+300"),
        (samples(np.array([0, 2**64 - 1], dtype=np.uint64)), "sample 2"),
        (samples([0, 1.5], ("y",), np.array([2, 7])), "t:7: column y: the label is 1.5"),
        (samples([1, 1]), "has one class only, 1, in all 2 samples"),
        (samples([[1, 0], [0, 1]]), "has 2 targets a sample, a class is one"),
        (samples(["a", "b\x1b[2J"]), "unprintable"),
        (samples(["a", ""]), "sample 2: the label '' is empty"),
        (samples(["a", "b" * 201]), "too long"),
    ],
)
def test_unfit_classes(part: Samples, message: str) -> None:
    with pytest.raises(DataError) as caught:
        find_classes([part])
    assert message in refusal(caught)


def test_an_unknown_class_is_refused_with_its_row() -> None:
    with pytest.raises(DataError) as caught:
        encode(samples(["cat", "dgo"]), "classes", ("cat", "dog"))
    assert "sample 2: the class dgo is not among the 2 known ones: cat, dog" in refusal(caught)
    assert "did you mean dog?" in refusal(caught)


@pytest.mark.parametrize("targets", ["binary", "values"])
def test_columns_stay_columns(targets: Targets) -> None:
    assert encode(samples([0, 1]), targets, ()).tolist() == [[0], [1]]
    assert encode(samples([[0, 1], [1, 1]]), targets, ()).dtype == np.float64


@pytest.mark.parametrize(
    ("targets", "values", "message"),
    [
        ("binary", [0, 0.5], "sample 2: expected a target of 0 or 1, got 0.5"),
        ("binary", [0, np.nan], "expected a target of 0 or 1, got nan"),
        ("values", [0, np.inf], "expected a target that is finite, got inf"),
        ("values", ["1", "abc"], "sample 2: the target 'abc' is not a number"),
        ("values", ["1_000", "2"], "sample 1: the target '1_000' is not a number"),
    ],
)
def test_unfit_values(targets: Targets, values: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        encode(samples(values), targets, ())
    assert message in refusal(caught)
