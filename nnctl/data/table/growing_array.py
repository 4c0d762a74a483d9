"""An array that grows in place: blocks that are joined at the end would take twice the memory."""

from __future__ import annotations

import numpy as np

from nnctl.data.table.table import Array


class GrowingArray:
    """Numbers of one dtype, in one dimension. expected: about how many there will be, if that is known."""

    def __init__(self, dtype: type[np.generic], expected: int = 0) -> None:
        self.dtype, self._expected = dtype, expected
        self._room: Array = np.empty(0, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def append(self, values: Array) -> None:
        """Put a block at the end."""
        size = self._size + len(values)
        if size > len(self._room):
            # Pages that are never written take no memory.
            room = np.empty(max(size, 2 * self._size, self._expected), self.dtype)
            room[: self._size] = self._room[: self._size]
            self._room = room
        self._room[self._size : size] = values
        self._size = size

    @property
    def values(self) -> Array:
        """All of them, as they are until the next is put there."""
        return self._room[: self._size]

    def take(self) -> Array:
        """All of them; nothing is left."""
        values = self.values
        self._room, self._size = np.empty(0, self.dtype), 0
        return values
