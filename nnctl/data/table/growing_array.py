"""An array that grows in place: blocks that are joined at the end would take twice the memory."""

from __future__ import annotations

import numpy as np

from nnctl.data.table.table import Array


class GrowingArray:
    """Numbers of one dtype, in one dimension."""

    def __init__(self, dtype: type[np.generic]) -> None:
        self.dtype = dtype
        self._room: Array = np.empty(0, dtype)
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def append(self, values: Array) -> None:
        """Put a block at the end."""
        size = self._size + len(values)
        if size > len(self._room):
            room = np.empty(max(size, 2 * self._size), self.dtype)  # pages that are never written take no memory
            room[: self._size] = self._room[: self._size]
            self._room = room
        self._room[self._size : size] = values
        self._size = size

    def take(self) -> Array:
        """All of them; nothing is left."""
        values = self._room[: self._size]
        self._room, self._size = np.empty(0, self.dtype), 0
        return values
