"""Programs by the size of the batch: each is recorded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable

from nnctl.kernels.device import Device, Program


class BatchPrograms:
    """record: makes the calls of a program for batches of n samples, `record(program, n)`, while they are recorded."""

    def __init__(self, device: Device, record: Callable[[Program, int], None]) -> None:
        self._device = device
        self._record = record
        self._programs: dict[int, Program] = {}

    def of(self, n: int) -> Program:
        """The program for batches of n samples."""
        if n not in self._programs:
            with self._device.record(n) as program:
                self._record(program, n)
            self._programs[n] = program
        return self._programs[n]
