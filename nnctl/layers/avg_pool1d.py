"""Average pooling over steps."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, Operation, Shape, StepContext
from nnctl.layers.over_windows import OverWindows
from nnctl.layers.pool1d import Pool1D


class AvgPool1D(Pool1D):
    """The mean of each window over the steps that it sees, padding not counted.

    inputs: (N, T, C), outputs: (N, T', C). Sequences with lengths: each sample has the windows that it has alone, and
    its outputs have a length that follows; one that is shorter than a window has one output, of all its steps.
    """

    type: Literal["avg_pool1d"] = "avg_pool1d"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return _AvgPool1DOperation(self.windows(inputs), inputs[1], (), device)


class _AvgPool1DOperation(OverWindows):
    of_short_samples = "it takes the mean of the steps that there are"

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self.write_lengths(arrays)
        lengths = self.lengths(arrays)
        self.device.kernels.avg_pool1d.forward(arrays.inputs, lengths, arrays.outputs, self.over.window)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            lengths = self.lengths(arrays)
            self.device.kernels.avg_pool1d.backward(arrays.d_outputs, lengths, arrays.d_inputs, self.over.window)
