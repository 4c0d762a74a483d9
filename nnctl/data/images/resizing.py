"""Pictures of any size made ones of the same size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Resize = Literal["fit", "crop", "stretch"]
Mode = Literal["grey", "rgb"]

FINER = 2  # times finer than it is needed a JPEG is decoded at least: it costs little, and nothing is seen of it


@dataclass(frozen=True)
class Frame:
    """What pictures are made."""

    height: int
    width: int
    resize: Resize
    mode: Mode

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.height, self.width

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        return self.height, self.width, 1 if self.mode == "grey" else 3

    def least_decoded(self, *, is_on_its_side: bool) -> tuple[int, int]:
        """The width and height that a picture is to have at least when it is decoded."""
        height, width = (self.width, self.height) if is_on_its_side else self.size
        return FINER * width, FINER * height


def resized(image: Picture, frame: Frame) -> Picture:
    """The picture in the size of the frame, by averages where it becomes smaller, else interpolated linearly.

    fit: the whole picture in the middle, black around it; crop: its middle; stretch: the whole picture, distorted.
    """
    from PIL import Image, ImageOps

    size = frame.width, frame.height
    if image.size == size:
        return image
    bilinear = Image.Resampling.BILINEAR
    if frame.resize == "stretch":
        return image.resize(size, bilinear)
    if frame.resize == "crop":
        return ImageOps.fit(image, size, bilinear)
    scale = min(frame.width / image.width, frame.height / image.height)
    width, height = (max(1, round(length * scale)) for length in image.size)
    black = Image.new(image.mode, size)
    black.paste(image.resize((width, height), bilinear), ((frame.width - width) // 2, (frame.height - height) // 2))
    return black
