"""What a kernel is: a compiled loop over items that do not depend on each other, called with arrays and numbers.

    @kernel(lambda inputs, outputs: by_sample(inputs.size, 0.2))
    def forward(begin: int, end: int, inputs: Array, outputs: Array) -> None:
        for i in range(begin, end):
            ...

Calling `forward(inputs, outputs)` runs it at once, or records the call where a program is being recorded. begin and end
are the items that one thread computes; whoever computes them, they give the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnctl.kernels import jit, recording, team
from nnctl.kernels.recording import Varying

__all__ = ["Array", "Call", "Kernel", "Share", "by_chunk", "by_row", "by_sample", "compiled", "kernel", "shared"]

Array = jit.Array
compiled = jit.compiled


@dataclass(frozen=True)
class Share:
    """How a call can be shared among threads.

    items: how many there are. nanoseconds: that one takes, roughly. least: items that one thread should do in a row,
    0 where it does not matter. along: what the items are parts of in their order, where they need nothing of another
    part: so a thread may go on to the next call along the same with the parts that it has.
    """

    items: int = 1
    nanoseconds: float = 0.0
    least: int = 0
    along: Literal["samples", "chunks", "rows"] | None = None


def shared(items: int, nanoseconds: float, least: int = 0) -> Share:
    """Items of a call that any thread may do."""
    return Share(items, nanoseconds, least)


def by_sample(items: int, nanoseconds: float, least: int = 0) -> Share:
    """Items that belong to the batch's samples, the same number for each."""
    return Share(items, nanoseconds, least, along="samples")


def by_chunk(items: int, nanoseconds: float) -> Share:
    """The fixed chunks that a sum over the batch is made in."""
    return Share(items, nanoseconds, along="chunks")


def by_row(items: int, nanoseconds: float, least: int = 0) -> Share:
    """The rows of a gradient, which may be followed row by row."""
    return Share(items, nanoseconds, least, along="rows")


def _alone(*arguments: Any) -> Share:
    return Share()


@dataclass
class Call:
    """A kernel with its arguments. words: as `machine_code` takes them. varying: which words are new in each step.

    alive: the arguments, which must stay where they are.
    """

    name: str
    code: int
    words: NDArray[np.int64]
    varying: list[tuple[int, Varying]]
    share: Share
    alive: tuple[Any, ...] = field(repr=False)


class Kernel:
    """A kernel, compiled for each combination of dtypes and dimensions when it is first asked for."""

    def __init__(self, function: Callable[..., None], share: Callable[..., Share]) -> None:
        self._function = function
        self._share = share
        self._code: dict[tuple[str, ...], int] = {}
        self.__name__ = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __call__(self, *arguments: Any) -> None:
        call = self._packed(arguments)
        recorder = recording.recorder()
        if recorder is not None:
            recorder.add(call)
        else:
            from nnctl.kernels.program import run_now

            run_now(call)

    def _packed(self, arguments: tuple[Any, ...]) -> Call:
        kinds: list[str] = []
        words: list[int] = []
        varying: list[tuple[int, Varying]] = []
        for argument in arguments:
            if isinstance(argument, Varying):
                varying.append((len(words), argument))
                kinds.append(argument.dtype)
                words.append(0)
            else:
                kind, own = _pack(argument)
                kinds.append(kind)
                words.extend(own)
        code = self._code.get(tuple(kinds))
        if code is None:
            code = self._code[tuple(kinds)] = jit.machine_code(self._function, tuple(kinds))
        share = self._share(*arguments)
        return Call(self.__name__, code, np.array(words, np.int64), varying, share, arguments)


def kernel(share: Callable[..., Share] = _alone) -> Callable[[Callable[..., None]], Kernel]:
    """Make a kernel of a function. share: from a call's arguments, how it can be shared; else one thread does it."""
    return lambda function: Kernel(function, share)


def _pack(argument: Any) -> tuple[str, list[int]]:
    """An argument's kind and words, as `machine_code` takes them."""
    if isinstance(argument, np.ndarray):
        if not argument.flags.c_contiguous:
            raise ValueError("a kernel's arrays are contiguous")
        return f"{argument.dtype} {argument.ndim}", [argument.ctypes.data, *argument.shape]
    if isinstance(argument, bool | np.bool_):
        return "bool", [int(argument)]
    if isinstance(argument, np.uint64):
        return "uint64", [int(argument.view(np.int64))]
    if isinstance(argument, float):
        return "float64", [int(np.float64(argument).view(np.int64))]
    if isinstance(argument, tuple):
        return f"tuple {len(argument)}", list(argument)
    return "int64", [int(argument)]


def threads() -> int:
    """How many threads kernels run on."""
    return _threads or team.available_threads()


def set_threads(number: int | None) -> int:
    """Run kernels on this many threads from now on; None: as many as are available. Returns the number.

    The results do not depend on it.
    """
    global _threads
    _threads = number
    return threads()


_threads: int | None = None
