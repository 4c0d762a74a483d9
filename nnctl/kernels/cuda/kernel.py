"""What a kernel for the GPU is: a loop over items that do not depend on each other, spread over the threads of a grid.

    @kernel(lambda inputs, outputs: inputs.size)
    def forward(inputs: Array, outputs: Array) -> None:
        for i in range(cuda.grid(1), inputs.size, cuda.gridsize(1)):
            ...

Calling `forward(inputs, outputs)` launches it, or records the launch where a program is being recorded. A kernel of one
item runs in a single thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nnctl.kernels.cuda.compiler import BLOCK_THREADS, MAX_BLOCKS, Array, compiled, cuda
from nnctl.kernels.runtime import recording

__all__ = ["Array", "Kernel", "Launch", "compiled", "cuda", "kernel"]


@dataclass(frozen=True)
class Launch:
    """A kernel with its arguments, some of which may be new in each step."""

    kernel: Kernel
    arguments: tuple[Any, ...]


class Kernel:
    """A kernel, compiled for each combination of dtypes and dimensions when it is first launched with it."""

    def __init__(self, function: Callable[..., None], items: Callable[..., int]) -> None:
        self._function = function
        self._items = items
        self.__name__ = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.__doc__ = function.__doc__
        self.__wrapped__ = function

    def __call__(self, *arguments: Any) -> None:
        recorder = recording.recorder()
        if recorder is not None:
            recorder.add(Launch(self, arguments))
        else:
            self.launch(arguments)

    def launch(self, arguments: Sequence[Any]) -> None:
        """Run it on the device, after all that was launched before."""
        items = self._items(*arguments)
        if items:
            threads = min(items, BLOCK_THREADS)
            self._compiled[min(-(-items // threads), MAX_BLOCKS), threads](*arguments)

    @cached_property
    def _compiled(self) -> Any:
        return cuda.jit(self._function)


def _one_item(*arguments: Any) -> int:
    return 1


def kernel(items: Callable[..., int] = _one_item) -> Callable[[Callable[..., None]], Kernel]:
    """Make a kernel of a function. items: from a call's arguments, how many there are; unset, a single one."""
    return lambda function: Kernel(function, items)
