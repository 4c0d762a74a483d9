"""Paths of data: followed as the operating system follows them, and kept so that they outlive a move of the project."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePath


def absolute(path: str, folder: Path) -> str:
    """A path that starts from a folder, without `..`: behind a link, that leaves the folder which the link leads to."""
    whole = PurePath(folder, expanded(path))
    reached = whole.anchor
    for part in whole.parts[1:]:
        if part == "..":
            inside = os.path.realpath(reached) if Path(reached).is_symlink() else reached
            reached = str(PurePath(inside).parent)
        else:
            reached = str(PurePath(reached, part))
    return reached


def expanded(path: str) -> str:
    """A path with the home folder in the place of a `~` at its start; as it is where there is no such home."""
    return os.path.expanduser(path)  # noqa: PTH111 - Path's raises where there is none


def relative(path: str, folder: Path) -> str:
    """An absolute path as a file in this folder names it: relative, if they have more in common than the root."""
    real = os.path.realpath(folder)
    if _common(path, real) == os.path.sep:
        return path
    shown = PurePath(os.path.relpath(path, real)).as_posix()
    return f"./{shown}" if shown.startswith("~") else shown


def portable(path: str, folder: Path) -> str:
    """An absolute path as seen from the nearest folder that it shares with this one, wherever that lies; see `found`.

    As it is where they share the root alone; from the folder itself where the folder lies in what the path names.
    """
    own = absolute(str(folder), Path.cwd())
    common = _common(path, own)
    if common == os.path.sep:
        return path
    return PurePath(os.path.relpath(path, own if common == path else common)).as_posix()


def found(path: str, folder: Path) -> str | None:
    """What `portable` gave, as an absolute path: looked for in the folder and above it, then from the working folder
    on. None where there is nothing.
    """
    if PurePath(path).is_absolute():
        return path if os.path.lexists(path) else None
    starts = [folder] if path.startswith("..") else [*_upwards(folder), *_upwards(Path.cwd())]
    candidates = (absolute(path, start) for start in starts)
    return next((candidate for candidate in candidates if os.path.lexists(candidate)), None)


def _upwards(folder: Path) -> Iterator[Path]:
    """The folder and those above it, but the root: by its path, and by where links lead."""
    for start in (Path(absolute(str(folder), Path.cwd())), Path(os.path.realpath(folder))):
        yield from [start, *start.parents][:-1]


def _common(path: str, other: str) -> str:
    return os.path.commonpath([path, other])
