"""What a config says of samples that files hold as arrays."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from nnctl.data.arrays.array_format import ArrayFormat, Given
from nnctl.data.source import Samples


class ArraySource(ArrayFormat):
    """Base of the formats that hold arrays: images, and whatever NumPy has written."""

    shape: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)] | None = None
    """The shape of one sample, channels last, where the file's own is flatter or less flat: [28, 28, 1]."""
    channels: Literal["first", "last"] | None = None
    """Which axis of a picture is its channels; first: transposed to last. Unset: first where that has 1, 3 or 4."""
    scale: float | None = Field(default=None, gt=0.0)
    """Inputs are divided by it. Unset: 255 for images of bytes, else 1."""

    @property
    def given(self) -> Given:
        return Given(tuple(self.shape or ()), self.channels, self.scale)

    def infer(self, samples: Samples) -> Self:
        """With the channels first where that was found."""
        return self.model_copy(update={"channels": "first"}) if samples.channels_first else self
