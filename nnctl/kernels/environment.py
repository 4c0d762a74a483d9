"""The cache folder, which numba reads from the environment, so it must be set before numba is imported.

Compiled kernels are kept between runs in a folder for each version of nnctl, of numba and of the kernels' sources:
numba's own index does not notice a change in a callee in another file. The folder is private, since numba reads it
with pickle.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import stat
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from nnctl import __version__


def prepare_cache() -> Path:
    """Point numba at the kernel cache and return its folder; call before numba is imported.

    `NUMBA_CACHE_DIR` in the environment wins, then `NNCTL_CACHE_DIR`, `XDG_CACHE_HOME` and `~/.cache`. Where
    none can be written, a temporary folder serves for this process, which is told once on stderr.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    if chosen:
        return Path(chosen)
    user = _user_cache()
    folder = _private(user / f"{__version__}-numba-{version('numba')}-{_sources_hash()}") if user else None
    if folder is None:
        folder = Path(tempfile.mkdtemp(prefix="nnctl-kernels-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        why = f"the kernel cache {user} cannot be written" if user else "there is no home for the kernel cache"
        tell(f"{why}; kernels are compiled anew in every run (NNCTL_CACHE_DIR names another folder)")
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    return folder


def tell(message: str) -> None:
    """Print one note for people on stderr."""
    print(f"note: {message}", file=sys.stderr)


def _user_cache() -> Path | None:
    own = os.environ.get("NNCTL_CACHE_DIR")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path's raises with no home
    return Path(base) / "nnctl" if Path(base).is_absolute() else None


def _private(folder: Path) -> Path | None:
    """The folder, made with mode 0700; None where it cannot be written or belongs to somebody else."""
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


def _sources_hash() -> str:
    digest = hashlib.sha256()
    root = Path(__file__).parent
    for source in sorted(root.rglob("*.py")):
        digest.update(str(source.relative_to(root)).encode() + source.read_bytes())
    return digest.hexdigest()[:16]
