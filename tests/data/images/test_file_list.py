"""Lists of pictures: names, classes, numbers, and what is missing in them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnctl.data.images.file_list import FileList, is_list, naming_columns, read_list
from nnctl.errors import DataError
from tests.support.sources import refusal


def listed(folder: Path, text: str, target: list[str], others: tuple[str, ...] = ()) -> FileList:
    (folder / "labels.csv").write_text(text)
    return read_list(folder / "labels.csv", "file", target, others)


def test_classes(tmp_path: Path) -> None:
    found = listed(tmp_path, "file,kind\na/1.png,cat\n../2.png,dog\n/x/3.png,cat\n", ["kind"])
    assert found.files == [tmp_path / "a" / "1.png", tmp_path / ".." / "2.png", Path("/x/3.png")]
    assert found.names == ("a/1.png", "../2.png", "/x/3.png")
    assert [found.labels[int(number)] for number in found.targets] == ["cat", "dog", "cat"]


def test_numbers_and_columns_beside_them(tmp_path: Path) -> None:
    text = "file;width;part;height\n1.png;1,5;a;2\n2.png;2,5;b;3\n"
    found = listed(tmp_path, text, ["height", "width"], ("part",))
    np.testing.assert_array_equal(found.targets, [[2, 1.5], [3, 2.5]])
    assert found.table.names == ("file", "width", "part", "height")


def test_names_are_taken_as_they_are(tmp_path: Path) -> None:
    found = listed(tmp_path, "file,y\n007,1\nNA,2\n1.0,3\n", ["y"])
    assert found.names == ("007", "NA", "1.0")


def test_rows_without_a_target_are_left_out(tmp_path: Path) -> None:
    found = listed(tmp_path, "file,y\n1.png,1\n2.png,\n3.png,3\n", ["y"])
    assert found.names == ("1.png", "3.png")
    assert any("1 of the 3 rows has no y and is left out" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,y\n1.png,1\n", "has no column file; it has name, y"),
        ("file,z\n1.png,1\n", "has no column y; it has file, z"),
        ("file,y\n1.png,1\n,2\n", "labels.csv:3: column file: names no picture"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        listed(tmp_path, text, ["y"])
    assert says in refusal(caught)


def test_lists_by_their_ending() -> None:
    assert is_list(Path("a.CSV"))
    assert is_list(Path("a.tsv.gz"))
    assert not is_list(Path("a.png"))


def test_the_columns_whose_cells_name_pictures_that_are_there(tmp_path: Path) -> None:
    for name in ("1.png", "2.JPG", "3.txt"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "labels.csv").write_text("photo,gone,other,kind\n1.png,8.png,1.png,cat\n2.JPG,2.JPG,3.txt,dog\n")
    assert naming_columns(tmp_path / "labels.csv", (".png", ".jpg")) == ["photo"]
    (tmp_path / "empty.csv").write_text("")
    assert naming_columns(tmp_path / "empty.csv", (".png", ".jpg")) == []
