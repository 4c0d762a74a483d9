"""Folders of classes: a file a sample, in a folder that has the name of its class, with or without one above it that
has the name of a split. What the files hold is the format's business.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from nnctl.data.files import file_error
from nnctl.errors import DataError
from nnctl.regular_file import reading, shown
from nnctl.text import counted, listed

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

    others: int = 0
    """Files with another ending."""
    outside: int = 0
    """Files with the right one that are in no folder of a class."""
    folders: list[str] = field(default_factory=list)
    """Folders that are none of a class."""

    def note(self, suffix: str) -> str:
        parts = [counted(self.others, "file") + f" without the ending {suffix}"] if self.others else []
        if self.outside:
            parts.append(f"{counted(self.outside, f'{suffix} file')} in no folder of a class")
        if self.folders:
            parts.append(f"{counted(len(self.folders), 'folder')} ({listed(self.folders, 5)})")
        return f"ignored: {', '.join(parts)}" if parts else ""


def class_folders(folder: Path, suffixes: tuple[str, ...]) -> ClassFolders:
    """The files with one of these endings in `folder/CLASS/` or, where there are such, in `folder/train/CLASS/`,
    `folder/test/CLASS/` and `folder/validation/CLASS/`.

    A folder with the name of a split is that of a class if such files lie in it, and in no folder below. suffixes:
    in small letters, the usual one first. Raises DataError where there is no such file, or not of each split.
    """
    ignored = _Ignored()
    folders = _split_folders(folder, suffixes) or {"train": folder}
    if folder not in folders.values():
        for entry in _entries(folder):
            if entry not in folders.values():
                _ignore(entry, suffixes, ignored, entry.name)
    splits = {split: _class_files(root, suffixes, ignored) for split, root in folders.items()}
    return ClassFolders(splits, ignored.note(suffixes[0]))


def holds_files(folder: Path, suffixes: tuple[str, ...]) -> bool:
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
                    elif entry.name.lower().endswith(suffixes):
                        return True
        level = deeper
    return False


def files_below(folder: Path, suffixes: tuple[str, ...]) -> tuple[list[Path], str]:
    """All files with one of these endings in a folder and below, sorted, and a note on how many others there are.

    Links to folders are not followed. Raises DataError where there is no such file, or a folder cannot be read.
    """
    found: list[Path] = []
    ignored = _Ignored()

    def refuse(error: OSError) -> None:
        with reading(Path(error.filename), DataError):
            raise error

    for path, _, names in os.walk(folder, onerror=refuse):
        own = [name for name in names if name.lower().endswith(suffixes)]
        found += [Path(path, name) for name in own]
        ignored.others += len(names) - len(own)
    if not found:
        raise file_error(folder, f"holds no {suffixes[0]} files", f"name a {suffixes[0]} file, or a folder of them")
    return sorted(found), ignored.note(suffixes[0])


def _split_folders(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """By split, the folder of its name; train first."""
    named = [entry for entry in _entries(folder) if entry.is_dir() and entry.name.lower() in SPLITS]
    found = [entry for entry in named if _is_split(entry, suffixes)]
    counts = Counter(SPLITS[entry.name.lower()] for entry in found)
    if twice := next((split for split, count in counts.items() if count > 1), None):
        names = [entry.name for entry in found if SPLITS[entry.name.lower()] == twice]
        raise file_error(folder, f"has several folders for {twice}: {listed(names)}", "keep one of them")
    by_split = {SPLITS[entry.name.lower()]: entry for entry in found}
    return {split: by_split[split] for split in ("train", "validation", "test") if split in by_split}


def _is_split(folder: Path, suffixes: tuple[str, ...]) -> bool:
    """Whether a folder with the name of a split is one, and not that of a class with this name."""
    files, others = _sorted_out(folder, suffixes)
    folders = [other for other in others if other.is_dir()]
    return any(_sorted_out(other, suffixes)[0] for other in folders) if files else bool(folders)


def _class_files(root: Path, suffixes: tuple[str, ...], ignored: _Ignored) -> ClassFiles:
    files: list[Path] = []
    classes: list[str] = []
    beside, others = _sorted_out(root, suffixes)
    for entry in others:
        own, rest = _sorted_out(entry, suffixes) if entry.is_dir() else ([], [])
        if not own:
            _ignore(entry, suffixes, ignored, entry.name)
            continue
        files += own
        classes += [entry.name] * len(own)
        for other in rest:
            _ignore(other, suffixes, ignored, f"{entry.name}/{other.name}")
    if not files:
        suffix = suffixes[0]
        what = f"holds {suffix} files, and no folders of classes" if beside else f"holds no {suffix} files in folders"
        help = f"put the files of each class into a folder with its name: {shown(root / 'yes' / f'1{suffix}')}"
        raise file_error(root, what, help)
    ignored.outside += len(beside)
    return ClassFiles(root, tuple(files), tuple(classes))


def _ignore(entry: Path, suffixes: tuple[str, ...], ignored: _Ignored, name: str) -> None:
    if entry.is_dir():
        ignored.folders.append(name)
    elif entry.name.lower().endswith(suffixes):
        ignored.outside += 1
    else:
        ignored.others += 1


def _sorted_out(folder: Path, suffixes: tuple[str, ...]) -> tuple[list[Path], list[Path]]:
    """The files of a folder with one of the endings, and what else is in it.

    A link that leads nowhere is such a file, too: it is an error that it cannot be read.
    """
    files: list[Path] = []
    others: list[Path] = []
    for entry in _entries(folder):
        is_file = entry.name.lower().endswith(suffixes) and not entry.is_dir()
        (files if is_file else others).append(entry)
    return files, others


def _entries(folder: Path) -> list[Path]:
    with reading(folder, DataError):
        return sorted(folder.iterdir())
