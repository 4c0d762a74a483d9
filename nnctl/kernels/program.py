"""Calls of kernels, recorded once and then run step after step without Python in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels import team
from nnctl.kernels.kernel import Call, threads
from nnctl.kernels.recording import Varying, recording_to

ALONE = 3_000  # nanoseconds of a stage below which one thread is faster than several
ALL_ALONE = 40_000  # of several stages: what one core has written in one the others would wait for in the next
RANGE = 20_000  # nanoseconds that a range should take: long beside a call, short beside a core's absence
BLOCK = 8  # rows of a gradient that are one item of a stage


@dataclass
class Stage:
    """Calls that a thread makes in a row for a range of items, which need nothing of other ranges.

    items: the samples, chunks or blocks of rows that all calls go along, else the items of its only call. least: items
    in a row.
    """

    calls: list[Call]
    scales: list[int]  # items of a call in an item of the stage; fewer in the last one
    items: int
    least: int
    along: str | None
    nanoseconds: float
    stop: int = 0  # the address of a number that ends the program after this stage if it is not finite

    def take(self, following: Stage) -> bool:
        """Whether its calls can be made right after those of this stage, range by range; then they are."""
        alike = self.along == following.along and self.items == following.items and not self.stop
        if not self.along or not alike or (self.least != following.least and self.least and following.least):
            return False
        self.calls += following.calls
        self.scales += following.scales
        self.nanoseconds += following.nanoseconds
        self.least = max(self.least, following.least)
        return True

    def ranges(self, threads: int) -> int:
        """Into how many ranges the items are cut; 1: one thread does it all."""
        if self.nanoseconds < ALONE or (threads == 1 and not self.along):
            return 1
        ranges = min(int(self.nanoseconds / RANGE), self.items // max(1, min(self.least, -(-self.items // threads))))
        if ranges < 8 * threads:  # few ones should be equally many for each
            ranges = max(ranges // threads, 1) * threads
        return max(1, min(ranges, self.items))


@dataclass
class Program:
    """A recorded row of calls for batches of so many samples, 0 for none. The arrays in it stay where they are."""

    samples: int = 0
    stages: list[Stage] = field(default_factory=list)
    _rows: int = 0  # of the gradient that calls go along now
    _varying: list[tuple[int, Varying]] = field(default_factory=list)
    _prepared: dict[int, _Prepared] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Append a call: to the stage before where its samples go on there, else as a stage of its own."""
        share = call.share
        self._varying += [(call.words.ctypes.data + 8 * word, varying) for word, varying in call.varying]
        along = share.along if share.along != "samples" or self.samples else None
        parts = self.samples if along == "samples" else share.items
        scale = share.items // parts if parts else 1
        if along == "rows" or (self._rows and not along):
            along, rows = "rows", self._rows or share.items
            parts = blocks_of(rows)
            scale = BLOCK * (share.items // rows) if share.items >= rows else 1
        stage = Stage([call], [scale], parts, -(-share.least // max(scale, 1)), along, share.items * share.nanoseconds)
        if not self.stages or not self.stages[-1].take(stage):
            self.stages.append(stage)

    @contextmanager
    def along_rows(self, rows: int) -> Iterator[None]:
        """While entered, calls on a gradient of so many rows follow its blocks: its elements', or one item a block."""
        self._rows = rows
        try:
            yield
        finally:
            self._rows = 0

    def stop_unless_finite(self, number: NDArray[np.float64]) -> None:
        """End the run here where number[0] is NaN or infinite after the calls so far."""
        self.stages[-1].stop = number.ctypes.data

    def run(self, steps: int = 1, epoch: int = 0, first_step: int = 0) -> int:
        """Run the program so many times; returns how many times it came to its end.

        epoch, first_step: what the varying numbers are made from.
        """
        number = threads()
        if number not in self._prepared:
            self._prepared[number] = _Prepared(self.stages, [address for address, _ in self._varying], number)
        return self._prepared[number].run(self._table(steps, epoch, first_step))

    def _table(self, steps: int, epoch: int, first_step: int) -> NDArray[np.int64]:
        """The bits of the varying numbers, a row for each step."""
        table = np.zeros((steps, len(self._varying)), np.int64)
        at = np.arange(first_step, first_step + steps)
        made: dict[Varying, NDArray[np.int64]] = {}
        for column, (_, varying) in enumerate(self._varying):
            if varying not in made:
                made[varying] = np.asarray(varying.values(epoch, at), varying.dtype).view(np.int64)
            table[:, column] = made[varying]
        return table


class _Prepared:
    """A program's tables in memory, for a number of threads."""

    def __init__(self, stages: list[Stage], varying: list[int], threads: int) -> None:
        if len(stages) > 1 and sum(stage.nanoseconds for stage in stages) < ALL_ALONE:
            threads = 1
        ranges = [stage.ranges(threads) for stage in stages]
        self._threads = threads if max(ranges, default=1) > 1 else 1
        stage_rows: list[list[int]] = []
        call_rows: list[list[int]] = []
        for stage, own, following in zip(stages, ranges, [*ranges[1:], 1], strict=True):
            meet = own > 1 or following > 1 or stage.stop != 0
            first, items, scales = len(call_rows), stage.items, stage.scales
            if own == 1:  # in one go, and so are its neighbours
                items, scales = 1, [call.share.items for call in stage.calls]
                if stage_rows and stage_rows[-1][team.RANGES] == 1 and not stage_rows[-1][team.MEET]:
                    first = stage_rows.pop()[team.FIRST_CALL]
            call_rows += [
                [call.code, call.words.ctypes.data, scale, call.share.items]
                for call, scale in zip(stage.calls, scales, strict=True)
            ]
            stage_rows.append([first, len(call_rows), items, own, meet, stage.stop])
        self._done = np.zeros(1, np.int64)
        self._arrays = [
            np.array(stage_rows, np.int64).reshape(-1, team.STAGE),
            np.array(call_rows, np.int64).reshape(-1, team.CALL),
            np.array(varying, np.int64),
            team.shared_memory(self._threads),
            self._done,
        ]
        self._words = [word for array in self._arrays for word in (array.ctypes.data, *array.shape)]

    def run(self, table: NDArray[np.int64]) -> int:
        self._done[0] = 0
        team.execute(np.array([*self._words, table.ctypes.data, *table.shape], np.int64), self._threads)
        return int(self._done[0])


def blocks_of(rows: int) -> int:
    """How many blocks the rows of a gradient are, the last of them not always whole."""
    return -(-rows // BLOCK)


@contextmanager
def record(samples: int = 1) -> Iterator[Program]:
    """While entered, kernels that are called are added to a program, for batches of so many samples."""
    team.code()  # loaded before it is needed
    program = Program(samples)
    with recording_to(program):
        yield program


def run_now(call: Call) -> None:
    """Run a call at once."""
    program = Program()
    program.add(call)
    program.run()
