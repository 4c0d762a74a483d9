"""Samples that are arrays of numbers: how they are checked and prepared."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nnctl.data.arrays.inputs import arranged, array_of, require_finite, without_padding
from nnctl.data.arrays.preprocessing import ArrayPreprocessing, default_scale
from nnctl.data.arrays.ranges import note_on_difference, note_on_scale, range_of
from nnctl.data.arrays.shapes import Arrangement, Expected, arrange_first, arrange_later
from nnctl.data.arrays.stream import RawInputs, stream_of
from nnctl.data.lengths import note_on_lengths, validated_lengths
from nnctl.data.source import Array, Samples, Source
from nnctl.data.stream import Stream
from nnctl.errors import DataError, Problem, UsageError
from nnctl.regular_file import shown
from nnctl.text import by


@dataclass(frozen=True)
class Given:
    """What a config says of the arrays; see the keys of ArraySource."""

    shape: tuple[int, ...] = ()
    channels: Literal["first", "last"] | None = None
    scale: float | None = None


class ArrayFormat(Source):
    """Base of the formats whose samples are arrays of numbers, or become some."""

    standardize: bool = False
    """Subtract the training samples' mean and divide by their standard deviation: by column, by channel."""

    @property
    def given(self) -> Given:
        """What the config says of the arrays; nothing, where the format has no such keys."""
        return Given()

    @abstractmethod
    def raw_inputs(self, path: Path) -> RawInputs:
        """The inputs of a file; targets need not be there. Raises DataError."""

    def validate_samples(
        self, samples: Samples, train: Samples | None = None, preprocessing: ArrayPreprocessing | None = None
    ) -> Samples:
        """The samples, channels last, if there are any, each has its target, all are finite, and of the shape of those
        to train on. Padding becomes 0.
        """
        inputs = array_of(samples)
        if len(inputs) == 0 or inputs.size == 0:
            raise DataError(Problem("holds no samples", file=samples.origin, help="give at least one sample"))
        if len(inputs) != len(samples.targets):
            what = f"has {len(inputs):,} inputs and {len(samples.targets):,} targets"
            raise DataError(Problem(what, file=samples.origin, help="each input needs its target"))
        samples = arranged(samples, self._arrangement(samples, train, preprocessing))
        if train is not None and (samples.lengths is None) != (train.lengths is None):
            own, others = ("no lengths", "some") if samples.lengths is None else ("lengths", "none")
            what = f"its samples have {own}, those to train on have {others}"
            raise DataError(Problem(what, file=samples.origin, help="give lengths to all samples, or to none"))
        if preprocessing is not None and train is None:
            note = note_on_lengths(preprocessing.has_lengths, samples.lengths is not None, preprocessing.shape[0])
            samples = replace(samples, notes=(*samples.notes, f"{samples.origin}: {note}")) if note else samples
        if samples.lengths is not None:
            shape = self._shape_of(samples) if preprocessing is None else preprocessing.shape
            lengths = validated_lengths(samples.lengths, len(inputs), shape, samples.origin)
            samples = replace(samples, lengths=lengths, inputs=without_padding(array_of(samples), lengths, shape))
        require_finite(samples)
        return self._with_steps(samples, preprocessing)

    def _with_steps(self, samples: Samples, preprocessing: ArrayPreprocessing | None) -> Samples:
        """The samples with their steps, if they may be sequences. Raises DataError for targets that have others."""
        shape = self._shape_of(samples) if preprocessing is None else preprocessing.shape
        steps = shape[0] if len(shape) <= 2 else 0
        if samples.targets.ndim == 3 and samples.targets.shape[1] != steps:
            what = f"its targets are {by(samples.targets.shape[1:])} a sample, its inputs are {by(shape)}"
            help = "save one target, or one row of targets, a sample or a step"
            raise DataError(Problem(what, file=samples.origin, help=help))
        return replace(samples, steps=steps)

    def _arrangement(
        self, samples: Samples, train: Samples | None, preprocessing: ArrayPreprocessing | None
    ) -> Arrangement:
        """How these samples are taken. Raises DataError."""
        count, *axes = array_of(samples).shape
        own, origin = tuple(axes), samples.origin
        if preprocessing is not None:
            return arrange_later(own, self._expected(preprocessing), origin, count)
        if train is None:
            return arrange_first(own, self.given.shape, self.given.channels, origin)
        raw = array_of(train).shape[1:]
        return arrange_later(own, Expected(raw, self._shape_of(train), train.channels_first), origin, count)

    def _expected(self, preprocessing: ArrayPreprocessing) -> Expected:
        return Expected(preprocessing.raw_shape, preprocessing.shape, self.given.channels == "first")

    def _shape_of(self, samples: Samples) -> tuple[int, ...]:
        """Of one sample, as the network sees it."""
        return self.given.shape or array_of(samples).shape[1:]

    def fit(self, samples: Samples, rows: Array) -> ArrayPreprocessing:
        raw, shape = array_of(samples), self._shape_of(samples)
        scale = default_scale(raw, shape) if self.given.scale is None else self.given.scale
        try:
            return ArrayPreprocessing.fit(raw, rows, shape, scale, self.standardize, samples.lengths)
        except ValueError as error:
            raise DataError(Problem(str(error), file=samples.origin, help="set a larger `scale`")) from None

    def unseen(self, preprocessing: ArrayPreprocessing, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        """Where inputs lie elsewhere than in training; of those to train on, where they seem to be unscaled pixels."""
        if preprocessing.seen is None:
            return ()
        origin, note = samples.origin, ""
        if split == "train":
            if self._may_be_unscaled(samples, preprocessing):
                note = note_on_scale(preprocessing.seen, array_of(samples).dtype)
        elif len(rows) == len(samples):  # another file, or other arrays of the same one
            own = range_of(array_of(samples), rows, preprocessing.shape[0], samples.lengths)
            note = note_on_difference(preprocessing.seen, own)
            origin += f" ({split})" if split in ("validation", "test") else ""
        return (f"{origin}: {note}",) if note else ()

    def _may_be_unscaled(self, samples: Samples, preprocessing: ArrayPreprocessing) -> bool:
        """Whether samples may be pictures that are neither scaled by a key nor by default."""
        raw = array_of(samples)
        axes = max(raw.ndim - 1, len(preprocessing.shape))
        is_as_it_is = self.given.scale is None and not self.standardize and raw.dtype != np.uint8
        return is_as_it_is and axes in (2, 3) and samples.lengths is None

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> ArrayPreprocessing:
        return ArrayPreprocessing.from_json(value)

    def stream(self, path: Path, preprocessing: ArrayPreprocessing, precision: str, id: str | None = None) -> Stream:
        if id is not None:
            what = f"--id names a column, and {shown(path)} has none"
            raise UsageError(what, help="leave --id out: samples are named by their files, or numbered")
        return stream_of(self.raw_inputs(path), self._expected(preprocessing), preprocessing, precision, shown(path))
