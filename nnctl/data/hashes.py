"""Data are known by what they hold, not by where they lie: a hash of each file, or one of a whole folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nnctl.data.files import sha256

KEYS = ("source", "validation", "test")
MOST_NAMED = 8  # files of one origin


@dataclass(frozen=True)
class Origin:
    """Where samples come from. key: of the config, that names the path: source, validation, test.

    files: all that were read: the path itself and what belongs to it, or files in it where it is a folder.
    """

    key: str
    path: Path
    files: tuple[Path, ...]


def hashes_of(origins: Iterable[Origin]) -> dict[str, str]:
    """SHA-256 of each file by the key that names it and its name (`source/a.csv`), and of each folder by the key
    (`source/`); of a list of many files one of the list, and one of them (`source/`). Raises DataError.
    """
    found: dict[str, str] = {}
    hashed: dict[Path, str] = {}
    for origin in origins:
        if origin.path.is_dir():
            found[f"{origin.key}/"] = _folder_hash(origin.path, origin.files)
            continue
        named = origin.files
        if len(named) > MOST_NAMED:  # a list, and the files that it names, in its order
            found[f"{origin.key}/"] = hashlib.sha256("".join(map(sha256, named[1:])).encode()).hexdigest()
            named = named[:1]
        for file in named:
            if file not in hashed:
                hashed[file] = sha256(file)
            name = f"{origin.key}/{file.name}"
            found[f"{origin.key}/{file.parent.name}/{file.name}" if name in found else name] = hashed[file]
    return found


def identity(hashes: dict[str, str]) -> list[list[str]]:
    """What the data are, whatever their files are called: the hashes, each with the key that it belongs to."""
    return sorted([_key(name), digest] for name, digest in hashes.items())


def changed_files(then: dict[str, str], now: dict[str, str]) -> list[str]:
    """The names of files that hold something else; a file with another name and the same content is the same.

    Hashes of older checkpoints have no keys: they are compared without.
    """
    with_keys = all(map(_key, [*then, *now]))

    def known(name: str, digest: str) -> tuple[str, str]:
        return (_key(name) if with_keys else "", digest)

    before, after = ({known(*item) for item in hashes.items()} for hashes in (then, now))
    odd = [name for hashes in (then, now) for name, digest in hashes.items() if known(name, digest) in before ^ after]
    return sorted({name.removeprefix(f"{_key(name)}/") or name for name in odd})


def _key(name: str) -> str:
    key = name.partition("/")[0] if "/" in name else ""
    return key if key in KEYS else ""


def _folder_hash(folder: Path, files: Iterable[Path]) -> str:
    """Of the names below the folder, which may tell the classes, and of what the files hold, in any order."""
    lines = sorted(f"{file.relative_to(folder).as_posix()}\0{sha256(file)}\n" for file in files)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
