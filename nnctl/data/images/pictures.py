"""The pictures of one split: from their files to samples."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nnctl.data.images.decoding import Seen, decode_into
from nnctl.data.images.notes import notes_on
from nnctl.data.images.resizing import Frame
from nnctl.data.images.room import Room, fits_memory, note_on_disk, on_disk
from nnctl.data.source import Array, Samples
from nnctl.data.stream import block_rows
from nnctl.data.table.table import Table
from nnctl.text import by


@dataclass(frozen=True)
class Pictures:
    """The files of a split, and what is known of them."""

    files: Sequence[Path]
    names: tuple[str, ...]
    """Of each file, as messages have it."""
    origin: str
    """The folder or the list, for messages."""
    targets: Array
    """(N,), or (N, K)."""
    target_names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    """The words that targets stand for, where these are numbers that stand for words."""
    table: Table | None = None
    """The list that names the files, where there is one."""
    notes: tuple[str, ...] = ()

    def samples(self, pixels: Array, kept: Array, notes: Sequence[str], found: Mapping[str, Any]) -> Samples:
        """pixels: (n, H, W, C), of those that are kept. kept: (N,) truth values."""
        rows = np.flatnonzero(kept)
        table = None if self.table is None else self.table.take(rows)
        return Samples(
            pixels,
            self.targets[rows],
            self.origin,
            self.target_names,
            lines=None if table is None else table.lines,
            labels=self.labels,
            notes=(*self.notes, *notes),
            names=tuple(self.names[row] for row in rows),
            found=found,
            table=table,
        )


def decoded(splits: Mapping[str, Pictures], frame: Frame, *, skip: bool, help: str) -> dict[str, Samples]:
    """The samples of each split; their pixels are on the disk where all together are too many for the memory.

    skip: whether damaged pictures are left out. help: what else may be done about them. Raises DataError, and
    StorageError where the disk is too small as well.
    """
    found = {"size": list(frame.size), "mode": frame.mode}
    total = sum(len(pictures.files) for pictures in splits.values())
    needed = total * math.prod(frame.shape)
    what = f"{total:,} pictures of {by(frame.shape)}"
    in_memory = fits_memory(needed)
    parts: dict[str, Samples] = {}
    for split, pictures in splits.items():
        with nullcontext() if in_memory else on_disk(len(pictures.files) * math.prod(frame.shape), what) as file:
            room = Room(len(pictures.files), frame.shape, file)
            seen = decode_into(room, pictures.files, frame)
            if not skip or not seen.sound():
                seen.require_sound(help)
            told = [] if in_memory or parts else [note_on_disk(needed, what)]
            notes = (*told, *notes_on(seen, frame, pictures.names))
            parts[split] = pictures.samples(room.samples(seen.kept), seen.kept, notes, found)
    return parts


def pieces(files: Sequence[Path], frame: Frame, seen: list[Seen]) -> Iterator[Array]:
    """The pixels of files, some at a time, (n, H, W, C). seen: takes in what they were. Raises DataError."""
    most = block_rows(math.prod(frame.shape))
    for first in range(0, len(files), most):
        chosen = files[first : first + most]
        room = Room(len(chosen), frame.shape)
        found = decode_into(room, chosen, frame)
        found.require_sound()
        seen.append(found)
        yield room.samples(found.kept)
