"""What the pooling layers share that make one number of each channel: all steps or pixels are one window."""

from __future__ import annotations

from dataclasses import replace

from nnctl.layers.operation import Array, Arrays, Operation, Shape, ShapeError, StepContext
from nnctl.layers.over_images import OverImages


def positions(inputs: Shape) -> tuple[int, int]:
    """How many steps or pixels a sample has, and how many channels. Raises ShapeError where it has other axes."""
    if len(inputs) not in (2, 3):
        raise ShapeError(
            "needs sequences or images: (steps, channels) or (height, width, channels)",
            "put {type: reshape, shape: [steps, channels]} in front of it, or leave this layer out",
            axes=2,
        )
    return inputs[0] * (inputs[1] if len(inputs) == 3 else 1), inputs[-1]


class OverPositions(Operation):
    """One number for each channel of samples of shape `inputs`. of_steps: makes it of sequences, (steps, channels)."""

    def __init__(self, inputs: Shape, of_steps: Operation) -> None:
        self._shape = positions(inputs)
        self._of_steps = of_steps
        self.outputs = inputs[-1:]
        self.arrays = of_steps.arrays
        self.selects_maximum = of_steps.selects_maximum

    def forward(self, arrays: Arrays, step: StepContext) -> None:
        self._of_steps.forward(self._as_steps(arrays), step)

    def backward(self, arrays: Arrays, step: StepContext) -> None:
        self._of_steps.backward(self._as_steps(arrays), step)

    def _as_steps(self, arrays: Arrays) -> Arrays:
        def steps(array: Array) -> Array:
            return array.reshape(-1, *self._shape)

        outputs = (-1, *self._of_steps.outputs)
        return replace(
            arrays,
            inputs=steps(arrays.inputs),
            outputs=arrays.outputs.reshape(outputs),
            d_inputs=None if arrays.d_inputs is None else steps(arrays.d_inputs),
            d_outputs=arrays.d_outputs.reshape(outputs),
        )


class OverPixels(OverPositions, OverImages):
    """One number for each channel of images."""

    steps = OverImages.steps


def over_positions(inputs: Shape, of_steps: Operation) -> Operation:
    """The operation on samples of shape `inputs`, sequences or images. of_steps: as for OverPositions."""
    return OverPositions(inputs, of_steps) if len(inputs) == 2 else OverPixels(inputs, of_steps)
