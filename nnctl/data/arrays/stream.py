"""Inputs without targets, read and prepared some at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from nnctl.data.arrays.inputs import arranged, array_of, require_finite, without_padding
from nnctl.data.arrays.preprocessing import ArrayPreprocessing
from nnctl.data.arrays.ranges import Range, note_on_difference
from nnctl.data.arrays.shapes import Arrangement, Expected, arrange_later
from nnctl.data.lengths import clear_padding, note_on_lengths, validated_lengths
from nnctl.data.source import Array, Samples
from nnctl.data.stream import Block, Stream
from nnctl.errors import DataError


@dataclass(frozen=True)
class RawInputs:
    """The inputs of a file, without targets."""

    shape: tuple[int, ...]
    """(N, ...), of all inputs."""
    pieces: Iterator[Array]
    """Some rows at a time."""
    lengths: Array | None = None
    """(N,), of samples that are padded sequences."""
    notes: tuple[str, ...] = ()
    """What the user should know."""
    names: tuple[str, ...] = ()
    """Of each sample its file, where each is a file of its own."""
    final_notes: Callable[[], tuple[str, ...]] = tuple
    """What is known when all pieces have been read."""


def stream_of(
    arrays: RawInputs, expected: Expected, preprocessing: ArrayPreprocessing, precision: str, origin: str
) -> Stream:
    """The prepared inputs of a file, and what there is to say of them. origin: the file. Raises DataError."""
    count, *axes = arrays.shape
    arrangement = arrange_later(tuple(axes), expected, origin, count)
    if arrays.lengths is not None:
        arrays = replace(arrays, lengths=validated_lengths(arrays.lengths, count, preprocessing.shape, origin))
    own = Range()
    notes = list(arrays.notes)
    if arrangement.note:
        notes.append(arrangement.note)
    if note := note_on_lengths(preprocessing.has_lengths, arrays.lengths is not None, preprocessing.shape[0]):
        notes.append(f"{origin}: {note}")

    def final_notes() -> tuple[str, ...]:
        note = note_on_difference(preprocessing.seen, own)
        return (*arrays.final_notes(), *((f"{origin}: {note}",) if note else ()))

    return Stream(
        _blocks(arrays, arrangement, preprocessing, precision, origin, own),
        id="file" if arrays.names else None,
        count=count,
        notes=tuple(notes),
        has_lengths=arrays.lengths is not None,
        final_notes=final_notes,
    )


def _blocks(
    arrays: RawInputs,
    arrangement: Arrangement,
    preprocessing: ArrayPreprocessing,
    precision: str,
    origin: str,
    own: Range,
) -> Iterator[Block]:
    """own: takes in where the inputs lie."""
    first = 0
    for piece in arrays.pieces:
        lengths = None if arrays.lengths is None else arrays.lengths[first : first + len(piece)]
        samples = arranged(Samples(piece, np.empty(0), origin, first=first, names=arrays.names[first:]), arrangement)
        if lengths is not None:
            samples = replace(samples, inputs=without_padding(array_of(samples), lengths, preprocessing.shape))
        require_finite(samples)
        inputs = preprocessing.transform(array_of(samples), None, precision)
        if lengths is not None:
            clear_padding(inputs, lengths)
        finite = np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1)
        if not finite.all():
            what, help = f"the inputs are too large for {precision}", "fix the values, or train in float64"
            raise DataError(samples.problem(int(np.argmin(finite)), what, help))
        own.add(array_of(samples).reshape(inputs.shape), lengths)
        yield Block(inputs, tuple(map(_printable, arrays.names[first : first + len(piece)])), lengths=lengths)
        first += len(piece)


def _printable(name: str) -> str:
    """The name of a file as text, whatever bytes it has."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
