"""Many pictures, looked at or decoded on all cores, with what there is to say of those that are damaged."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from nnctl.data.images.decoders import Decoders
from nnctl.data.images.picture import Look, look
from nnctl.data.images.resizing import Frame
from nnctl.data.images.room import Room
from nnctl.data.progress import tell
from nnctl.data.source import Array
from nnctl.errors import DataError, Problem
from nnctl.kernels.compiler.cache import asked_threads
from nnctl.machine import available_cores

CHUNK = 64  # pictures that a thread does in one go
MOST_PROBLEMS = 10

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """What pictures were, in their order; None in the place of one that is damaged."""

    looks: tuple[Look | None, ...]
    damaged: dict[int, Problem] = field(default_factory=dict)
    """By its number, what is wrong with a picture."""

    @property
    def kept(self) -> Array:
        """Which are not damaged, (N,) truth values."""
        return np.array([seen is not None for seen in self.looks])

    def sound(self) -> list[Look]:
        """Of those that are not damaged."""
        return [seen for seen in self.looks if seen is not None]

    def require_sound(self, help: str = "") -> None:
        """Raise DataError for damaged pictures, ten of them at most. help: what else may be done about them."""
        if not self.damaged:
            return
        problems = [problem for _, problem in sorted(self.damaged.items())]
        if help:
            problems = [Problem(found.what, found.file, help=f"{found.help}; {help}") for found in problems]
        if len(problems) > MOST_PROBLEMS:
            last, more = problems[MOST_PROBLEMS - 1], len(problems) - MOST_PROBLEMS
            problems[MOST_PROBLEMS - 1] = Problem(f"{last.what} (and {more:,} more)", last.file, help=last.help)
        raise DataError(*problems[:MOST_PROBLEMS])


def look_at(paths: Sequence[Path]) -> Seen:
    """What the headers of pictures say."""
    return _each(paths, "looking at pictures", lambda first, chosen: [_look_or_problem(path) for path in chosen])


def decode_into(room: Room, paths: Sequence[Path], frame: Frame) -> Seen:
    """Put the pixels of each picture into its place in the room. Raises OSError, where the disk is full."""

    def some(first: int, chosen: Sequence[Path]) -> list[Look | Problem]:
        looks: list[Look | Problem] = []
        for number, found in enumerate(decoders.decode(chosen, frame), first):
            if isinstance(found, Problem):
                looks.append(found)
            else:
                seen, pixels = found
                room.put(number, pixels)
                looks.append(seen)
        return looks

    with Decoders(len(paths), _threads()) as decoders:
        return _each(paths, "decoding pictures", some)


def _look_or_problem(path: Path) -> Look | Problem:
    try:
        return look(path)
    except DataError as error:
        return error.problems[0]


def _each(paths: Sequence[Path], what: str, do: Callable[[int, Sequence[Path]], list[Look | Problem]]) -> Seen:
    """do: takes the number of the first of some pictures, and these."""
    from PIL.Image import DecompressionBombWarning

    looks: list[Look | None] = []
    damaged: dict[int, Problem] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DecompressionBombWarning)  # of pictures that are not too large to be read
        for found in _in_order(lambda first: do(first, paths[first : first + CHUNK]), range(0, len(paths), CHUNK)):
            for item in found:
                if isinstance(item, Problem):
                    damaged[len(looks)] = item
                looks.append(None if isinstance(item, Problem) else item)
            tell(what, len(looks), len(paths))
    return Seen(tuple(looks), damaged)


def _threads() -> int:
    return asked_threads() or available_cores()


def _in_order(do: Callable[[int], T], items: Sequence[int]) -> Iterator[T]:
    """The results of all, in the order of the items, computed on all cores."""
    threads = min(_threads(), len(items))
    if threads <= 1:
        yield from map(do, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        try:
            yield from pool.map(do, items)
        finally:
            pool.shutdown(cancel_futures=True)
