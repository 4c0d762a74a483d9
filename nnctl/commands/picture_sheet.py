"""Pictures on a sheet, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnctl.data.scaling import Scaling
from nnctl.errors import UsageError
from nnctl.files import refuse_to_overwrite
from nnctl.text import by

Pixels = NDArray[np.uint8]
Array = NDArray[np.floating]

WORST = "--worst-pictures"  # the option of `nnctl eval` that writes one
LARGE = 64  # pixels: smaller pictures are enlarged, to be seen
GAP = 4
GREY = 128  # between the pictures


def require_pictures(shape: tuple[int, ...], option: str) -> None:
    """Raise UsageError for samples of this shape that are no images. option: that asks for pictures."""
    if len(shape) != 3 or shape[2] not in (1, 3):
        help = "leave it out" if len(shape) != 2 else "leave it out, or set data.shape: [height, width, 1]"
        raise UsageError(f"{option} is for images of 1 or 3 channels; a sample here is {by(shape)}", help=help)


def refuse_file(file: Path, option: str) -> None:
    """Raise UsageError for a file that is there, or that would not be known as a PNG. option: that names it."""
    if file.suffix.lower() != ".png":
        raise UsageError(f"{option} writes a PNG file, and {file} has another ending", help="end its name in .png")
    refuse_to_overwrite(file, f"{option} FILE")


def as_bytes(columns: list[Array], scaling: Scaling | None) -> list[Pixels]:
    """From numbers of the network to pixels; black and white are those of the first column."""
    raw = [column.astype(np.float64) if scaling is None else scaling.undone(column) for column in columns]
    black, most = min(0.0, raw[0].min()), raw[0].max()
    white = next((white for white in (1.0, 255.0) if most <= white), most)
    return [np.clip(np.rint((column - black) * (255 / (white - black))), 0, 255).astype(np.uint8) for column in raw]


def arranged(columns: Sequence[Pixels]) -> Pixels:
    """Columns of pictures, (N, h, w, C) each, on one sheet, (H, W, C). The first column is the longest."""
    sizes = [column.shape[1:3] for column in columns]
    tall, wide = (max(size[axis] for size in sizes) for axis in (0, 1))
    enlarged = max(1, LARGE // max(tall, wide))
    tall, wide = tall * enlarged, wide * enlarged
    rows, channels = len(columns[0]), columns[0].shape[3]
    sheet = np.full((rows * (tall + GAP) + GAP, len(columns) * (wide + GAP) + GAP, channels), GREY, np.uint8)
    for top, left, picture in _places(columns, tall + GAP, wide + GAP):
        large = picture.repeat(enlarged, axis=0).repeat(enlarged, axis=1)
        sheet[top : top + len(large), left : left + large.shape[1]] = large
    return sheet


def _places(columns: Sequence[Pixels], down: int, across: int) -> Iterator[tuple[int, int, Pixels]]:
    for column, pictures in enumerate(columns):
        for row, picture in enumerate(pictures):
            yield GAP + row * down, GAP + column * across, picture
