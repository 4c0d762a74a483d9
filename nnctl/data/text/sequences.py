"""Characters cut into sequences: the target of each is the one that follows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnctl.data.source import Array


def sequences(parts: Sequence[Array], steps: int, stride: int) -> tuple[Array, Array]:
    """Inputs and targets, (M, steps) each; sequences begin every `stride` characters. parts: (N,) each, cut by itself.

    What is too short for a sequence and its last target is left out.
    """
    windows = [
        np.lib.stride_tricks.sliding_window_view(part, steps + 1)[::stride] for part in parts if len(part) > steps
    ]
    if not windows:
        empty = np.zeros((0, steps), parts[0].dtype if parts else np.uint8)
        return empty, empty
    inputs, targets = (
        np.concatenate([window[:, place] for window in windows]) for place in (slice(None, -1), slice(1, None))
    )
    return np.ascontiguousarray(inputs), np.ascontiguousarray(targets)


def left_out(parts: Sequence[Array], steps: int, stride: int) -> int:
    """How many characters are in no sequence, as input or as target."""
    missed = 0
    for part in parts:
        count = (len(part) - steps - 1) // stride + 1 if len(part) > steps else 0
        width = min(stride, steps + 1)
        missed += len(part) - ((count - 1) * width + steps + 1 if count else 0)
    return missed
