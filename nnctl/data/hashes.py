"""Data are known by what they hold, not by where they lie: a hash of each file, or one of a whole folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nnctl.data.files import sha256


@dataclass(frozen=True)
class Origin:
    """Where samples come from. key: of the config, that names the path: source, validation, test.

    files: all that were read: the path itself and what belongs to it, or files in it where it is a folder.
    """

    key: str
    path: Path
    files: tuple[Path, ...]


def hashes_of(origins: Iterable[Origin]) -> dict[str, str]:
    """SHA-256 of each file by its name, and of each folder by its key (`source/`), which outlives a new name.

    A file whose name is taken is named `validation/NAME` or `test/NAME`. Raises DataError.
    """
    found: dict[str, str] = {}
    hashed: set[Path] = set()
    for origin in origins:
        if origin.path.is_dir():
            found[f"{origin.key}/"] = _folder_hash(origin.path, origin.files)
            continue
        for file in origin.files:
            if file not in hashed:
                hashed.add(file)
                found[f"{origin.key}/{file.name}" if file.name in found else file.name] = sha256(file)
    return found


def _folder_hash(folder: Path, files: Iterable[Path]) -> str:
    """Of the names below the folder, which may tell the classes, and of what the files hold, in any order."""
    lines = sorted(f"{file.relative_to(folder).as_posix()}\0{sha256(file)}\n" for file in files)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
