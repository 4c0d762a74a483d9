"""Where the examples' runs are kept."""

from __future__ import annotations

import itertools
from pathlib import Path


def new_folder(name: str) -> Path:
    """runs/<name>, or with a number where that exists: nothing is overwritten."""
    numbers = itertools.count(2)
    folder = Path("runs", name)
    while folder.exists():
        folder = Path("runs", f"{name}-{next(numbers)}")
    return folder
