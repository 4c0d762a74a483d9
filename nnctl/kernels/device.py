"""A device: it makes arrays, records programs, copies to and from the host, and holds the kernels."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnctl.memory import zeros

Array = NDArray[Any]  # or what the device has in its place


class MissingKernelsError(AttributeError):
    """The device has no module of kernels with this name."""


class Program(Protocol):
    """Calls of kernels, recorded once, to be run step after step."""

    def run(self, steps: int = 1, epoch: int = 0, first_step: int = 0) -> int:
        """Run the calls so many times; returns how many times they came to their end."""

    def begin_batch(self, samples: int) -> None:
        """While recording: the calls from here on are for a batch of so many samples."""

    def stop_unless_finite(self, number: Array) -> None:
        """While recording: end the run here where number[0] is NaN or infinite after the calls so far."""


class Device(ABC):
    """Where a network computes. is_complete: whether it has all kernels that there are."""

    name: str
    is_complete: bool = True

    @property
    @abstractmethod
    def kernels(self) -> ModuleType:
        """The device's kernels, a module each: `device.kernels.relu.forward(inputs, outputs)`."""

    @abstractmethod
    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> Array:
        """A new array of zeros on the device."""

    @abstractmethod
    def from_host(self, array: NDArray[Any]) -> Array:
        """The array on the device: itself, or a copy."""

    @abstractmethod
    def to_host(self, array: Array) -> NDArray[Any]:
        """The array as NumPy has it: itself, or a copy."""

    @abstractmethod
    def write(self, source: NDArray[Any], target: Array) -> None:
        """Copy a host's array into one of the device."""

    @abstractmethod
    def record(self, samples: int) -> AbstractContextManager[Program]:
        """While entered, kernels that are called are added to a program, for batches of so many samples."""


class CPU(Device):
    """The processor: its memory is the host's, so nothing is copied."""

    name = "cpu"

    @property
    def kernels(self) -> ModuleType:
        from nnctl.kernels import cpu

        return cpu

    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> Array:
        return zeros(shape, dtype)

    def from_host(self, array: NDArray[Any]) -> Array:
        return array

    def to_host(self, array: Array) -> NDArray[Any]:
        return array

    def write(self, source: NDArray[Any], target: Array) -> None:
        np.copyto(target, source)

    def record(self, samples: int) -> AbstractContextManager[Program]:
        from nnctl.kernels.runtime.program import record

        return record(samples)
