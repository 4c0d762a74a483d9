"""Folders of classes: which files are of which split and class, and what is ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.data import class_folders as module
from nnctl.data.class_folders import FileKind, class_folders, files_below, holds_files
from nnctl.errors import DataError
from tests.support.sources import refusal

WAV = FileKind((".wav", ".wave"), ".wav file")


def made(folder: Path, *files: str) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    return folder


def found(folder: Path) -> dict[str, list[tuple[str, str]]]:
    splits = class_folders(folder, WAV).splits
    return {split: list(zip(own.names, own.classes, strict=True)) for split, own in splits.items()}


def test_classes_alone(tmp_path: Path) -> None:
    made(tmp_path, "no/2.wav", "no/10.WAV", "yes/1.wave")
    assert found(tmp_path) == {"train": [("no/10.WAV", "no"), ("no/2.wav", "no"), ("yes/1.wave", "yes")]}


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("train", "test"), ["train", "test"]),
        (("Training", "val", "testing"), ["train", "validation", "test"]),
        (("test",), ["test"]),
    ],
)
def test_folders_of_splits(tmp_path: Path, names: tuple[str, ...], splits: list[str]) -> None:
    made(tmp_path, *(f"{name}/yes/1.wav" for name in names))
    assert found(tmp_path) == {split: [("yes/1.wav", "yes")] for split in splits}


def test_a_class_may_have_the_name_of_a_split(tmp_path: Path) -> None:
    """Trains are heard, too."""
    made(tmp_path, "train/1.wav", "rain/1.wav")
    assert found(tmp_path) == {"train": [("rain/1.wav", "rain"), ("train/1.wav", "train")]}


def test_what_is_ignored_is_told(tmp_path: Path) -> None:
    made(tmp_path, "train/yes/1.wav", "train/no/1.wav", "test/yes/1.wav")
    assert class_folders(tmp_path, WAV).note == ""
    made(tmp_path, "README.md", "train/a.txt", "train/yes/.DS_Store", "train/2.wav", "3.wav")
    note = class_folders(tmp_path, WAV).note
    assert note == "ignored: 3 other files (README.md, a.txt, yes/.DS_Store), 2 .wav files in no folder of a class"
    made(tmp_path, "noise/1.wav", "train/yes/deeper/1.wav", "test/empty/a.txt")
    note = class_folders(tmp_path, WAV).note
    assert note.endswith(", 3 folders (noise, yes/deeper, empty)")


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ((), "holds no .wav files in folders help: put the files of each class into a folder with its name: "),
        (("1.wav",), "holds .wav files, and no folders of classes"),
        (("a/b.txt",), "holds no .wav files in folders"),
        (("train/a/1.wav", "test/a.txt", "test/b/c.txt"), "test: holds no .wav files in folders"),
        (("val/a/1.wav", "valid/a/1.wav"), "has several folders for validation: val, valid help: keep one of them"),
    ],
)
def test_what_is_refused(tmp_path: Path, files: tuple[str, ...], says: str) -> None:
    made(tmp_path, *files)
    with pytest.raises(DataError) as caught:
        class_folders(tmp_path, WAV)
    assert says in refusal(caught)


def test_what_macos_keeps_beside_files_is_ignored(tmp_path: Path) -> None:
    made(tmp_path, "yes/1.wav", "yes/._1.wav", "._2.wav")
    assert found(tmp_path) == {"train": [("yes/1.wav", "yes")]}
    assert class_folders(tmp_path, WAV).note == "ignored: 2 other files (._2.wav, yes/._1.wav)"
    assert files_below(tmp_path, WAV)[0] == [tmp_path / "yes" / "1.wav"]
    assert not holds_files(made(tmp_path / "b", "._1.wav"), WAV)


def test_a_link_to_nowhere_is_not_ignored(tmp_path: Path) -> None:
    made(tmp_path, "yes/1.wav")
    (tmp_path / "yes" / "2.wav").symlink_to("gone.wav")
    assert [name for name, _ in found(tmp_path)["train"]] == ["yes/1.wav", "yes/2.wav"]


@pytest.mark.parametrize("file", ["1.wav", "a/1.WAV", "a/b/1.wave"])
def test_a_folder_that_holds_such_files(tmp_path: Path, file: str) -> None:
    assert not holds_files(tmp_path, WAV)
    made(tmp_path, "a/b/c/1.wav", "1.txt")
    assert not holds_files(tmp_path, WAV)
    made(tmp_path, file)
    assert holds_files(tmp_path, WAV)
    assert not holds_files(tmp_path / "gone", WAV)
    assert not holds_files(Path("a\0b"), WAV)


def test_a_look_is_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, *(f"{number}.txt" for number in range(20)), "deeper/1.wav")
    assert holds_files(tmp_path, WAV)
    monkeypatch.setattr(module, "MOST_ENTRIES", 20)
    assert not holds_files(tmp_path, WAV)


def test_all_files_below(tmp_path: Path) -> None:
    made(tmp_path, "b.wav", "a/deep/er/2.wav", "a/1.wav", "a/a.txt")
    files, note = files_below(tmp_path, WAV)
    assert [file.relative_to(tmp_path).as_posix() for file in files] == ["a/1.wav", "a/deep/er/2.wav", "b.wav"]
    assert note == "ignored: 1 other file (a/a.txt)"


def test_a_folder_without_such_files(tmp_path: Path) -> None:
    made(tmp_path, "a/a.txt")
    with pytest.raises(DataError, match=r"holds no \.wav files"):
        files_below(tmp_path, WAV)
    with pytest.raises(DataError, match="does not exist"):
        files_below(tmp_path / "gone", WAV)
