"""Where pixels are kept: in memory, or in a file of the user's cache where they are too many, mapped into memory.

The file has no name, so nothing is left of it when the process ends, however it does.
"""

from __future__ import annotations

import math
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nnctl.data.source import Array
from nnctl.errors import Problem, StorageError
from nnctl.memory import available_memory, bytes_in_words
from nnctl.user_cache import user_cache

FOLDER = "pixels"
SHARE = 0.5  # of the memory that is left, which pixels may take
LEAST = 1 << 26  # bytes that are kept in memory in any case
SPARE = 1 << 28  # bytes that are left free on the disk


def fits_memory(needed: int) -> bool:
    """Whether so many bytes of pixels are kept in memory."""
    return needed <= LEAST or needed <= SHARE * available_memory()


class Room:
    """Room for so many samples of one shape, uint8. They may be put in by several threads.

    file: the descriptor of a file to put them in; None: they are in memory.
    """

    def __init__(self, count: int, shape: tuple[int, ...], file: int | None = None) -> None:
        self._shape = (count, *shape)
        self._file = file
        self._array: Array = np.empty(self._shape if file is None else 0, np.uint8)

    def put(self, number: int, sample: Array) -> None:
        """Raises OSError, where the disk is full."""
        if self._file is None:
            self._array[number] = sample
            return
        left, place = sample.tobytes(), number * sample.nbytes
        while left:
            written = os.pwrite(self._file, left, place)
            left, place = left[written:], place + written

    def samples(self, kept: Array) -> Array:
        """Those that are kept, (N, *shape), in their order. kept: (count,) truth values, one or more true."""
        array = self._array
        if self._file is not None:
            size = math.prod(self._shape)
            os.ftruncate(self._file, size)  # the last sample may not have been put in
            array = np.frombuffer(mmap.mmap(self._file, size), np.uint8).reshape(self._shape)  # it keeps the file open
        numbers = np.flatnonzero(kept)
        if len(numbers) < len(kept):
            for place, number in enumerate(numbers):
                array[place] = array[number]
        return array[: len(numbers)]


@contextmanager
def on_disk(needed: int, what: str) -> Iterator[int]:
    """The descriptor of an empty file that so many bytes fit into. what: they are. Raises StorageError."""
    folder = user_cache()
    if folder is None:
        raise StorageError(f"{what} exceed the memory, and there is no cache folder for them", help=_elsewhere())
    folder /= FOLDER
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(folder).free
        if needed + SPARE > free:
            problem = f"{what} take {bytes_in_words(needed)}, more than memory holds"
            problem += f", and {bytes_in_words(free)} of the disk are free"
            raise StorageError(Problem(problem, file=str(folder), help=f"set a smaller `size`, or {_elsewhere()}"))
        with tempfile.TemporaryFile(dir=folder) as file:
            yield file.fileno()
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise StorageError(Problem(problem, file=str(folder), help=_elsewhere())) from None


def _elsewhere() -> str:
    return "set NNCTL_CACHE_DIR to a folder on a disk with more space"


def note_on_disk(needed: int, what: str) -> str:
    """That they are kept there."""
    folder = user_cache() or Path()
    size = bytes_in_words(needed)
    return f"{what} take {size}, and are kept on the disk, in {folder / FOLDER}, until the command ends"
