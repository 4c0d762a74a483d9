"""Folders of classes: a file a sample, in a folder that has the name of its class, with or without one above it that
has the name of a split. What the files hold is the format's business.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from nnctl.data.files import file_error
from nnctl.errors import DataError
from nnctl.regular_file import reading, shown
from nnctl.text import counted, listed, shown_label

SPLITS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "test": "test",
    "testing": "test",
}
DEPTH = 3  # folders, down to those of classes: source/train/CLASS
MOST_ENTRIES = 2000  # that are looked at to recognise a folder


@dataclass(frozen=True)
class FileKind:
    """What files are looked for."""

    suffixes: tuple[str, ...]
    """Their endings, in small letters, the usual one first."""
    name: str
    """What one is called: `.wav file`."""

    def fits(self, name: str) -> bool:
        """Whether a file of this name is one. `._a.wav` is none: macOS keeps it beside `a.wav` on other drives."""
        return name.lower().endswith(self.suffixes) and not name.startswith("._")


@dataclass(frozen=True)
class ClassFiles:
    """The files of one split, sorted by class and name."""

    folder: Path
    """The one that holds the folders of classes."""
    files: tuple[Path, ...]
    classes: tuple[str, ...]
    """Of each file, the name of its folder."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of each file, its path as seen from the folder."""
        return tuple(file.relative_to(self.folder).as_posix() for file in self.files)


@dataclass(frozen=True)
class ClassFolders:
    """What a folder holds."""

    splits: dict[str, ClassFiles]
    """By train, validation and test; train alone where no folder has the name of a split."""
    note: str
    """On what is ignored, or empty."""


@dataclass
class _Ignored:
    """What is in none of the samples."""

    others: list[str] = field(default_factory=list)
    """Files of another kind."""
    outside: int = 0
    """Files of the right one that are in no folder of a class."""
    folders: list[str] = field(default_factory=list)
    """Folders that are none of a class."""

    def note(self, kind: FileKind) -> str:
        others = listed(map(shown_label, self.others), 3)
        parts = [f"{counted(len(self.others), 'other file')} ({others})"] if self.others else []
        if self.outside:
            parts.append(f"{counted(self.outside, kind.name)} in no folder of a class")
        if self.folders:
            parts.append(f"{counted(len(self.folders), 'folder')} ({listed(self.folders, 5)})")
        return f"ignored: {', '.join(parts)}" if parts else ""


def class_folders(folder: Path, kind: FileKind) -> ClassFolders:
    """The files of a kind in `folder/CLASS/` or, where there are such, in `folder/train/CLASS/`,
    `folder/test/CLASS/` and `folder/validation/CLASS/`.

    A folder with the name of a split is that of a class if such files lie in it, and in no folder below. Raises
    DataError where there is no such file, or not of each split.
    """
    ignored = _Ignored()
    folders = split_folders(folder, kind) or {"train": folder}
    if folder not in folders.values():
        for entry in _entries(folder):
            if entry not in folders.values():
                _ignore(entry, kind, ignored, entry.name)
    splits = {split: _class_files(root, kind, ignored) for split, root in folders.items()}
    return ClassFolders(splits, ignored.note(kind))


def holds_files(folder: Path, kind: FileKind) -> bool:
    """Whether a folder holds such a file, as far as a short look tells: three folders deep, 2,000 entries at most."""
    left, level = MOST_ENTRIES, [str(folder)]
    for _ in range(DEPTH):
        deeper: list[str] = []
        for path in level:
            with suppress(OSError, ValueError), os.scandir(path) as entries:  # ValueError: a NUL in the path
                for entry in islice(entries, left):
                    left -= 1
                    if entry.is_dir():
                        deeper.append(entry.path)
                    elif kind.fits(entry.name):
                        return True
        level = deeper
    return False


def files_below(folder: Path, kind: FileKind) -> tuple[list[Path], str]:
    """All files of a kind in a folder and below, sorted, and a note on how many others there are.

    Links to folders are not followed. Raises DataError where there is no such file, or a folder cannot be read.
    """
    found: list[Path] = []
    ignored = _Ignored()

    def refuse(error: OSError) -> None:
        with reading(Path(error.filename), DataError):
            raise error

    for path, _, names in os.walk(folder, onerror=refuse):
        found += [Path(path, name) for name in names if kind.fits(name)]
        ignored.others += [Path(path, name).relative_to(folder).as_posix() for name in names if not kind.fits(name)]
    if not found:
        raise file_error(folder, f"holds no {kind.name}s", f"name a {kind.name}, or a folder of them")
    return sorted(found), ignored.note(kind)


def files_named(paths: Sequence[Path], kind: FileKind) -> tuple[list[Path], list[str], list[str]]:
    """Files, and all of a kind in folders and below, with a name for each, and notes on what is ignored.

    A name is a file's own, or what leads to it from the folder; of several paths it begins with the path. Raises
    DataError.
    """
    files: list[Path] = []
    names: list[str] = []
    notes: list[str] = []
    for path in paths:
        with reading(path, DataError):
            is_folder = path.is_dir()
            path.stat()
        found, note = files_below(path, kind) if is_folder else ([path], "")
        files += found
        if len(paths) > 1:
            names += [file.as_posix() for file in found]
        else:
            names += [file.relative_to(path).as_posix() if is_folder else file.name for file in found]
        notes += [f"{shown(path)}: {note}" if len(paths) > 1 else note] if note else []
    return files, names, notes


def require_classes(folder: Path, folders: ClassFolders, what: str) -> None:
    """Refuse files to train on that are all of one class. what: they are, in the plural. Raises DataError."""
    classes = {name for own in folders.splits.values() for name in own.classes}
    if len(classes) == 1:
        help = "put the files of each class into a folder of their own, with its name, beside this one"
        help += f" ({folders.note})" if folders.note else ""
        raise file_error(folder, f"has {what} of one class only, {classes.pop()}", help)


def split_folders(folder: Path, kind: FileKind) -> dict[str, Path]:
    """By split, the folder of its name; train first. Raises DataError where one has several, or cannot be read."""
    named = [entry for entry in _entries(folder) if entry.is_dir() and entry.name.lower() in SPLITS]
    found = [entry for entry in named if _is_split(entry, kind)]
    counts = Counter(SPLITS[entry.name.lower()] for entry in found)
    if twice := next((split for split, count in counts.items() if count > 1), None):
        names = [entry.name for entry in found if SPLITS[entry.name.lower()] == twice]
        raise file_error(folder, f"has several folders for {twice}: {listed(names)}", "keep one of them")
    by_split = {SPLITS[entry.name.lower()]: entry for entry in found}
    return {split: by_split[split] for split in ("train", "validation", "test") if split in by_split}


def _is_split(folder: Path, kind: FileKind) -> bool:
    """Whether a folder with the name of a split is one, and not that of a class with this name."""
    files, others = _sorted_out(folder, kind)
    folders = [other for other in others if other.is_dir()]
    return any(_sorted_out(other, kind)[0] for other in folders) if files else bool(folders)


def _class_files(root: Path, kind: FileKind, ignored: _Ignored) -> ClassFiles:
    files: list[Path] = []
    classes: list[str] = []
    beside, others = _sorted_out(root, kind)
    for entry in others:
        own, rest = _sorted_out(entry, kind) if entry.is_dir() else ([], [])
        if not own:
            _ignore(entry, kind, ignored, entry.name)
            continue
        files += own
        classes += [entry.name] * len(own)
        for other in rest:
            _ignore(other, kind, ignored, f"{entry.name}/{other.name}")
    if not files:
        what = f"holds {kind.name}s, and no folders of classes" if beside else f"holds no {kind.name}s in folders"
        example = shown(root / "yes" / f"1{kind.suffixes[0]}")
        help = f"put the files of each class into a folder with its name: {example}"
        raise file_error(root, what, help)
    ignored.outside += len(beside)
    return ClassFiles(root, tuple(files), tuple(classes))


def _ignore(entry: Path, kind: FileKind, ignored: _Ignored, name: str) -> None:
    if entry.is_dir():
        ignored.folders.append(name)
    elif kind.fits(entry.name):
        ignored.outside += 1
    else:
        ignored.others.append(name)


def _sorted_out(folder: Path, kind: FileKind) -> tuple[list[Path], list[Path]]:
    """The files of a folder with one of the endings, and what else is in it.

    A link that leads nowhere is such a file, too: it is an error that it cannot be read.
    """
    files: list[Path] = []
    others: list[Path] = []
    for entry in _entries(folder):
        is_file = kind.fits(entry.name) and not entry.is_dir()
        (files if is_file else others).append(entry)
    return files, others


def _entries(folder: Path) -> list[Path]:
    with reading(folder, DataError):
        return sorted(folder.iterdir())
