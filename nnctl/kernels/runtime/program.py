"""Calls of kernels, recorded once and then run step after step without Python in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.compiler.loading import load
from nnctl.kernels.runtime import helpers, workers
from nnctl.kernels.runtime.call import Call
from nnctl.kernels.runtime.recording import StepArgument, recording_to
from nnctl.kernels.runtime.team_size import TeamSize

ALONE = 3_000  # nanoseconds of a stage below which one thread is faster than several
ALL_ALONE = 40_000  # of several stages: what one core has written in one the others would wait for in the next
RANGE = 20_000  # nanoseconds that a range should take: long beside a call, short beside a core's absence
BLOCK = 8  # rows of a gradient that are one item of a stage


@dataclass
class Stage:
    """Calls that a thread makes in a row for a range of items, which need nothing of other ranges.

    items: the samples, chunks or blocks of rows that all calls go along, else the items of its only call. grain: items
    in a row.
    """

    calls: list[Call]
    scales: list[int]  # items of a call in an item of the stage; fewer in the last one
    items: int
    grain: int
    axis: str | None
    nanoseconds: float
    stop: int = 0  # the address of a number that ends the program after this stage if it is not finite
    memory: tuple[int, int] = (0, 0)  # address and bytes of the rows that its calls write
    block_bytes: int = 0  # of the rows of an item there

    def take(self, following: Stage) -> bool:
        """Whether its calls can be made right after those of this stage, range by range; then they are."""
        alike = self.axis == following.axis and self.items == following.items and not self.stop
        alike = alike and self.memory == following.memory
        if not self.axis or not alike or (self.grain != following.grain and self.grain and following.grain):
            return False
        self.calls += following.calls
        self.scales += following.scales
        self.nanoseconds += following.nanoseconds
        self.grain = max(self.grain, following.grain)
        return True

    def ranges(self, threads: int) -> int:
        """Into how many ranges the items are cut; 1: one thread does it all."""
        if self.stop or self.nanoseconds < ALONE or (threads == 1 and not self.axis):
            return 1
        ranges = min(int(self.nanoseconds / RANGE), self.items // max(1, min(self.grain, -(-self.items // threads))))
        if ranges < 8 * threads:  # few ones should be equally many for each
            ranges = max(ranges // threads, 1) * threads
        return max(1, min(ranges, self.items))


@dataclass
class Program:
    """A recorded row of calls. samples: those of the batch that calls are added for, 0 for none. The arrays in it stay
    where they are.
    """

    samples: int = 0
    stages: list[Stage] = field(default_factory=list)
    _step_arguments: list[tuple[int, StepArgument]] = field(default_factory=list)
    _teams: dict[int, workers.Team] = field(default_factory=dict)
    _team_sizes: dict[int, TeamSize] = field(default_factory=dict)

    def add(self, call: Call) -> None:
        """Append a call: to the stage before where its samples or rows go on there, else as a stage of its own."""
        partition = call.partition
        words = call.words.ctypes.data
        self._step_arguments += [(words + 8 * word, argument) for word, argument in call.step_arguments]
        nanoseconds = partition.items * partition.nanoseconds
        axis, parts, scale, memory = partition.axis, partition.items, 1, (0, 0)
        if axis == "samples" and self.samples < workers.available_threads():  # threads share each one, if there is any
            axis = None
        if axis == "samples":
            parts, scale = self.samples, partition.items // self.samples
        elif axis == "rows":
            parts, scale, memory = blocks_of(partition.items), BLOCK, partition.memory
        elif self.stages and partition.item_bytes:
            written = self.stages[-1]
            in_block = written.block_bytes // partition.item_bytes
            if partition.memory == written.memory and in_block * partition.item_bytes == written.block_bytes > 0:
                axis, parts, scale, memory = "rows", written.items, in_block, written.memory
        grain = -(-partition.grain // max(scale, 1))
        block_bytes = BLOCK * memory[1] // partition.items if axis == "rows" and partition.axis else 0
        stage = Stage([call], [scale], parts, grain, axis, nanoseconds, memory=memory, block_bytes=block_bytes)
        if not self.stages or not self.stages[-1].take(stage):
            self.stages.append(stage)

    def load(self) -> None:
        """Load the code of all calls."""
        calls = [call for stage in self.stages for call in stage.calls]
        own = [code for call in calls for code in (call.code, *(other for _, other in call.codes))]
        load([workers.code(), helpers.code(), *own])
        for call in calls:
            for word, code in call.codes:
                call.words[word] = code.address

    def begin_batch(self, samples: int) -> None:
        """The calls from here on are for a batch of so many samples."""
        self.samples = samples

    def stop_unless_finite(self, number: NDArray[np.float64]) -> None:
        """End the run here where number[0] is NaN or infinite after the calls so far."""
        self.stages[-1].stop = number.ctypes.data

    def places_of(self, array: NDArray[Any]) -> list[tuple[NDArray[np.int64], int]]:
        """The words, by array and index, that are the array's address: whoever writes another there, between two runs,
        has the calls take the memory at that address in its place.
        """
        calls = (call for stage in self.stages for call in stage.calls)
        return [(call.words, word) for call in calls for word in call.addresses_of(array)]

    def run(self, steps: int = 1, epoch: int = 0, first_step: int = 0) -> int:
        """Run the program so many times; returns how many times it came to its end.

        epoch, first_step: what the step arguments are made from.
        """
        size, table, done = self._team_size(), self._table(steps, epoch, first_step), 0
        while done < steps:
            rows = table[done : done + size.steps(steps - done)]
            began = perf_counter()
            came_to_end = self._team(size.threads).run(rows)
            done += came_to_end
            if came_to_end < len(rows):
                break
            size.took(len(rows), perf_counter() - began)
        return done

    def _team_size(self) -> TeamSize:
        most = workers.threads()
        if most not in self._team_sizes:
            team = self._team(most)
            self._teams[team.threads] = team
            self._team_sizes[most] = TeamSize(team.threads)
        return self._team_sizes[most]

    def _team(self, threads: int) -> workers.Team:
        if threads not in self._teams:
            self.load()
            addresses = [address for address, _ in self._step_arguments]
            self._teams[threads] = _team(self.stages, addresses, threads)
        return self._teams[threads]

    def _table(self, steps: int, epoch: int, first_step: int) -> NDArray[np.int64]:
        """The bits of the step arguments, a row for each step."""
        table = np.empty((steps, len(self._step_arguments)), np.int64)
        if not self._step_arguments:
            return table
        at = np.arange(first_step, first_step + steps)
        made: dict[StepArgument, NDArray[np.int64]] = {}
        for column, (_, argument) in enumerate(self._step_arguments):
            if argument not in made:
                made[argument] = np.asarray(argument.values(epoch, at), argument.dtype).view(np.int64)
            table[:, column] = made[argument]
        return table


def _team(stages: list[Stage], step_arguments: list[int], threads: int) -> workers.Team:
    """For so many threads; for one where several would not be faster."""
    if len(stages) > 1 and sum(stage.nanoseconds for stage in stages) < ALL_ALONE:
        threads = 1
    ranges = [stage.ranges(threads) for stage in stages]
    threads = threads if max(ranges, default=1) > 1 else 1
    stage_rows: list[list[int]] = []
    call_rows: list[list[int]] = []
    for stage, own in zip(stages, ranges, strict=True):
        first, items, scales = len(call_rows), stage.items, stage.scales
        stops = stage.stop != 0
        if own == 1:  # in one go, and so are its neighbours
            items, scales = 1, [call.partition.items for call in stage.calls]
            if stage_rows and stage_rows[-1][workers.RANGES] == 1:
                first, *_, before_stops = stage_rows.pop()
                stops = stops or bool(before_stops)
        call_rows += [
            [call.code.address, call.words.ctypes.data, scale, call.partition.items, 0]
            for call, scale in zip(stage.calls, scales, strict=True)
        ]
        call_rows[-1][workers.STOP] = stage.stop
        stage_rows.append([first, len(call_rows), items, own, stops])
    if step_arguments and threads > 1 and stage_rows[-1][workers.RANGES] > 1:  # another, which opens the next step
        stage_rows.append([len(call_rows), len(call_rows), 1, 1, 0])
    tables = (
        np.array(stage_rows, np.int64).reshape(-1, workers.STAGE),
        np.array(call_rows, np.int64).reshape(-1, workers.CALL),
        np.array(step_arguments, np.int64),
    )
    return workers.Team(tables, threads)


def blocks_of(rows: int) -> int:
    """How many blocks the rows of a gradient are, the last of them not always whole."""
    return -(-rows // BLOCK)


@contextmanager
def record(samples: int = 1) -> Iterator[Program]:
    """While entered, kernels that are called are added to a program, for batches of so many samples."""
    program = Program(samples)
    with recording_to(program):
        yield program
    program.load()


def run_now(call: Call) -> None:
    """Run a call at once."""
    program = Program()
    program.add(call)
    program.run()
