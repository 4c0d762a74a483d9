"""Samples that are sequences: of shape (T,) or (T, F), padded to the same T, each with a length of its own.

What lies beyond a sample's length is padding. It may hold anything, and has no influence on any result.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.errors import DataError, Problem
from nnctl.text import by

Array = NDArray[Any]


def validated_lengths(lengths: Array, count: int, shape: tuple[int, ...], origin: str) -> NDArray[np.int64]:
    """The lengths, (N,), if there is a whole number from 1 to T for each sample. Raises DataError.

    count: of the samples. shape: of one sample. origin: the file, for messages.
    """
    if len(shape) > 2:
        what = f"has lengths, and its samples have the shape {by(shape)}"
        help = "lengths are for samples of shape (T,) or (T, F): set `shape`, or rename the array"
        raise DataError(Problem(what, file=origin, help=help))
    help = "give one length a sample, or name another array: `arrays: {lengths: …}`"
    if lengths.dtype.kind == "b" and lengths.shape == (count, shape[0]):
        help = "they are a mask of steps: save mask.sum(axis=1), the lengths, if each sample's real steps come first"
    if lengths.dtype.kind not in "iuf":
        what = f"its lengths are of type {lengths.dtype}, expected whole numbers"
        raise DataError(Problem(what, file=origin, help=help))
    if lengths.shape != (count,):
        raise DataError(Problem(f"its lengths have the shape {lengths.shape}, expected ({count},)", origin, help=help))
    wrong = ~((lengths >= 1) & (lengths <= shape[0]) & (np.floor(lengths) == lengths))  # NaN is wrong as well
    if wrong.any():
        row = int(np.argmax(wrong))
        what = f"sample {row + 1:,}: the length is {lengths[row]}, expected a whole number from 1 to {shape[0]:,}"
        raise DataError(Problem(what, file=origin, help="a length counts the steps of a sample that are no padding"))
    return lengths.astype(np.int64)


def note_on_lengths(trained: bool | None, own: bool, steps: int) -> str:
    """What to say of samples that have lengths, or none, other than those to train on; nothing where they are alike.

    trained: whether those to train on had lengths; None where that is not known. steps: of a sample.
    """
    if trained is None or trained == own:
        return ""
    if own:
        return "its samples have lengths, those to train on had none: what lies beyond them does not count now"
    return (
        f"its samples have no lengths, those to train on had some: all {steps:,} steps count; "
        "where some are padding, save an array `lengths` with them"
    )


def padding(lengths: Array, steps: int) -> NDArray[np.bool_]:
    """Which steps are padding, (N, T). lengths: (N,)."""
    return np.asarray(np.arange(steps) >= lengths[:, np.newaxis])


def clear_padding(inputs: Array, lengths: Array) -> None:
    """Set the padding to 0. inputs: (N, T) or (N, T, F), changed in place; lengths: (N,)."""
    inputs[padding(lengths, inputs.shape[1])] = 0
