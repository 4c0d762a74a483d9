"""The folder of what is kept between runs and can be made again: compiled kernels, features of recordings."""

from __future__ import annotations

import os
from pathlib import Path


def user_cache() -> Path | None:
    """`NNCTL_CACHE_DIR` in the environment, else `nnctl` in `XDG_CACHE_HOME` or `~/.cache`; None if there is no home
    folder.
    """
    own = os.environ.get("NNCTL_CACHE_DIR")
    if own:
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - Path's raises with no home
    return Path(base) / "nnctl" if Path(base).is_absolute() else None
