"""The kernel cache: files of machine code, in a folder for each version of nnctl, of numba and of the kernels' sources.

It is private, since what is in it is executed. The folders in it are those of levels of processors.
"""

from __future__ import annotations

import atexit
import functools
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import nnctl
from nnctl.errors import UsageError
from nnctl.user_cache import user_cache

MOST_THREADS = 1024
SUFFIX = ".kernel"  # of a file
SOURCES = "sources"  # the name of the file in the folder of an installation's kernels that says what they were made of
listening: list[list[str]] = []  # the notes of commands that are under way
TEMPORARY = "nnctl-kernels-"  # prefix of the name of a temporary cache


@functools.cache
def prepare() -> Path:
    """Set `NUMBA_CACHE_DIR`, which processes inherit that this one starts, and return the folder of the kernel cache.

    `NUMBA_CACHE_DIR` in the environment takes precedence, then `NNCTL_CACHE_DIR`, `XDG_CACHE_HOME` and `~/.cache`. If
    the folder cannot be written, this process uses a temporary one, with a note on stderr. Raises UsageError.
    """
    asked_threads()
    name = f"{nnctl.__version__}-numba-{version('numba')}-{sources_hash()}"
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(chosen) if chosen else user_cache()
    if user is not None and user.name == name:  # set by the process that started this one
        user = user.parent
    folder = None if user is None else _private(user / name)
    if folder is None:
        parent = Path(tempfile.mkdtemp(prefix=TEMPORARY))
        atexit.register(shutil.rmtree, parent, ignore_errors=True)
        folder = _private(parent / name) or parent
        why = f"the kernel cache {user} cannot be written" if user else "there is no home for the kernel cache"
        variable = "NUMBA_CACHE_DIR" if chosen else "NNCTL_CACHE_DIR"
        tell(f"{why}; kernels are compiled anew in every run ({variable} names another folder)")
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def keeps(folder: Path) -> bool:
    """Whether the kernels in this folder are kept for the next run. If not, the user has had a note."""
    return not folder.parent.name.startswith(TEMPORARY)


def folders(level: str) -> Iterator[Path]:
    """Where kernels of this level may be: those that were installed with nnctl, and the cache."""
    if (installed := _installed()) is not None:
        yield installed / level
    yield prepare() / level


def has_kernels(level: str) -> bool:
    """Whether there is any kernel of this level, so that the next run need not compile all that it needs."""
    return any(next(folder.glob(f"*{SUFFIX}"), None) for folder in folders(level))


def keep(level: str, name: str, data: bytes) -> None:
    """Write a file of a kernel. A reader sees all of it or nothing; what a crash leaves of it is known as damaged."""
    folder = prepare() / level
    try:
        folder.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(data)
        Path(file.name).replace(folder / name)
    except OSError as error:
        _tell_once(f"the kernel cache {prepare()} cannot be written ({error.strerror}); going on without it")


def drop(file: Path, error: Exception) -> None:
    """Remove a file of a kernel that is damaged."""
    _tell_once(f"a file of the kernel cache was damaged ({error}); its kernel is compiled again")
    file.unlink(missing_ok=True)


@functools.cache
def _installed() -> Path | None:
    """Kernels that were installed with nnctl, if they were made of the sources that are there."""
    folder = Path(nnctl.__file__).parent / "shipped" / "kernels"
    try:
        return folder if (folder / SOURCES).read_text() == sources_hash() else None
    except OSError:
        return None


def asked_threads() -> int | None:
    """The value of `NUMBA_NUM_THREADS`, None if it is not set. Raises UsageError if it is not a number of threads."""
    text = os.environ.get("NUMBA_NUM_THREADS", "")
    if not text:
        return None
    number = int(text) if re.fullmatch(r"\s*[0-9]{1,6}\s*", text) else 0
    if not 1 <= number <= MOST_THREADS:
        what = f"NUMBA_NUM_THREADS: expected a whole number from 1 to {MOST_THREADS}, got {text[:20]}"
        raise UsageError(what, help="leave it out to use all cores")
    return number


def tell(message: str, *, is_progress: bool = False) -> None:
    """Print a note on stderr, and add it to the `listening`. is_progress: whether it is none to keep."""
    print(f"note: {message}", file=sys.stderr)
    if not is_progress:
        for notes in listening:
            notes.append(message)


_told: set[str] = set()


def _tell_once(message: str) -> None:
    """A note of the first trouble with a file; that of others would be the same."""
    if not _told:
        tell(message)
    _told.add(message)


def _private(folder: Path) -> Path | None:
    """The folder, made with mode 0700; None if it cannot be written or belongs to another user."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
        if status.st_uid != os.getuid():
            return None
        if stat.S_IMODE(status.st_mode) != 0o700:
            folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


@functools.cache
def sources_hash() -> str:
    """Of all sources that kernels are made of: one that calls another changes with it."""
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for source in sorted(root.rglob("*.py")):
        digest.update(str(source.relative_to(root)).encode() + source.read_bytes())
    return digest.hexdigest()[:16]
