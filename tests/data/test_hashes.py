"""Hashes of data: by name and by folder, whatever the names are and wherever the files lie."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from nnctl.data.hashes import Origin, changed_files, hashes_of, identity


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def test_a_file_by_its_key_and_name(tmp_path: Path) -> None:
    x, y = write(tmp_path / "x.npy", "x"), write(tmp_path / "y.npy", "y")
    assert hashes_of([Origin("source", x, (x, y))]) == {"source/x.npy": digest("x"), "source/y.npy": digest("y")}
    z = write(tmp_path / "targets" / "x.npy", "z")
    assert hashes_of([Origin("source", x, (x, z))]) == {
        "source/x.npy": digest("x"),
        "source/targets/x.npy": digest("z"),
    }


def test_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    paths = [write(tmp_path / folder / "a.csv", folder) for folder in ("t", "v", "w")]
    origins = [Origin(key, path, (path,)) for key, path in zip(("source", "validation", "test"), paths, strict=True)]
    expected = {"source/a.csv": digest("t"), "validation/a.csv": digest("v"), "test/a.csv": digest("w")}
    assert hashes_of(origins) == expected


def test_a_file_that_is_named_twice_has_its_hash_under_both_keys(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a")
    found = hashes_of([Origin("source", path, (path,)), Origin("test", path, (path,))])
    assert found == {"source/a.csv": digest("a"), "test/a.csv": digest("a")}


THEN = {"source/a.csv": "1", "validation/b.csv": "2", "test/c.csv": "3"}


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (THEN, []),
        ({"source/x.csv": "1", "validation/y.csv": "2", "test/z.csv": "3"}, []),  # renamed
        ({"source/a.csv": "9", "validation/b.csv": "2", "test/c.csv": "3"}, ["a.csv"]),
        ({"source/x.csv": "9", "validation/b.csv": "2", "test/c.csv": "3"}, ["a.csv", "x.csv"]),
        ({"source/a.csv": "1", "validation/b.csv": "3", "test/c.csv": "2"}, ["b.csv", "c.csv"]),  # the parts swapped
        ({"source/a.csv": "1", "validation/b.csv": "2"}, ["c.csv"]),
        ({"source/": "9", "validation/b.csv": "2", "test/c.csv": "3"}, ["a.csv", "source/"]),
    ],
)
def test_what_changed(now: dict[str, str], changed: list[str]) -> None:
    assert changed_files(THEN, now) == changed
    assert (identity(THEN) == identity(now)) is not bool(changed)


def test_older_checkpoints_have_names_without_keys() -> None:
    old = {"a.csv": "1", "b.csv": "2", "test/a.csv": "3"}
    assert changed_files(old, {"source/a.csv": "1", "validation/b.csv": "2", "test/a.csv": "3"}) == []
    assert changed_files(old, {"source/a.csv": "1", "validation/b.csv": "9", "test/a.csv": "3"}) == ["b.csv"]


def test_a_folder_is_known_by_what_it_holds(tmp_path: Path) -> None:
    def found(folder: Path, reverse: bool = False) -> dict[str, str]:
        files = sorted(folder.rglob("*.wav"), reverse=reverse)
        return hashes_of([Origin("source", folder, tuple(files))])

    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        write(folder / "cat" / "1.wav", "meow")
        write(folder / "dog" / "1.wav", "woof")
    assert found(first) == found(second, reverse=True)
    assert list(found(first)) == ["source/"]
    write(second / "cat" / "1.wav", "purr")
    assert found(first) != found(second)
    write(second / "cat" / "1.wav", "woof")
    write(second / "dog" / "1.wav", "meow")
    assert found(first) != found(second)


@pytest.mark.slow
def test_many_files_take_time_in_proportion(tmp_path: Path) -> None:
    """A folder of ten thousand files is hashed in seconds: to compare each name with all would take minutes."""
    for number in range(10_000):
        (tmp_path / f"{number}.wav").touch()
    files = tuple(tmp_path / f"{number}.wav" for number in range(10_000))
    origins = [Origin("source", tmp_path, files), *(Origin("test", file, (file,)) for file in files)]
    assert len(hashes_of(origins)) == 10_001
