"""What pictures are made where no key says it."""

from __future__ import annotations

from collections.abc import Sequence

from nnctl.data.images.picture import Look
from nnctl.data.images.resizing import Frame, Mode, Resize

LARGEST = 256  # pixels on a side, up to which pictures that are alike stay as they are
USUAL = 64  # pixels on the longer side of others: what a small network sees much in, and is soon through


def frame_of(looks: Sequence[Look], size: Sequence[int] | None, resize: Resize, mode: Mode | None) -> Frame:
    """The keys that are set, and what fits these pictures, one or more, in the place of the others.

    size: (height, width). Unset: that of all pictures if they are alike; where they are large, their shape, smaller;
    else a square. mode: unset, grey where all pictures are.
    """
    height, width = size or _size(looks)
    return Frame(height, width, resize, mode or ("grey" if all(seen.is_grey for seen in looks) else "rgb"))


def _size(looks: Sequence[Look]) -> tuple[int, int]:
    sizes = {seen.size for seen in looks}
    if len(sizes) > 1:
        shorter = sorted(min(seen.size) for seen in looks)
        side = min(USUAL, shorter[len(shorter) // 2])
        return side, side
    ((height, width),) = sizes
    longer = max(height, width)
    if longer <= LARGEST:
        return height, width
    return max(1, round(USUAL * height / longer)), max(1, round(USUAL * width / longer))
