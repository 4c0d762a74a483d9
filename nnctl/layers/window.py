"""The arithmetic of windows that slide over an image: how many there are, and how far they reach over the edge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from nnctl.layers.operation import Shape, ShapeError

Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[int, Field(ge=0)]
Size = Positive | Annotated[list[Positive], Field(min_length=2, max_length=2)]
"""One number for height and width, or `[height, width]`."""
Padding = Literal["valid", "same"] | NotNegative
"""`valid` is none; `same` gives ceil(size / stride) outputs; a number is added on every side."""
Pair = tuple[int, int]


@dataclass(frozen=True)
class Windows:
    """Where the windows lie, as pairs (along the height, along the width).

    outputs: how many windows. before: the padding above and to the left; what is added at the other end is implied.
    """

    kernel: Pair
    stride: Pair
    dilation: Pair
    before: Pair
    outputs: Pair

    @property
    def reach(self) -> Pair:
        """How far the last tap of a window lies from its first."""
        return self.dilation[0] * (self.kernel[0] - 1), self.dilation[1] * (self.kernel[1] - 1)


def gradient_columns(over: Windows, width: int) -> Pair:
    """What the gradient of the inputs reads of the outputs': the columns of zeros on the left, and all columns.

    width: of the inputs.
    """
    stride, before = over.stride[1], over.before[1]
    edge = max(0, -((before - over.reach[1]) // stride))
    return edge, edge + max(over.outputs[1], (width - 1 + before) // stride + 1)


def padded_size(over: Windows, size: Pair) -> Pair:
    """Height and width of images of this size with all padding that the windows reach over."""
    height, width = (
        max(before + own, (outputs - 1) * stride + reach + 1)
        for own, before, outputs, stride, reach in zip(
            size, over.before, over.outputs, over.stride, over.reach, strict=True
        )
    )
    return height, width


def pair(size: int | list[int]) -> Pair:
    """(size, size) for a number, (height, width) for a list of two."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def image(inputs: Shape) -> tuple[int, int, int]:
    """Height, width and channels of a sample. Raises ShapeError where it has other axes."""
    if len(inputs) != 3:
        raise ShapeError(
            "needs images, three axes a sample: (height, width, channels)",
            "put {type: reshape, shape: [height, width, channels]} in front of it, or leave this layer out",
            axes=3,
        )
    return inputs[0], inputs[1], inputs[2]


@lru_cache(maxsize=256)
def windows(size: Pair, kernel: Pair, stride: Pair, dilation: Pair, padding: str | int) -> Windows:
    """The windows over an image of this size (height, width). Raises ShapeError where not one fits."""
    tall = windows_along("height", size[0], kernel[0], stride[0], dilation[0], padding)
    wide = windows_along("width", size[1], kernel[1], stride[1], dilation[1], padding)
    return Windows(kernel, stride, dilation, before=(tall[0], wide[0]), outputs=(tall[1], wide[1]))


def windows_along(axis: str, size: int, kernel: int, stride: int, dilation: int, padding: str | int) -> Pair:
    """Padding before and number of windows along one axis. `same`: any odd one out is added at the end.

    Raises ShapeError where not one fits. axis: its name, for the message.
    """
    reach = dilation * (kernel - 1) + 1
    if padding == "same":
        outputs = -(-size // stride)
        return max((outputs - 1) * stride + reach - size, 0) // 2, outputs
    before = padding if isinstance(padding, int) else 0
    padded = size + 2 * before
    if reach > padded:
        spread = f" with dilation {dilation} reaches over {reach}, which" if dilation > 1 else ""
        edges = f" with padding {before} on both sides, {padded}," if before else ""
        raise ShapeError(
            f"kernel_size {kernel}{spread} is larger than its inputs' {axis}, {size}{edges}".rstrip(","),
            "use a smaller kernel_size, `padding: same`, or smaller strides in the layers before it",
        )
    return before, (padded - reach) // stride + 1
