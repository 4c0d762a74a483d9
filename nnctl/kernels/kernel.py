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
from typing import Any

import numpy as np

from nnctl.kernels.compiler import jit
from nnctl.kernels.compiler.code import Code, machine_code
from nnctl.kernels.runtime import recording
from nnctl.kernels.runtime.call import Call, Partition
from nnctl.kernels.runtime.program import run_now
from nnctl.kernels.runtime.recording import StepArgument

__all__ = ["Array", "Call", "Kernel", "Partition", "by_chunk", "by_item", "by_row", "by_sample", "compiled", "kernel"]

Array = jit.Array
compiled = jit.compiled


def by_item(items: int, nanoseconds: float, grain: int = 0) -> Partition:
    """Items of a call that any thread may do."""
    return Partition(items, nanoseconds, grain)


def by_sample(items: int, nanoseconds: float, grain: int = 0) -> Partition:
    """Items that belong to the batch's samples, the same number for each."""
    return Partition(items, nanoseconds, grain, axis="samples")


def by_chunk(items: int, nanoseconds: float) -> Partition:
    """The fixed chunks that a sum over the batch is made in."""
    return Partition(items, nanoseconds, axis="chunks")


def by_row(items: int, nanoseconds: float, grain: int, *written: Array) -> Partition:
    """The rows of a matrix that the call writes: written, its rows in one array, or in several, one after the other."""
    return Partition(items, nanoseconds, grain, axis="rows", memory=_memory(*written))


def by_element(array: Array, nanoseconds: float, chunk: int = 1) -> Partition:
    """The elements of an array, or chunks of so many. nanoseconds: of an element.

    They may be computed right after the rows of the call that has just written this array.
    """
    items = -(-array.size // chunk)
    return Partition(items, nanoseconds * chunk, memory=_memory(array), item_bytes=chunk * array.itemsize)


def _memory(*arrays: Array) -> tuple[int, int]:
    """The address and the bytes of arrays that are one after the other in memory; (0, 0) where they are not."""
    start = end = arrays[0].ctypes.data
    for array in arrays:
        if array.size and array.ctypes.data != end:
            return 0, 0
        end += array.nbytes
    return start, end - start


def _alone(*arguments: Any) -> Partition:
    return Partition()


class Kernel:
    """A kernel, compiled for each combination of dtypes and dimensions that it is called with."""

    def __init__(self, function: Callable[..., None], partition: Callable[..., Partition]) -> None:
        self._function = function
        self._partition = partition
        self.__name__ = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __call__(self, *arguments: Any) -> None:
        call = self._packed(arguments)
        recorder = recording.recorder()
        if recorder is not None:
            recorder.add(call)
        else:
            run_now(call)

    def _packed(self, arguments: tuple[Any, ...]) -> Call:
        kinds: list[str] = []
        words: list[int] = []
        codes: list[tuple[int, Code]] = []
        step_arguments: list[tuple[int, StepArgument]] = []
        for argument in arguments:
            if isinstance(argument, StepArgument):
                step_arguments.append((len(words), argument))
                kinds.append(argument.dtype)
                words.append(0)
            else:
                if isinstance(argument, tuple):
                    codes += [(len(words) + n, item) for n, item in enumerate(argument) if isinstance(item, Code)]
                kind, own = _pack(argument)
                kinds.append(kind)
                words.extend(own)
        code, partition = machine_code(self._function, tuple(kinds)), self._partition(*arguments)
        return Call(self.__name__, code, np.array(words, np.int64), codes, step_arguments, partition, arguments)


def kernel(partition: Callable[..., Partition] = _alone) -> Callable[[Callable[..., None]], Kernel]:
    """Make a kernel of a function. partition: from a call's arguments, how; unset, one thread does it all."""
    return lambda function: Kernel(function, partition)


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
        return f"tuple {len(argument)}", [0 if isinstance(item, Code) else item for item in argument]
    return "int64", [int(argument)]
