"""Launches of kernels, recorded once and then replayed step after step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.cuda.kernel import Array, Launch
from nnctl.kernels.runtime.recording import StepArgument, recording_to


@dataclass(frozen=True)
class _Stop:
    """Ends the run where number[0] is not finite."""

    number: Array


class Program:
    """A recorded row of launches. The arrays in it stay where they are."""

    def __init__(self) -> None:
        self._rows: list[Launch | _Stop] = []

    def add(self, launch: Launch) -> None:
        """Append a launch."""
        self._rows.append(launch)

    def begin_batch(self, samples: int) -> None:
        """Nothing: the launches say themselves how many items they have."""

    def stop_unless_finite(self, number: Array) -> None:
        """End the run here where number[0] is NaN or infinite after the launches so far."""
        self._rows.append(_Stop(number))

    def run(self, steps: int = 1, epoch: int = 0, first_step: int = 0) -> int:
        """Run the program so many times; returns how many times it came to its end.

        epoch, first_step: what the step arguments are made from.
        """
        values = self._values(epoch, np.arange(first_step, first_step + steps))
        for step in range(steps):
            for row in self._rows:
                if isinstance(row, _Stop):
                    if not np.isfinite(row.number.copy_to_host()[0]):
                        return step
                else:
                    row.kernel.launch(
                        [
                            values[argument][step] if isinstance(argument, StepArgument) else argument
                            for argument in row.arguments
                        ]
                    )
        return steps

    def _values(self, epoch: int, steps: NDArray[np.int64]) -> dict[StepArgument, NDArray[Any]]:
        """A value for each step of every step argument."""
        launches = (row for row in self._rows if isinstance(row, Launch))
        arguments = {
            argument for launch in launches for argument in launch.arguments if isinstance(argument, StepArgument)
        }
        return {argument: np.asarray(argument.values(epoch, steps), argument.dtype) for argument in arguments}


@contextmanager
def record() -> Iterator[Program]:
    """While entered, kernels that are called are added to a program."""
    program = Program()
    with recording_to(program):
        yield program
