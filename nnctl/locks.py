"""Locks that one process has at a time, and that the system takes back when it ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

NAME = ".lock"


def lock_folder(folder: Path) -> int | None:
    """The descriptor of the folder's lock, which holds until it is closed; None where another process has the lock.

    Raises OSError, also where the file system has no locks.
    """
    file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        locked = acquire(file)
    except OSError:
        os.close(file)
        raise
    if not locked:
        os.close(file)
    return file if locked else None


def acquire(file: int, *, wait: bool = False) -> bool:
    """Lock an open file, by its descriptor. wait: until others have given the lock back; else False where one has it.

    Raises OSError where the file system has no locks.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
