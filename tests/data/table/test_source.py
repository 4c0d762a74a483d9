"""What a config says of a table, as its source has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.features import Features
from nnctl.data.table.settings import CategorySettings, ColumnSettings, NumberSettings
from nnctl.data.table.source import TableSource
from nnctl.data.table.table import Table


class Rows(TableSource):
    """A source without a format of its own, so that it is none of the kinds that configs name."""

    def header(self, path: Path) -> tuple[str, ...]:
        raise NotImplementedError

    def table(
        self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str] | None, lenient: bool = False
    ) -> Table:
        raise NotImplementedError

    def blocks(self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str]) -> Iterator[Table]:
        raise NotImplementedError


def test_everything_but_the_target_has_a_default() -> None:
    made = Rows.model_validate({"source": "/a.csv", "target": "price"})
    assert made.target == ["price"]
    assert made.features == Features()
    assert made.numbers == NumberSettings()
    assert made.categories == CategorySettings()
    assert made.columns == {}
    assert made.id is made.target_transform is None


def test_shorthands() -> None:
    made = Rows.model_validate(
        {
            "source": "/a.csv",
            "target": ["a", "b"],
            "features": ["x_*"],
            "columns": {"x_1": "category", "x_2": {"type": "date", "format": "%Y"}},
            "target_transform": "log",
        }
    )
    assert made.features == Features(include=["x_*"])
    assert made.columns == {"x_1": ColumnSettings(type="category"), "x_2": ColumnSettings(type="date", format="%Y")}
    assert made.target_transform == ["log"]
    assert Rows.model_validate(made.model_dump(mode="json")) == made


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"target": ""}, ("target", 0)),
        ({"features": 3}, ("features",)),
        ({"id": ""}, ("id",)),
        ({"numbers": {"scale": "max"}}, ("numbers", "scale")),
        ({"categories": {"rare": 0}}, ("categories", "rare")),
        ({"columns": {"a": "word"}}, ("columns", "a", "type")),
        ({"columns": {"a": {"clip": 2.0}}}, ("columns", "a", "clip")),
        ({"target_transform": ["standard", "log"]}, ("target_transform",)),
    ],
)
def test_mistakes_name_their_key(value: dict[str, Any], place: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        Rows.model_validate({"source": "/a.csv", "target": "y", **value})
    assert {error["loc"][: len(place)] for error in caught.value.errors()} == {place}
