"""Targets: classes by number and by name, zeros and ones, values; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.data.source import Samples
from nnctl.data.targets import class_counts, coding_notes, encode, find_classes, steps_of
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


BINARY_SPELLINGS = [
    [0, 1, 1],
    [0.0, 1.0, 1.0],
    [False, True, True],
    [-1, 1, 1],
    [-1.0, 1.0, 1.0],
    ["-1", "1", "+1"],
    ["0", "1", "1.0"],
    ["no", "yes", "Yes"],
    ["N", "Y", "Y"],
    ["FALSE", "true", "True"],
    ["f", "t", "T"],
    ["off", "on", "ON"],
]


@pytest.mark.parametrize("values", BINARY_SPELLINGS)
def test_zeros_and_ones_in_every_spelling(values: list[Any]) -> None:
    assert encode(samples(values), "binary", ()).tolist() == [[0], [1], [1]]


def test_words_of_a_table_are_zeros_and_ones() -> None:
    part = Samples(np.zeros((3, 1)), np.array([1, 0, 0]), "t", ("y",), labels=("Yes", "No"))
    assert encode(part, "binary", ()).tolist() == [[0], [1], [1]]


def test_minus_one_is_told_by_column() -> None:
    part = samples([[-1, 0], [1, 1]], ("a", "b"))
    assert encode(part, "binary", ()).tolist() == [[0, 0], [1, 1]]
    assert coding_notes(part, "binary") == ("column a: -1 and 1 are taken for 0 and 1",)
    assert coding_notes(part, "values") == coding_notes(samples([0, 1]), "binary") == ()
    assert coding_notes(samples([-1, -1]), "binary") == ("-1 and 1 are taken for 0 and 1",)
    assert encode(samples([1, 1]), "binary", ()).tolist() == [[1], [1]]  # as after both


@pytest.mark.parametrize(
    ("values", "what", "help"),
    [
        ([-1, 0, 1], "sample 1: expected a target of 0 or 1, got -1", "loss cross_entropy, where the last layer has 3"),
        ([1, 2, 2], "got 2", "write 0 and 1 for 1 and 2, or use the loss cross_entropy, where the last layer has 2"),
        ([0, 1, 2, 3], "got 2", "use the loss cross_entropy, where the last layer has 4 outputs"),
        ([0, 0.25, 1], "got 0.25", "use a loss like mse, which is for numbers"),
        (list(range(500)), "got 2", "use a loss like mse"),
        (["male", "female"], "the target 'male' is not a number", "cross_entropy, where the last layer has 2 outputs"),
        (["a", "b", "c"], "the target 'a' is not a number", "cross_entropy, where the last layer has 3 outputs"),
        (["yes", "no", "maybe"], "the target 'maybe' is not a number", "use the loss cross_entropy"),
    ],
)
def test_the_help_names_the_loss_that_fits(values: list[Any], what: str, help: str) -> None:
    with pytest.raises(DataError) as caught:
        encode(samples(values), "binary", ())
    assert what in refusal(caught)
    assert help in refusal(caught)


@pytest.mark.parametrize(
    ("first", "other"),
    [
        (["no", "yes"], ["N", "Y"]),
        (["N", "Y"], ["false", "TRUE"]),
        (["0", "1"], ["0.0", "1.0"]),
        (["-1", "7"], ["-1.0", "7.00"]),
        (["False", "True"], ["f", "t"]),
    ],
)
def test_classes_may_be_written_otherwise_in_other_files(first: list[str], other: list[str]) -> None:
    classes = find_classes([samples(first), samples(other)])
    assert classes == find_classes([samples(first)]) == tuple(sorted(first))
    assert encode(samples(other), "classes", classes).tolist() == [0, 1]
    assert encode(samples(other[1:]), "classes", classes).tolist() == [1]


def test_letters_that_also_mean_yes_and_no_stay_classes() -> None:
    letters = ["F", "N", "T", "Y", "A"]
    assert find_classes([samples(letters), samples(["N", "Y"])]) == tuple(sorted(letters))
    with pytest.raises(DataError):
        encode(samples(["yes"]), "classes", tuple(sorted(letters)))
    assert find_classes([samples(["01", "1"])]) == ("01", "1")


@pytest.mark.parametrize("label", ["a\nb", "\x1b[2J", "b" * 201])
def test_labels_of_a_table_that_cannot_name_a_class(label: str) -> None:
    part = Samples(np.zeros((2, 1)), np.array([0, 1]), "t", ("y",), np.array([2, 3]), ("a", label))
    with pytest.raises(DataError) as caught:
        find_classes([part])
    assert "t:3: the label " in refusal(caught)
    assert "name the class in a word or two" in refusal(caught)


def sequences(targets: Any, lengths: Any = None, steps: int = 3) -> Samples:
    array = np.array(targets)
    return Samples(np.zeros((len(array), steps, 2)), array, "t", steps=steps, lengths=lengths)


def test_classes_one_a_step() -> None:
    """What lies beyond a length is no class, whatever is there."""
    part = sequences([[5, 7, -1], [9, -1, -1]], np.array([2, 1]))
    assert find_classes([part]) == ("5", "7", "9")
    encoded = encode(part, "classes", ("5", "7", "9"))
    assert encoded.tolist() == [[0, 1, -1], [2, -1, -1]]
    assert encoded.dtype == np.int8
    assert class_counts(encoded, 3).tolist() == [1, 1, 1]
    assert encode(sequences([["a", "b", "a"]]), "classes", ("a", "b")).tolist() == [[0, 1, 0]]


def test_values_one_a_step() -> None:
    part = sequences([[[1.0, 2.0], [np.nan, 4.0]], [[5.0, 6.0], [7.0, 8.0]]], np.array([1, 2]), steps=2)
    encoded = encode(part, "values", ())
    np.testing.assert_array_equal(encoded, [[[1, 2], [np.nan, np.nan]], [[5, 6], [7, 8]]])
    signed = sequences([[-1, 1, 9], [1, -1, 1]], np.array([2, 3]))
    np.testing.assert_array_equal(encode(signed, "binary", ()), [[[0], [1], [np.nan]], [[1], [0], [1]]])
    assert coding_notes(signed, "binary") == ("-1 and 1 are taken for 0 and 1",)


def test_which_targets_are_one_a_step() -> None:
    row, lengths = [[0, 1, 0], [1, 1, 1]], np.array([3, 2])
    assert [steps_of(sequences(row), targets) for targets in ("classes", "values", "binary")] == [3, 0, 0]
    assert [steps_of(sequences(row, lengths), targets) for targets in ("classes", "values", "binary")] == [3, 3, 3]
    assert steps_of(sequences(row, steps=4), "classes") == 0
    assert steps_of(sequences([[[0]]] * 2, steps=1), "values") == 1


@pytest.mark.parametrize(
    ("targets", "values", "message"),
    [
        ("classes", [[0, 1, 1], [0, 0.5, 9]], "t: sample 2, step 2: the label is 0.5"),
        ("binary", [[0, 1, 1], [0, 5, 9]], "t: sample 2, step 2: expected a target of 0 or 1, got 5"),
        ("classes", [[[0, 1]] * 3] * 2, "has 2 targets a step, a class is one"),
    ],
)
def test_unfit_targets_of_steps(targets: Targets, values: Any, message: str) -> None:
    part = sequences(values, np.array([3, 2]))
    with pytest.raises(DataError) as caught:
        encode(part, targets, find_classes([part]) if targets == "classes" else ())
    assert message in refusal(caught)
