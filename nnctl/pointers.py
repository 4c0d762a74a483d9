"""Files that stand for others: pointers of Git LFS, git-annex and DVC, and links to what is not there."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from nnctl.errors import NnctlError, Problem

LARGEST = 1024  # bytes of a pointer of Git LFS, by its specification
LFS = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")
ANNEX = b"/annex/objects/"
DVC = ".dvc"


def refuse_pointer(path: Path, size: int, shown: Callable[[Path], str], error_type: type[NnctlError]) -> None:
    """Refuse a regular file that only says where another is. size: its bytes. shown: a path in messages."""
    content = b""
    if 0 < size <= LARGEST:
        with path.open("rb") as file:
            content = file.read(size)
    if content or path.name.endswith(DVC):
        refuse_pointer_text(content, shown(path), error_type)


def refuse_pointer_text(content: bytes, name: str, error_type: type[NnctlError]) -> None:
    """Refuse what a file of this name holds where that only says where another is."""
    if name.endswith(DVC):
        what = "is a DVC pointer, not the file itself"
        help = f"run `dvc pull {shlex.quote(name)}`, and name {name.removesuffix(DVC)}"
        raise error_type(Problem(what, name, help=help))
    if len(content) > LARGEST:
        return
    if content.startswith(LFS):
        raise error_type(Problem("is a Git LFS pointer, not the file itself", name, help="run `git lfs pull`"))
    if content.startswith(ANNEX):
        help = f"run `git annex get {shlex.quote(name)}`"
        raise error_type(Problem("is a git-annex pointer, not the file itself", name, help=help))


def why_missing(path: Path, shown: Callable[[Path], str]) -> tuple[str, str] | None:
    """What is known of a path that does not exist, and what to do: where it, or a folder on the way to it, is a link
    that leads nowhere, or has a DVC pointer in its place. None where it is neither. shown: a path in messages.
    """
    for place in (path, *path.parents):
        with suppress(OSError, ValueError):  # ValueError: a NUL in the path
            if place.is_symlink() and not place.exists():
                return _dangling(place, shown(place), "" if place == path else f"does not exist: {shown(place)} ")
            pointer = place.with_name(f"{place.name}{DVC}") if place.name else place
            if place.name and not place.exists() and pointer.is_file():
                name = shown(pointer)
                return "does not exist", f"{name} stands for it: run `dvc pull {shlex.quote(name)}`"
    return None


def _dangling(link: Path, name: str, before: str) -> tuple[str, str]:
    target = link.readlink()
    if (link.parent / target).is_symlink():
        target = link.resolve()
    help = f"bring {target} back, or name another file"
    if ".git/annex/objects" in target.as_posix():
        help = f"run `git annex get {shlex.quote(name)}`"
    return f"{before}is a link to {target}, which does not exist", help
