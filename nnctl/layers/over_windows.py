"""The base of the operations that make one output of each window over the steps of sequences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

from nnctl.kernels.device import Device
from nnctl.layers.operation import LENGTHS, Array, Arrays, ArraySpec, Operation, Shape
from nnctl.layers.over_steps import lengths_of
from nnctl.layers.window_steps import WindowsOverSteps
from nnctl.text import share


class OverWindows(Operation):
    """One whose outputs have as many steps as there are windows over each sample.

    of_short_samples: what becomes of a sample that is shorter than a window, for a note.
    """

    of_short_samples: ClassVar[str]

    def __init__(self, over: WindowsOverSteps, channels: int, arrays: Sequence[ArraySpec], device: Device) -> None:
        self.over, self.device = over, device
        self.outputs: Shape = (over.outputs, channels)
        self.changes_lengths = over.changes_lengths
        self.arrays = (*arrays, LENGTHS) if over.changes_lengths else tuple(arrays)

    def steps(self, lengths: Array) -> Array:
        return self.over.of(lengths)

    def notes_on(self, lengths: Mapping[str, Array]) -> Iterator[tuple[str, str]]:
        short = {samples: int(self.over.is_short(own).sum()) for samples, own in lengths.items()}
        if total := sum(short.values()):
            counts = [share(count, len(lengths[samples]), samples) for samples, count in short.items() if count]
            have = "has" if total == 1 else "have"
            padded = f", with padding {self.over.before} on both sides," if self.over.before else ""
            what = f"{have} fewer steps here{padded} than its window of {self.over.reach}"
            yield "", f"{' and '.join(counts)} {what}; {self.of_short_samples}"

    def lengths(self, arrays: Arrays) -> Array:
        """Those of the inputs; empty where every step is real."""
        return lengths_of(arrays, self.device)

    def write_lengths(self, arrays: Arrays) -> None:
        """Those of the outputs, where there are any that are not the inputs'."""
        if arrays.lengths is not None and self.changes_lengths:
            self.device.kernels.steps.count_windows(arrays.lengths, arrays.scratch[LENGTHS.name], self.over.window)
