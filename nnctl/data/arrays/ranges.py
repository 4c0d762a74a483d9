"""Where inputs lie: from the least to the largest of all of them. Pixels in other units are noticed by it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnctl.data.lengths import padding
from nnctl.data.source import Array

ROWS, NUMBERS = 1024, 1 << 22  # samples that are looked at at a time, and numbers of large ones
LEAST_NUMBERS = 64  # of which a range may be said to be smaller
FACTOR = 8  # between ranges in other units: 255 is a byte, 1 a share
BEYOND = 0.1  # of the range of training: what lies farther out is told
UNSCALED = 2.0  # pixels above it are no shares
UNSCALED_EITHER_SIGN = 20.0  # values that are standardized are no larger
BYTE, WORD = 255.0, 65_535.0


@dataclass
class Range:
    """The least and the largest of inputs, and how many there are."""

    low: float = np.inf
    high: float = -np.inf
    count: int = 0

    def add(self, inputs: Array, lengths: Array | None = None) -> None:
        """Take these samples in, (n, ...), one or more. lengths: (n,), of sequences, whose padding does not count."""
        if lengths is not None:
            inputs = inputs[~padding(lengths, inputs.shape[1])]
        self.low, self.high = min(self.low, float(inputs.min())), max(self.high, float(inputs.max()))
        self.count += inputs.size


def range_of(inputs: Array, rows: Array, steps: int, lengths: Array | None) -> Range:
    """Of these rows, (N,). inputs: (M, ...). lengths: (M,), of sequences of so many steps."""
    found = Range()
    step = max(1, min(ROWS, NUMBERS // max(1, inputs[0].size)))
    for start in range(0, len(rows), step):
        chosen = rows[start : start + step]
        block = inputs[chosen]
        if lengths is None:
            found.add(block)
        else:
            found.add(block.reshape(len(block), steps, -1), lengths[chosen])
    return found


def note_on_scale(found: tuple[float, float], dtype: np.dtype[np.generic]) -> str:
    """What to say of pictures that are trained on as they are; nothing where they are small."""
    low, high = found
    largest = max(-low, high)
    if largest <= (UNSCALED if low >= 0 else UNSCALED_EITHER_SIGN):
        return ""
    kind = "whole numbers" if dtype.kind in "iu" else "numbers"
    scale = _scale_for(low, largest)
    key = f"`scale: {scale}` or `standardize: true`" if scale else "`standardize: true`"
    return f"the inputs are {kind} in {_shown(low, high)}, and are not scaled: set {key} if they are pixels"


def note_on_difference(trained: tuple[float, float] | None, own: Range) -> str:
    """What to say of inputs that lie elsewhere than those of the training; nothing where they lie alike.

    trained: None where that is not known.
    """
    if trained is None or own.count == 0:
        return ""
    low, high = trained
    room = BEYOND * (high - low)
    is_beyond = own.low < low - room or own.high > high + room
    largest, own_largest = max(-low, high), max(-own.low, own.high)
    is_smaller = own_largest * FACTOR < largest
    loses_sign = low < -room and own.low >= 0
    if not is_beyond and not (own.count >= LEAST_NUMBERS and (is_smaller or loses_sign)):
        return ""
    return (
        f"the inputs lie in {_shown(own.low, own.high)}, in training they lay in {_shown(low, high)}: "
        "are they in the same units?"
    )


def _scale_for(low: float, largest: float) -> str:
    """The usual one for pixels that reach so far, or the largest itself; empty where that is no round number."""
    tops = (BYTE, WORD) if low >= 0 else ()
    scale = next((top for top in tops if top / 2 < largest <= top), largest)
    return f"{scale:.0f}" if scale % 1 == 0 else ""


def _shown(low: float, high: float) -> str:
    return f"{low:,.6g} … {high:,.6g}"
