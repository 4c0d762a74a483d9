"""Maximum pooling over steps."""

from __future__ import annotations

from typing import ClassVar, Literal

from nnctl.kernels.device import Device
from nnctl.layers.operation import Arrays, ArraySpec, Operation, Shape, StepContext
from nnctl.layers.over_windows import OverWindows
from nnctl.layers.pool1d import Pool1D
from nnctl.layers.window_steps import WindowsOverSteps


class MaxPool1D(Pool1D):
    """The largest number of each window; among equals the first gets the gradient.

    inputs: (N, T, C), outputs: (N, T', C). Sequences with lengths: each sample has the windows that it has alone, and
    its outputs have a length that follows; one that is shorter than a window has one output, of all its steps.
    """

    type: Literal["max_pool1d"] = "max_pool1d"
    keeps_channels: ClassVar[bool] = True

    def plan(self, inputs: Shape, device: Device) -> Operation:
        return MaxOverWindows(self.windows(inputs), inputs[1], device)


class MaxOverWindows(OverWindows):
    """The largest number of each window over steps."""

    selects_maximum = True
    of_short_samples = "it takes the largest of the steps that there are"

    def __init__(self, over: WindowsOverSteps, channels: int, device: Device) -> None:
        argmax = ArraySpec("argmax", (over.outputs, channels), "per_sample", dtype="int32")
        super().__init__(over, channels, [argmax], device)

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self.write_lengths(arrays)
        self.device.kernels.max_pool1d.forward(
            arrays.inputs, self.lengths(arrays), arrays.outputs, arrays.scratch["argmax"], self.over.window
        )

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        if arrays.d_inputs is not None:
            self.device.kernels.max_pool1d.backward(
                arrays.d_outputs, self.lengths(arrays), arrays.scratch["argmax"], arrays.d_inputs, self.over.window
            )
