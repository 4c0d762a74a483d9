"""A call of a kernel that waits to run: machine code, packed arguments, and how it is partitioned among threads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels.compiler.code import Code
from nnctl.kernels.runtime.recording import StepArgument


@dataclass(frozen=True)
class Partition:
    """How a call is partitioned among threads.

    items: how many there are. nanoseconds: that one takes, roughly. grain: items that one thread should do in a row,
    0 where it does not matter. axis: what the items are parts of in their order, where they need nothing of another
    part: so a thread may go on to the next call along the same axis with the parts that it has. memory: address and
    bytes of what the rows of a matrix write, or of what a call on elements goes along. item_bytes: of an element, or a
    chunk, there.
    """

    items: int = 1
    nanoseconds: float = 0.0
    grain: int = 0
    axis: Literal["samples", "chunks", "rows"] | None = None
    memory: tuple[int, int] = (0, 0)
    item_bytes: int = 0


@dataclass
class Call:
    """A kernel with its arguments. words: as `machine_code` takes them. codes: which words get addresses of code.
    step_arguments: which words are new in each step. alive: the arguments, which must stay where they are.
    """

    name: str
    code: Code
    words: NDArray[np.int64]
    codes: list[tuple[int, Code]]
    step_arguments: list[tuple[int, StepArgument]]
    partition: Partition
    alive: tuple[Any, ...] = field(repr=False)

    def addresses_of(self, array: NDArray[Any]) -> Iterator[int]:
        """Which words are the address of this array, or of another that begins there."""
        word, first = 0, array.ctypes.data
        for argument in self.alive:
            if isinstance(argument, np.ndarray):
                offset = argument.ctypes.data - first
                assert not 0 < offset < array.nbytes, "this part of the array would stay where it is"
                if argument.size and not offset:
                    yield word
                word += 1 + argument.ndim
            else:
                word += len(argument) if isinstance(argument, tuple) else 1
