"""The samples of a split on a device."""

from __future__ import annotations

from dataclasses import dataclass

from nnctl.kernels.device import Array, Device
from nnctl.kernels.runtime.recording import StepArgument


@dataclass(frozen=True)
class Samples:
    """A split on a device. inputs: (N, F). targets: (N,), (N, K), or those of all steps side by side. lengths: (N,), or
    None. table: (256, C), by which inputs of bytes become numbers, or None for those that are numbers. weights: (N, R)
    float64, of each sample for all its rows, or None. rows: (N,), those of the samples in inputs of (M, F) that splits
    share, or None.
    """

    inputs: Array
    targets: Array
    lengths: Array | None
    table: Array | None
    weights: Array | None
    rows: Array | None

    def load_targets(self, order: Array, start: int | StepArgument, out: Array, n: int, device: Device) -> None:
        """Copy the targets of the samples order[start : start + n] into `out`, (n R,) or (n R, K) for R rows each.

        order: (M,) int64, on the device.
        """
        gather = device.kernels.gather
        if self.targets.ndim == 1:
            gather.gather_values(self.targets, order, out, start)
        else:
            gather.gather_rows(self.targets, order, out.reshape(n, -1), start)
