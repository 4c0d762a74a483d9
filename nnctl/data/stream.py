"""Samples without targets, prepared a block at a time: a file may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nnctl.data.table.text_findings import TextFindings
from nnctl.data.table.unfamiliar import Unfamiliar

Array = NDArray[Any]

BLOCK_ROWS = 1 << 13
BLOCK_NUMBERS = 1 << 22  # in a block, where a sample has many


@dataclass(frozen=True)
class Block:
    """Some samples in the order of their file."""

    inputs: Array
    """(n, *shape), prepared."""
    ids: tuple[str, ...] = ()
    """n texts; none where the samples have no ids."""
    unfamiliar: Unfamiliar = field(default_factory=Unfamiliar)
    """What the samples have that training never saw."""
    lengths: Array | None = None
    """(n,) int64, of samples that are padded sequences."""
    odd: Mapping[str, int] = field(default_factory=dict)
    """By column, how many of the samples have a value that does not fit its kind, and is taken for missing."""
    texts: TextFindings = field(default_factory=TextFindings)
    """What is to be told of samples that are texts."""
    keys: tuple[tuple[str, ...], ...] = ()
    """n texts for each of the stream's `keys`."""


@dataclass(frozen=True)
class Stream:
    """All samples of a file."""

    blocks: Iterator[Block]
    id: str | None = None
    """The column that their ids come from; None: they are numbered."""
    count: int | None = None
    """How many there are; None where that is not known before they are read."""
    notes: tuple[str, ...] = ()
    """What the user should know."""
    has_lengths: bool = False
    """Whether the samples are padded sequences, with a length each."""
    keys: tuple[str, ...] = ()
    """More columns that tell what a prediction is for."""
    final_notes: Callable[[], tuple[str, ...]] = tuple
    """What is known when all blocks have been read."""


class Readable(Protocol):
    """What bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


def block_rows(numbers: int) -> int:
    """How many samples of so many numbers each a block holds."""
    return max(1, min(BLOCK_ROWS, BLOCK_NUMBERS // max(1, numbers)))


def pieces(file: Readable, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Iterator[Array]:
    """The array that a file goes on with, in C order, some rows at a time, in native byte order.

    Raises EOFError where the file ends before it, or after it.
    """
    row = int(np.prod(shape[1:], dtype=object)) * dtype.itemsize
    most = block_rows(row // dtype.itemsize)
    for start in range(0, shape[0], most):
        rows = min(most, shape[0] - start)
        content = file.read(rows * row)
        if len(content) < rows * row:
            raise EOFError(f"it ends in row {start + len(content) // row + 1:,} of {shape[0]:,}")
        array = np.frombuffer(content, dtype).reshape(rows, *shape[1:])
        yield array.astype(dtype.newbyteorder("="), copy=False)
    if file.read(1):
        raise EOFError("it goes on after its last row")
