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

ALONE = 10_000  # nanoseconds below which one thread is faster than several
RANGE = 20_000  # nanoseconds that a range should take: long beside a call, short beside a core's absence


@dataclass
class Stage:
    """Calls that a thread makes in a row for a range of items, which need nothing of other ranges.

    items: the samples or chunks that all calls go along, else the items of its only call. least: items in a row.
    """

    calls: list[Call]
    scales: list[int]  # items of a call in an item of the stage
    items: int
    least: int
    along: str | None
    nanoseconds: float
    stop: int = 0  # the address of a flag that ends the program after this stage

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
    _varying: list[tuple[int, Varying]] = field(default_factory=list)
    _packed: dict[int, tuple[NDArray[np.int64], NDArray[np.int64]]] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Append a call: to the stage before where its samples go on there, else as a stage of its own."""
        share = call.share
        self._varying += [(call.words.ctypes.data + 8 * word, varying) for word, varying in call.varying]
        along = share.along if share.along != "samples" or self.samples else None
        parts = self.samples if along == "samples" else share.items
        scale = share.items // parts if parts else 1
        stage = Stage([call], [scale], parts, -(-share.least // max(scale, 1)), along, share.items * share.nanoseconds)
        if not self.stages or not self.stages[-1].take(stage):
            self.stages.append(stage)

    def stop_if(self, flag: NDArray[np.int64]) -> None:
        """End the run here where flag[0] is not 0 after the calls so far."""
        self.stages[-1].stop = flag.ctypes.data

    def run(self, steps: int = 1, epoch: int = 0, first_step: int = 0) -> int:
        """Run the program so many times; returns how many times it came to its end.

        epoch, first_step: what the varying numbers are made from.
        """
        number = threads()
        stages, calls = self._tables(number)
        if not (stages[:, team.RANGES] > 1).any():
            number = 1
        at = np.arange(first_step, first_step + steps)
        table = np.zeros((steps, len(self._varying)), np.int64)
        known: dict[int, NDArray[np.int64]] = {}
        for column, (_, varying) in enumerate(self._varying):
            if id(varying) not in known:
                known[id(varying)] = np.asarray(varying.values(epoch, at), varying.dtype).view(np.int64)
            table[:, column] = known[id(varying)]
        places = np.array([address for address, _ in self._varying], np.int64)
        done = np.zeros(1, np.int64)
        memory = team.shared_memory(number)
        words = [
            word for array in (stages, calls, places, table, memory, done) for word in (array.ctypes.data, *array.shape)
        ]
        team.execute(np.array(words, np.int64), number)
        return int(done[0])

    def _tables(self, threads: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        if threads not in self._packed:
            stages: list[list[int]] = []
            calls: list[list[int]] = []
            ranges = [stage.ranges(threads) for stage in self.stages]
            for number, stage in enumerate(self.stages):
                following = ranges[number + 1] if number + 1 < len(ranges) else 1
                meet = ranges[number] > 1 or following > 1 or stage.stop != 0
                first = len(calls)
                calls += [
                    [call.code, call.words.ctypes.data, scale]
                    for call, scale in zip(stage.calls, stage.scales, strict=True)
                ]
                stages.append([first, len(calls), stage.items, ranges[number], meet, stage.stop])
            self._packed[threads] = (
                np.array(stages, np.int64).reshape(-1, team.STAGE),
                np.array(calls, np.int64).reshape(-1, team.CALL),
            )
        return self._packed[threads]


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
