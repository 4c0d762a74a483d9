"""How a source is written, and which format it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nnctl.data.formats.csv import CSV
from nnctl.data.formats.idx import IDX
from nnctl.data.formats.npz import NPZ
from nnctl.spec import TextFrom
from tests.support.sources import source


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("mnist", IDX),
        ("a.npz", NPZ),
        ("A.NPY", NPZ),
        ({"source": "t.csv", "target": "y"}, CSV),
        ({"source": "t.txt", "format": "csv", "target": ["y", "z"]}, CSV),
    ],
)
def test_the_ending_tells_the_format(value: Any, kind: type) -> None:
    assert type(source(value)) is kind


def test_paths_start_from_the_folder_of_the_config(tmp_path: Path) -> None:
    made = source({"source": "../x.npz", "validation": "v.npz", "test": TextFrom("t.npz", Path.cwd())}, tmp_path)
    assert made.source == str(tmp_path.parent / "x.npz")
    assert made.validation == str(tmp_path / "v.npz")
    assert made.test == str(Path.cwd() / "t.npz")


def test_one_target_is_a_list_of_one() -> None:
    made = source({"source": "t.csv", "target": "y"})
    assert isinstance(made, CSV)
    assert made.target == ["y"]


@pytest.mark.parametrize("value", [True, False, 0, 1, 0.0, 1.0, -0.1, 1.5, float("nan"), float("inf"), [0.1], ""])
def test_a_part_is_a_fraction_or_a_path(value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        source({"source": "mnist", "validation": value})
    (error,) = caught.value.errors()
    assert error["loc"] == ("idx", "validation")  # no labels of a union behind the key
    assert "a fraction between 0 and 1 or a path was expected" in error["msg"]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({}, ("idx", "source")),
        ({"source": ""}, ("idx", "source")),
        ({"source": 3}, ("idx", "source")),
        ({"source": "t.csv"}, ("csv", "target")),
        ({"source": "t.csv", "target": []}, ("csv", "target")),
        ({"source": "m", "shape": []}, ("idx", "shape")),
        ({"source": "m", "shape": [28, 0]}, ("idx", "shape", 1)),
        ({"source": "m", "scale": 0}, ("idx", "scale")),
        ({"source": "m", "target": "y"}, ("idx", "target")),
    ],
)
def test_mistakes_name_their_key(value: Any, place: tuple[Any, ...]) -> None:
    with pytest.raises(ValidationError) as caught:
        source(value)
    assert [error["loc"] for error in caught.value.errors()] == [place]


def test_what_is_no_source_is_refused() -> None:
    for value in (3, None, ["mnist"]):
        with pytest.raises(ValidationError):
            source(value)
