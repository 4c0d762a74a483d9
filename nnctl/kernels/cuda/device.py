"""The GPU as a device."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nnctl.kernels import cuda as twins
from nnctl.kernels.cuda.compiler import Array, cuda
from nnctl.kernels.cuda.program import record
from nnctl.kernels.device import Device, Program


class CUDA(Device):
    """An NVIDIA GPU: its memory is its own, and kernels run in the order in which they are launched."""

    name = "cuda"
    is_complete = False

    @property
    def kernels(self) -> ModuleType:
        return twins

    def zeros(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> Array:
        return self.from_host(np.zeros(shape, dtype))

    def from_host(self, array: NDArray[Any]) -> Array:
        return cuda.to_device(np.ascontiguousarray(array))

    def to_host(self, array: Array) -> NDArray[Any]:
        copy: NDArray[Any] = array.copy_to_host()
        return copy

    def write(self, source: NDArray[Any], target: Array) -> None:
        target.copy_to_device(np.ascontiguousarray(source, target.dtype))

    def record(self, samples: int) -> AbstractContextManager[Program]:
        return record()
