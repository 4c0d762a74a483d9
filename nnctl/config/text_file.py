"""The text of a config file: regular, small, UTF-8, or refused before anything is read."""

from __future__ import annotations

import os
from pathlib import Path

from nnctl.errors import ConfigError, Problem
from nnctl.pointers import refuse_pointer_text
from nnctl.regular_file import reading, refuse_irregular, shown
from nnctl.text import closest

SIZE_LIMIT = 2**20  # bytes
BEGIN = "begin with `nnctl init`: see `nnctl init --help`"


def read_text(path: str | Path, name: str = "") -> str:
    """The file's text without a byte order mark. name: of the file in messages, if not the path. Raises ConfigError."""
    return decode(name or str(path), _read_bytes(Path(path)))


def _read_bytes(path: Path) -> bytes:
    with reading(path, ConfigError, _similar_file):
        _refuse(path, path.stat())
        # a FIFO that took the file's place meanwhile must not block
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(descriptor, "rb") as file:
            _refuse(path, os.fstat(file.fileno()))
            content = file.read(SIZE_LIMIT + 1)
    if len(content) > SIZE_LIMIT:
        raise too_large(shown(path))
    return content


def _refuse(path: Path, found: os.stat_result) -> None:
    """What is not a regular file, or too large."""
    refuse_irregular(path, found, ConfigError, _file_in_folder)
    if found.st_size > SIZE_LIMIT:
        raise too_large(shown(path))


def too_large(name: str) -> ConfigError:
    """The refusal of a text of this name."""
    what = f"is larger than {SIZE_LIMIT // 2**20} MiB"
    return ConfigError(Problem(what, file=name, help="a config is a small YAML file; is this a data file?"))


def _similar_file(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return f"there is no folder {path.parent} either" if path.parent.name else "check the path"
    with_suffix = (f"{path.name}{suffix}" for suffix in (".yaml", ".yml"))
    similar = next((name for name in with_suffix if name in names), None) or closest(path.name, names)
    return BEGIN if similar is None else f"did you mean {path.with_name(similar)}?"


def _file_in_folder(path: Path) -> str:
    try:
        configs = sorted(entry for entry in path.iterdir() if entry.suffix in (".yaml", ".yml"))
    except OSError:
        configs = []
    return f"name a file in it, such as {configs[0]}" if configs else "name a YAML file"


def decode(name: str, content: bytes) -> str:
    """Text from its bytes, without a byte order mark. name: of the file in messages. Raises ConfigError."""
    refuse_pointer_text(content, name, ConfigError)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(Problem("is UTF-16 text", file=name, line=1, column=1, help="save it as UTF-8"))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        raise ConfigError(
            Problem(
                "is not UTF-8 text from here on",
                file=name,
                line=before.count(b"\n") + 1,
                column=len(before) - (before.rfind(b"\n") + 1) + 1,
                help="save it as UTF-8",
            )
        ) from None
