"""How a source is written, and which format it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from nnctl.data.arrays.source import ArraySource
from nnctl.data.arrays.stream import RawInputs
from nnctl.data.formats.csv import CSV
from nnctl.data.formats.idx import IDX
from nnctl.data.formats.npz import NPZ
from nnctl.data.formats.parquet import Parquet
from nnctl.data.reading import source_for
from nnctl.data.source import Contents, find_format
from nnctl.errors import DataError
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


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("digits", IDX),
        ("t10k-images-idx3-ubyte.gz", IDX),
        ("t.csv", CSV),
        ("T.TSV.GZ", CSV),
        ("t.parquet", Parquet),
        ("t.pq", Parquet),
        ("a.npy", NPZ),
        ("folder.npz", NPZ),
        ("empty", None),
        ("notes.txt", None),
        ("none", None),
        ("nul\0", None),
    ],
)
def test_the_format_of_a_file_or_folder(tmp_path: Path, name: str, kind: type | None) -> None:
    for folder in ("digits", "folder.npz", "empty"):
        (tmp_path / folder).mkdir()
    (tmp_path / "digits" / "train-images-idx3-ubyte").touch()
    assert find_format(tmp_path / name) is kind


class Recordings(ArraySource):
    """A format of folders; it has no `format`, so that it is none of the kinds that configs name."""

    @classmethod
    def recognises(cls, path: Path) -> bool:
        return any(path.glob("*.wav"))

    def read(self, path: Path) -> Contents:
        raise NotImplementedError

    def raw_inputs(self, path: Path) -> RawInputs:
        raise NotImplementedError


def test_a_folder_is_recognised_by_its_contents_wherever_a_source_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnctl.data.source.kinds", lambda base: {"npz": NPZ, "recordings": Recordings})
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "a.wav").touch()
    assert find_format(tmp_path / "sounds") is Recordings
    monkeypatch.setattr(NPZ, "recognises", Recordings.recognises)
    relative = source({"source": "sounds"}, tmp_path)  # the config's folder counts, not the working directory
    assert type(relative) is NPZ


def test_prediction_reads_what_training_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.source.kinds", lambda base: {"recordings": Recordings})
    (tmp_path / "a.wav").touch()
    trained_on = NPZ(source="a.npz", standardize=True)
    found = source_for(tmp_path, trained_on, (2,))
    assert isinstance(found, Recordings)
    assert found.standardize
    assert source_for(tmp_path / "b.npz", trained_on, (2,)) is trained_on


def test_what_is_not_there_holds_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"t\.csv: does not exist"):
        source_for(tmp_path / "t.csv", NPZ(source="a.npz"))
    (tmp_path / "t.csv").touch()
    with pytest.raises(DataError, match=r"t\.csv: holds a table"):
        source_for(tmp_path / "t.csv", NPZ(source="a.npz"))


@pytest.mark.parametrize("rule", [{"names": "a_*"}, {"last": 0.1}, {}])
def test_a_rule_has_a_column_or_a_name(rule: Any) -> None:
    with pytest.raises(ValidationError, match="says neither which rows nor which files"):
        source({"source": "mnist", "test": rule})


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
    assert "expected a fraction between 0 and 1 or a path, got" in error["msg"]


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
