"""Windows that slide over the steps of a sequence: the one-dimensional counterpart of window.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from nnctl.layers.operation import Array
from nnctl.layers.window import Windows, windows_along

PaddingOfSteps = Literal["valid", "same", "causal"] | Annotated[int, Field(ge=0)]
"""As `Padding`; `causal` is all in front, so that no output sees a later step."""


@dataclass(frozen=True)
class WindowsOverSteps:
    """Where the windows over samples of `steps` steps lie, and over shorter ones, each as if it stood alone.

    outputs: how many there are. before: the padding in front. extra: what `windows_over` (kernels/cpu/steps.py) adds
    to a length. is_same: whether the padding depends on the length.
    """

    steps: int
    kernel: int
    stride: int
    dilation: int
    before: int
    outputs: int
    extra: int
    is_same: bool

    @property
    def reach(self) -> int:
        """From the first step of a window to its last, both counted."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def window(self) -> tuple[int, int, int, int]:
        """As the kernels take it."""
        return self.reach, self.stride, self.extra, -1 if self.is_same else self.before

    @property
    def changes_lengths(self) -> bool:
        return (self.stride, self.extra) != (1, -1)

    def of(self, lengths: Array) -> Array:
        """How many windows there are over samples of these lengths, (M,) int64."""
        return np.asarray(np.maximum(lengths + self.extra, 0) // self.stride + 1)

    def is_short(self, lengths: Array) -> Array:
        """Which samples of these lengths, (M,) int64, not one window fits into; they have one all the same. (M,) bool.

        `same` and `causal` padding makes every window fit.
        """
        return np.asarray(lengths + self.extra < 0)

    @property
    def padded(self) -> int:
        """The steps of a buffer for each sample behind its own padding, and for all windows."""
        before = (self.reach - 1) // 2 if self.is_same else self.before
        return max(before + self.steps, (self.outputs - 1) * self.stride + self.reach)

    def over_padded(self) -> Windows:
        """The same windows over an image of one row, the padded buffer."""
        return Windows((1, self.kernel), (1, self.stride), (1, self.dilation), before=(0, 0), outputs=(1, self.outputs))


def windows_over_steps(steps: int, kernel: int, stride: int, dilation: int, padding: str | int) -> WindowsOverSteps:
    """The windows over samples of so many steps. Raises ShapeError where not one fits."""
    reach = dilation * (kernel - 1) + 1
    if padding == "causal":
        before, outputs, extra = reach - 1, (steps - 1) // stride + 1, -1
    else:
        before, outputs = windows_along("number of steps", steps, kernel, stride, dilation, padding)
        extra = -1 if padding == "same" else 2 * before - reach
    return WindowsOverSteps(steps, kernel, stride, dilation, before, outputs, extra, padding == "same")
