"""Small pictures, drawn and written as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[np.uint8]


def drawing(side: str, height: int = 12, width: int = 12, seed: int = 0) -> Array:
    """Dark noise with a light half, (height, width, 3). side: left or right."""
    pixels = np.random.default_rng(seed).integers(0, 90, (height, width, 3), np.uint8)
    half = slice(None, width // 2) if side == "left" else slice(width // 2, None)
    pixels[:, half] += 120
    return pixels


def write(path: Path, pixels: Array, mode: str | None = None, **options: Any) -> Path:
    """A picture in the format of its ending. mode: that it is converted to first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(path, **options)
    return path


def two_sides(folder: Path, count: int = 6, split: str = "", height: int = 12, width: int = 12) -> Path:
    """Pictures of two classes, `left/0.png`, `right/1.png`, …"""
    for side in ("left", "right"):
        for number in range(count):
            write(folder / split / side / f"{number}.png", drawing(side, height, width, number))
    return folder


def turned(orientation: int) -> Image.Exif:
    """Exif data that say how a picture is to be turned."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif
