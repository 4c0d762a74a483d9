"""What a config says of samples that are arrays of numbers, and how they are checked and prepared."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Field

from nnctl.data.arrays.preprocessing import ArrayPreprocessing, default_scale
from nnctl.data.lengths import clear_padding, validated_lengths
from nnctl.data.source import Array, Samples, Source
from nnctl.data.stream import Block, Stream
from nnctl.errors import DataError, Problem, UsageError
from nnctl.regular_file import shown
from nnctl.text import by


@dataclass(frozen=True)
class RawInputs:
    """The inputs of a file, without targets."""

    shape: tuple[int, ...]
    """(N, ...), of all inputs."""
    pieces: Iterator[Array]
    """Some rows at a time."""
    lengths: Array | None = None
    """(N,), of samples that are padded sequences."""


class ArraySource(Source):
    """Base of the formats that hold arrays: images, and whatever NumPy has written."""

    shape: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=1)] | None = None
    """The shape of one sample, channels last, where the file's own is not meant: [28, 28, 1]."""
    scale: float | None = Field(default=None, gt=0.0)
    """Inputs are divided by it. Unset: 255 for images of bytes, else 1."""
    standardize: bool = False
    """Subtract the training samples' mean and divide by their standard deviation: by column, by channel."""

    @abstractmethod
    def raw_inputs(self, path: Path) -> RawInputs:
        """The inputs of a file; targets need not be there. Raises DataError."""

    def infer(self, samples: Samples) -> Self:
        return self

    def validate_samples(
        self, samples: Samples, train: Samples | None = None, preprocessing: ArrayPreprocessing | None = None
    ) -> Samples:
        """The samples, if there are any, each has its target, all are finite, and as large as those to train on.

        Padding becomes 0.
        """
        inputs = _array(samples)
        if len(inputs) == 0 or inputs.size == 0:
            raise DataError(Problem("holds no samples", file=samples.origin, help="give at least one sample"))
        if len(inputs) != len(samples.targets):
            what = f"has {len(inputs):,} inputs and {len(samples.targets):,} targets"
            raise DataError(Problem(what, file=samples.origin, help="each input needs its target"))
        if train is not None and inputs.shape[1:] != _array(train).shape[1:]:
            what = f"has samples of {by(inputs.shape[1:])} numbers, {train.origin} of {by(_array(train).shape[1:])}"
            raise DataError(Problem(what, file=samples.origin, help="give it samples of the same kind"))
        if train is not None and (samples.lengths is None) != (train.lengths is None):
            own, others = ("no lengths", "some") if samples.lengths is None else ("lengths", "none")
            what = f"its samples have {own}, those to train on have {others}"
            raise DataError(Problem(what, file=samples.origin, help="give lengths to all samples, or to none"))
        shape = self._shape_of(samples) if preprocessing is None else preprocessing.shape
        require_size(inputs.shape[1:], shape, samples.origin)
        if samples.lengths is not None:
            lengths = validated_lengths(samples.lengths, len(inputs), shape, samples.origin)
            samples = replace(samples, lengths=lengths, inputs=_without_padding(inputs, lengths, shape))
        _require_finite(samples)
        return samples

    def _shape_of(self, samples: Samples) -> tuple[int, ...]:
        """Of one sample, as the network sees it."""
        return tuple(self.shape) if self.shape else _array(samples).shape[1:]

    def fit(self, samples: Samples, rows: Array) -> ArrayPreprocessing:
        raw, shape = _array(samples), self._shape_of(samples)
        scale = default_scale(raw, shape) if self.scale is None else self.scale
        try:
            return ArrayPreprocessing.fit(raw, rows, shape, scale, self.standardize, samples.lengths)
        except ValueError as error:
            raise DataError(Problem(str(error), file=samples.origin, help="set a larger `scale`")) from None

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> ArrayPreprocessing:
        return ArrayPreprocessing.from_json(value)

    def stream(self, path: Path, preprocessing: ArrayPreprocessing, precision: str, id: str | None = None) -> Stream:
        if id is not None:
            what = f"--id names a column, and {shown(path)} has none"
            raise UsageError(what, help="leave --id out: the samples are numbered")
        arrays = self.raw_inputs(path)
        require_size(arrays.shape[1:], preprocessing.shape, shown(path))
        if arrays.lengths is not None:
            lengths = validated_lengths(arrays.lengths, arrays.shape[0], preprocessing.shape, shown(path))
            arrays = replace(arrays, lengths=lengths)
        blocks = _blocks(arrays, preprocessing, precision, shown(path))
        return Stream(blocks, count=arrays.shape[0], has_lengths=arrays.lengths is not None)


def _blocks(arrays: RawInputs, preprocessing: ArrayPreprocessing, precision: str, origin: str) -> Iterator[Block]:
    first = 0
    for piece in arrays.pieces:
        lengths = None if arrays.lengths is None else arrays.lengths[first : first + len(piece)]
        if lengths is not None:
            piece = _without_padding(piece, lengths, preprocessing.shape)
        samples = Samples(piece, targets=np.empty(0), origin=origin, first=first)
        _require_finite(samples)
        inputs = preprocessing.transform(piece, None, precision)
        if lengths is not None:
            clear_padding(inputs, lengths)
        finite = np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1)
        if not finite.all():
            what, help = f"the inputs are too large for {precision}", "fix the values, or train in float64"
            raise DataError(samples.problem(int(np.argmin(finite)), what, help))
        yield Block(inputs, lengths=lengths)
        first += len(piece)


def require_size(own: tuple[int, ...], shape: tuple[int, ...], origin: str) -> None:
    """Refuse samples that have not as many numbers as the shape of one has. own: what one of them has."""
    if math.prod(own) != math.prod(shape):
        what = f"a sample has {by(own)} = {math.prod(own):,} numbers, {by(shape)} = {math.prod(shape):,} were expected"
        raise DataError(Problem(what, file=origin, help="the size follows from `shape` where it is set"))


def _array(samples: Samples) -> Array:
    assert isinstance(samples.inputs, np.ndarray)
    return samples.inputs


def _without_padding(inputs: Array, lengths: Array, shape: tuple[int, ...]) -> Array:
    """A copy of the inputs, (N, ...), with zeros beyond the lengths, (N,). shape: of one sample."""
    cleared = inputs.reshape(len(inputs), *shape).copy()
    clear_padding(cleared, lengths)
    return cleared.reshape(inputs.shape)


def _require_finite(samples: Samples) -> None:
    inputs = _array(samples)
    if inputs.dtype.kind == "f":
        finite = np.isfinite(inputs).reshape(len(inputs), -1)
        if not finite.all():
            raise DataError(_not_finite(samples, int(np.argmin(finite)), int(finite.size - finite.sum())))


def _not_finite(samples: Samples, position: int, count: int) -> Problem:
    inputs = _array(samples)
    index = np.unravel_index(position, inputs.shape)
    value = inputs[index]
    where = f"input [{', '.join(str(int(axis)) for axis in index[1:])}]"
    word = "NaN" if np.isnan(value) else "infinite"
    more = f" (the first of {count:,} that are not finite)" if count > 1 else ""
    return samples.problem(int(index[0]), f"{where} is {word}{more}", "fix the value, or remove the sample")
