"""The inputs of samples that are arrays: put in order, cleared of padding, and looked at for what is not a number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnctl.data.arrays.shapes import Arrangement
from nnctl.data.lengths import clear_padding
from nnctl.data.source import Array, Samples
from nnctl.errors import DataError, Problem


def array_of(samples: Samples) -> Array:
    """The inputs, (N, ...)."""
    assert isinstance(samples.inputs, np.ndarray)
    return samples.inputs


def arranged(samples: Samples, arrangement: Arrangement) -> Samples:
    """The samples with their channels last, and what there is to say of that."""
    notes = (*samples.notes, arrangement.note) if arrangement.note else samples.notes
    if not arrangement.channels_first:
        return replace(samples, notes=notes)
    inputs = np.ascontiguousarray(np.moveaxis(array_of(samples), 1, -1))
    return replace(samples, inputs=inputs, channels_first=True, notes=notes)


def without_padding(inputs: Array, lengths: Array, shape: tuple[int, ...]) -> Array:
    """A copy of the inputs, (N, ...), with zeros beyond the lengths, (N,). shape: of one sample."""
    cleared = inputs.reshape(len(inputs), *shape).copy()
    clear_padding(cleared, lengths)
    return cleared.reshape(inputs.shape)


def require_finite(samples: Samples) -> None:
    """Refuse NaN and infinity, with the first place. Raises DataError."""
    inputs = array_of(samples)
    if inputs.dtype.kind == "f":
        finite = np.isfinite(inputs).reshape(len(inputs), -1)
        if not finite.all():
            raise DataError(_not_finite(samples, int(np.argmin(finite)), int(finite.size - finite.sum())))


def _not_finite(samples: Samples, position: int, count: int) -> Problem:
    inputs = array_of(samples)
    index = np.unravel_index(position, inputs.shape)
    value = inputs[index]
    axes = [int(axis) for axis in index[1:]]
    if samples.channels_first:  # as the file has them
        axes = [axes[-1], *axes[:-1]]
    where = f"input [{', '.join(map(str, axes))}]"
    word = "NaN" if np.isnan(value) else "infinite"
    more = f" (the first of {count:,} that are not finite)" if count > 1 else ""
    return samples.problem(int(index[0]), f"{where} is {word}{more}", "fix the value, or remove the sample")
