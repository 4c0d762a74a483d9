"""The folder of the kernel cache. numba reads it from the environment, so it must be set before numba is imported.

Compiled kernels are kept between runs in a folder for each version of nnctl, of numba and of the kernels' sources:
numba's own index does not notice a change in a callee in another file. The folder is private, since numba reads its
files with pickle.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from nnctl import __version__
from nnctl.errors import UsageError
from nnctl.user_cache import user_cache

MOST_THREADS = 1024
listening: list[list[str]] = []  # the notes of commands that are under way
TEMPORARY = "nnctl-kernels-"  # prefix of the name of a temporary cache


def prepare() -> Path:
    """Set `NUMBA_CACHE_DIR` and return the folder of the kernel cache. To be called before numba is imported.

    `NUMBA_CACHE_DIR` in the environment takes precedence, then `NNCTL_CACHE_DIR`, `XDG_CACHE_HOME` and `~/.cache`. If
    the folder cannot be written, this process uses a temporary one, with a note on stderr. Raises UsageError.
    """
    asked_threads()
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user = Path(chosen) if chosen else user_cache()
    if user is None:
        folder = None
    elif chosen:
        folder = _writable(user)
    else:
        folder = _private(user / f"{__version__}-numba-{version('numba')}-{_sources_hash()}")
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix=TEMPORARY))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        why = f"the kernel cache {user} cannot be written" if user else "there is no home for the kernel cache"
        name = "NUMBA_CACHE_DIR" if chosen else "NNCTL_CACHE_DIR"
        tell(f"{why}; kernels are compiled anew in every run ({name} names another folder)")
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def prepared() -> Path:
    """The folder that `prepare` returned in this process."""
    return Path(os.environ["NUMBA_CACHE_DIR"])


def keeps(folder: Path) -> bool:
    """Whether the kernels in this folder are kept for the next run. If not, the user has had a note."""
    return not folder.name.startswith(TEMPORARY)


def is_empty(folder: Path) -> bool:
    """Whether the folder has no kernel yet, so that the next run compiles all that it needs."""
    return next(folder.rglob("*.nbc"), None) is None


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


def _private(folder: Path) -> Path | None:
    """The folder, made with mode 0700; None if it cannot be written or belongs to another user."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = folder.stat()
        if status.st_uid != os.getuid():
            return None
        if stat.S_IMODE(status.st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError:
        return None
    return _writable(folder)


def _writable(folder: Path) -> Path | None:
    """The folder, made if there is none; None if no file can be written in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def _sources_hash() -> str:
    digest = hashlib.sha256()
    root = Path(__file__).parents[1]
    for source in sorted(root.rglob("*.py")):
        digest.update(str(source.relative_to(root)).encode() + source.read_bytes())
    return digest.hexdigest()[:16]
