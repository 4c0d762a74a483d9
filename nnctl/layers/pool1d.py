"""What the pooling layers over steps share: their windows."""

from __future__ import annotations

from pydantic import Field

from nnctl.layers.layer import Layer
from nnctl.layers.operation import Shape, ShapeError
from nnctl.layers.over_steps import sequence
from nnctl.layers.window import Padding
from nnctl.layers.window_steps import WindowsOverSteps, windows_over_steps


class Pool1D(Layer):
    """Base of the layers that make one number of each window over steps, channel by channel. inputs: (N, T, C)."""

    kernel_size: int = Field(ge=1)
    """Steps of the window."""
    stride: int | None = Field(default=None, ge=1)
    """Steps from a window to the next. Unset: the kernel_size, so that no two overlap."""
    padding: Padding = "valid"
    """How far windows reach over the ends: `valid` (not), `same` (ceil(steps / stride) outputs), or a number."""

    def windows(self, inputs: Shape) -> WindowsOverSteps:
        """The windows over sequences of this shape, (steps, channels). Raises ShapeError."""
        steps, _ = sequence(inputs)
        kernel, padding = self.kernel_size, self.padding
        if isinstance(padding, int) and padding >= kernel:
            what = f"padding {padding} is not smaller than kernel_size {kernel}: a window would see no inputs"
            raise ShapeError(what, f"use a padding of at most {kernel - 1}")
        return windows_over_steps(steps, kernel, self.stride or kernel, 1, padding)
