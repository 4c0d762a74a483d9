"""Which arrays of an NPZ file are what, by their names."""

from __future__ import annotations

import pytest

from nnctl.data.arrays.names import (
    AmbiguousNamesError,
    ArrayNames,
    find_inputs,
    find_lengths,
    find_names,
    inputs_among,
    meaning_of,
)

NAMES = ArrayNames()

# the arrays of a file, in the order x, y, x_val, y_val, x_test, y_test
SPELLINGS = [
    "x y",
    "X Y",
    "X y",
    "data labels",
    "data target",
    "images labels",
    "inputs targets",
    "features target",
    "X_train y_train",
    "x y x_val y_val x_test y_test",
    "x_train y_train x_valid y_valid x_test y_test",
    "x_train y_train x_validation y_validation x_test y_test",
    "X_train Y_train X_dev Y_dev X_test Y_test",
    "train_images train_labels val_images val_labels test_images test_labels",
    "train-images train-labels valid-images valid-labels test-images test-labels",
    "trainX trainY valX valY testX testY",
    "xtrain ytrain xval yval xtest ytest",
    "train_x train_y dev_x dev_y test_x test_y",
    "training_data training_targets validation_data validation_targets testing_data testing_targets",
    "features_train target_train features_valid target_valid features_test target_test",
    "image_tr label_tr image_val label_val image_te label_te",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_usual_names(text: str) -> None:
    names = text.split()
    found = find_names([*reversed(names), "classes", "id", "mean"], NAMES)
    assert found == dict(zip(("x", "y", "x_val", "y_val", "x_test", "y_test"), names, strict=False))
    assert [name for name in names if name in inputs_among(names)] == names[::2]


@pytest.mark.parametrize("name", ["arr_0", "train", "mean", "classes", "max", "xyz", "label_names", "test", "", "σ"])
def test_other_names_mean_nothing(name: str) -> None:
    assert meaning_of(name) is None


@pytest.mark.parametrize("name", ["lengths", "lengths_val", "lengths_test", "train_lengths", "test_lengths"])
def test_lengths(name: str) -> None:
    found = find_names(["x", name], NAMES)
    (field,) = set(found) - {"x"}
    assert field.startswith("lengths")
    assert found[field] == name


def test_names_that_are_given_come_first() -> None:
    members = ["x", "y", "images", "labels", "x_train"]
    assert find_names(members, NAMES) == {"x": "x", "y": "y"}
    assert find_names(members, ArrayNames(x="images")) == {"x": "images", "y": "y"}
    assert find_names(["images", "data"], ArrayNames(y="data")) == {"x": "images", "y": "data"}
    assert find_names(["X", "y"], ArrayNames(x="none")) == {"x": "none", "y": "y"}  # so that it is missed
    assert find_names(["X", "y"], ArrayNames(x="none"), is_own=False) == {"x": "X", "y": "y"}


def test_partners_are_spelled_alike() -> None:
    members = ["x_train", "y_train", "labels", "x_val", "val_labels", "y_val"]
    expected = {"x": "x_train", "y": "y_train", "x_val": "x_val", "y_val": "y_val"}
    assert find_names(members, NAMES) == expected


@pytest.mark.parametrize(
    ("members", "field", "names"),
    [
        (["data", "images", "target"], "x", ["data", "images"]),
        (["X", "x_train", "y"], "x", ["X", "x_train"]),
        (["x", "labels", "target"], "y", ["labels", "target"]),
        (["x", "y", "x_valid", "x_dev"], "x_val", ["x_valid", "x_dev"]),
    ],
)
def test_names_that_are_ambiguous(members: list[str], field: str, names: list[str]) -> None:
    with pytest.raises(AmbiguousNamesError) as caught:
        find_names(members, NAMES)
    assert (caught.value.field, caught.value.names) == (field, names)
    chosen = find_names(members, NAMES.model_copy(update={field: names[0]}))
    assert chosen[field] == names[0]


@pytest.mark.parametrize(
    ("members", "names", "expected"),
    [
        (["x", "x_test", "y"], NAMES, "x"),
        (["x", "x_train"], ArrayNames(x="x_train"), "x_train"),
        (["images", "labels"], NAMES, "images"),
        (["X_test", "y_test"], NAMES, "X_test"),
        (["x", "y"], ArrayNames(x="photos"), "x"),
        (["photos"], NAMES, "photos"),
        (["x_train", "x_test", "labels", "target"], NAMES, "x_train"),
        (["x_val", "x_test"], NAMES, None),
        (["data", "images"], NAMES, None),
        (["photos", "more"], NAMES, None),
        ([], NAMES, None),
    ],
)
def test_inputs_alone(members: list[str], names: ArrayNames, expected: str | None) -> None:
    assert find_inputs(members, names) == expected


@pytest.mark.parametrize(
    ("members", "names", "inputs", "expected"),
    [
        (["x", "lengths", "lengths_test"], NAMES, "x", "lengths"),
        (["x_test", "lengths", "lengths_test"], NAMES, "x_test", "lengths_test"),
        (["x_train", "lengths_train"], ArrayNames(x="x_train"), "x_train", "lengths_train"),
        (["x", "lengths"], ArrayNames(x="x_train", lengths="lengths_train"), "x", "lengths"),
        (["x", "steps"], ArrayNames(lengths="steps"), "x", "steps"),
        (["x"], ArrayNames(lengths="steps"), "x", "steps"),  # so that it is missed
        (["photos", "lengths"], NAMES, "photos", "lengths"),
        (["x", "steps"], NAMES, "x", None),
    ],
)
def test_lengths_of_inputs(members: list[str], names: ArrayNames, inputs: str, expected: str | None) -> None:
    assert find_lengths(members, names, inputs) == expected
