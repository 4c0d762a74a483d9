"""What the pooling layers share: their windows."""

from __future__ import annotations

from nnctl.layers.layer import Layer
from nnctl.layers.operation import Shape, ShapeError
from nnctl.layers.window import Padding, Size, Windows, image, pair, windows


class Pool2D(Layer):
    """Base of the layers that make one number of each window, channel by channel. inputs: (N, H, W, C)."""

    kernel_size: Size
    """Height and width of the window: a number or [height, width]."""
    stride: Size | None = None
    """Distance between windows: a number or [height, width]. Unset: the kernel_size, so that no two overlap."""
    padding: Padding = "valid"
    """How far windows reach over the edge: `valid` (not), `same` (ceil(size / stride) outputs), or a number."""

    def windows(self, inputs: Shape) -> Windows:
        """The windows over an image of this shape, (height, width, channels). Raises ShapeError."""
        height, width, _ = image(inputs)
        kernel = pair(self.kernel_size)
        if isinstance(self.padding, int) and self.padding >= min(kernel):
            what = f"padding {self.padding} is not smaller than kernel_size {min(kernel)}: a window would see no inputs"
            raise ShapeError(what, f"use a padding of at most {min(kernel) - 1}")
        stride = kernel if self.stride is None else pair(self.stride)
        return windows((height, width), kernel, stride, (1, 1), self.padding)
