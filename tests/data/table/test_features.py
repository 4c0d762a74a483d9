"""Which columns are inputs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from nnctl.data.table.features import Features, FeaturesOrList, feature_names
from nnctl.errors import DataError
from tests.support.sources import refusal

HEADER = ("id", "area", "rooms", "owner_id", "price")


def chosen(value: Any) -> tuple[str, ...]:
    features: Features = TypeAdapter(FeaturesOrList).validate_python(value)
    return feature_names(features, HEADER, ("price", "id"), "a.csv")


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({}, ("area", "rooms", "owner_id")),
        ({"exclude": ["*_id"]}, ("area", "rooms")),
        ({"include": ["rooms", "area"]}, ("area", "rooms")),
        (["r*"], ("rooms",)),
        ("rooms", ("rooms",)),
        ({"include": ["*"], "exclude": ["area"]}, ("rooms", "owner_id")),
    ],
)
def test_targets_and_the_id_are_no_inputs(value: Any, names: tuple[str, ...]) -> None:
    assert chosen(value) == names


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (["aera"], "data.features.include: aera is not a column of a.csv, and matches none"),
        (["aera"], "did you mean area?"),
        ({"exclude": ["x_*"]}, "data.features.exclude: x_* is not a column"),
        ({"exclude": ["*"]}, "data.features: leaves no column of a.csv for the inputs"),
        (["price"], "leaves no column"),
    ],
)
def test_refusals(value: Any, message: str) -> None:
    with pytest.raises(DataError) as caught:
        chosen(value)
    assert message in refusal(caught)


@pytest.mark.parametrize("value", [3, [], [""], {"include": []}, {"only": ["a"]}])
def test_what_names_no_columns(value: Any) -> None:
    with pytest.raises(ValidationError):
        chosen(value)
