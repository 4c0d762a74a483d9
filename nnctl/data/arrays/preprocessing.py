"""What is done to arrays before the network sees them, fitted to the training samples and kept with them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from nnctl.data.arrays.ranges import range_of
from nnctl.data.lengths import padding
from nnctl.data.scaling import Scaling
from nnctl.data.source import Array
from nnctl.data.table.preprocessing import Embedding

ROWS = 256  # samples prepared at a time, so that the float64 in between stays in the caches


@dataclass(frozen=True)
class ArrayPreprocessing:
    """outputs = (inputs / scale - mean) / std, in samples of `shape`, computed in float64.

    mean, std: one a column or channel (the last axis), or empty where inputs are not standardized.
    raw_shape: of one sample of the file, channels last; empty where that is not known, in old checkpoints.
    seen: the least and the largest of the raw inputs to train on; None where that is not known.
    has_lengths: whether the samples to train on were sequences with a length each; None where that is not known.
    """

    shape: tuple[int, ...]
    scale: float = 1.0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    raw_shape: tuple[int, ...] = ()
    seen: tuple[float, float] | None = None
    has_lengths: bool | None = None

    embeddings: ClassVar[tuple[Embedding, ...]] = ()
    output_names: ClassVar[tuple[str, ...]] = ()
    slots: ClassVar[int | None] = None

    @property
    def input_ranges(self) -> dict[str, tuple[int, int]]:
        """By the number of a column, where its input begins and ends; empty for images."""
        return {str(column): (column, column + 1) for column in range(*self.shape)} if len(self.shape) == 1 else {}

    @classmethod
    def fit(
        cls,
        raw: Array,
        rows: Array,
        shape: tuple[int, ...],
        scale: float,
        standardize: bool,
        lengths: Array | None = None,
    ) -> ArrayPreprocessing:
        """The preprocessing for these training rows and no others. raw: (M, ...); rows: (N,).

        lengths: (M,), of samples that are sequences, whose padding does not count. Where a column or channel is
        constant its std is 1, so that nothing is divided by zero. Raises ValueError where the numbers are too large for
        their squares to be summed.
        """
        seen = range_of(raw, rows, shape[0], lengths)
        plain = cls(shape, scale, raw_shape=raw.shape[1:], seen=(seen.low, seen.high), has_lengths=lengths is not None)
        if not standardize:
            return plain
        width = shape[-1]
        count = np.zeros(width, np.int64)
        low, high, total, squares = np.full(width, np.inf), np.full(width, -np.inf), np.zeros(width), np.zeros(width)
        # Two passes: the difference of two large sums of squares would lose the digits of a small variance.
        with np.errstate(over="ignore", invalid="ignore"):
            for flat, counted in _columns(plain, raw, rows, lengths):
                count += np.broadcast_to(counted, flat.shape).sum(axis=0)
                low = np.minimum(low, flat.min(axis=0, where=counted, initial=np.inf))
                high = np.maximum(high, flat.max(axis=0, where=counted, initial=-np.inf))
                total += flat.sum(axis=0, where=counted)
            count = np.maximum(count, 1)  # of a step that no sample reaches
            mean = np.where(low == high, low, total / count)  # exact where constant
            for flat, counted in _columns(plain, raw, rows, lengths):
                squares += np.square(flat - mean).sum(axis=0, where=counted)
        std = np.sqrt(squares / count)
        if not (np.isfinite(mean).all() and np.isfinite(std).all()):
            raise ValueError("the inputs are too large to be standardized")
        std[std == 0] = 1.0
        return replace(plain, mean=tuple(mean.tolist()), std=tuple(std.tolist()))

    def scaling(self, precision: str) -> Scaling:
        """What `transform` does to bytes, to the bit, where a batch of them is gathered."""
        if not self.mean:
            return Scaling(precision, self.scale)
        return Scaling(precision, self.scale, np.array(self.mean), np.array(self.std))

    def transform(self, raw: Array, rows: Array | None, precision: str) -> Array:
        """The prepared inputs, (N, *shape), contiguous, in this precision. raw: (M, ...); rows: (N,), or None for all.

        Values too large for the precision become infinite.
        """
        count = len(raw) if rows is None else len(rows)
        out = np.empty((count, *self.shape), dtype=precision)
        mean, std = np.array(self.mean), np.array(self.std)
        with np.errstate(over="ignore", invalid="ignore"):
            for start, block in self.blocks(raw, rows):
                if self.mean:
                    block = (block - mean) / std
                out[start : start + len(block)] = block
        return out

    def blocks(self, raw: Array, rows: Array | None) -> Iterator[tuple[int, Array]]:
        """Scaled samples in float64, a few at a time, with the number of the first."""
        count = len(raw) if rows is None else len(rows)
        for start in range(0, count, ROWS):
            chosen = slice(start, start + ROWS) if rows is None else rows[start : start + ROWS]
            block = raw[chosen].astype(np.float64)
            yield start, block.reshape(len(block), *self.shape) / self.scale

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; floats keep every bit."""
        return {
            "shape": list(self.shape),
            "scale": self.scale,
            "mean": list(self.mean),
            "std": list(self.std),
            "raw_shape": list(self.raw_shape),
            "seen": None if self.seen is None else list(self.seen),
            "has_lengths": self.has_lengths,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ArrayPreprocessing:
        """The inverse of `to_json`. Raises ValueError where the value cannot be one."""
        try:
            made = cls(
                shape=tuple(_whole(size) for size in value["shape"]),
                scale=_finite(value["scale"]),
                mean=tuple(_finite(number) for number in value["mean"]),
                std=tuple(_finite(number) for number in value["std"]),
                raw_shape=tuple(_whole(size) for size in value.get("raw_shape", ())),
                seen=_range(value.get("seen")),
                has_lengths=_truth(value.get("has_lengths")),
            )
        except (KeyError, TypeError, OverflowError) as error:
            raise ValueError(f"invalid preprocessing: {error!r}") from None
        fits = len(made.mean) == len(made.std) and len(made.mean) in (0, *made.shape[-1:])
        if not made.shape or not fits or made.scale <= 0 or any(number <= 0 for number in made.std):
            raise ValueError("invalid preprocessing: its numbers do not fit together")
        return made


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"invalid preprocessing: {value!r} is not a size")
    return value


def _finite(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError(f"invalid preprocessing: {value!r} is not a finite number")
    return float(value)


def _range(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    low, high = map(_finite, value) if len(value) == 2 else (1.0, 0.0)
    if low > high:
        raise ValueError(f"invalid preprocessing: {value!r} is not a range")
    return low, high


def _truth(value: Any) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise ValueError(f"invalid preprocessing: {value!r} is neither true nor false")
    return value


def default_scale(raw: Array, shape: tuple[int, ...]) -> float:
    """255 for images of bytes, else 1. raw: (N, ...); shape: of one sample as the network sees it."""
    return 255.0 if raw.dtype == np.uint8 and max(raw.ndim - 1, len(shape)) > 1 else 1.0


def _columns(
    plain: ArrayPreprocessing, raw: Array, rows: Array, lengths: Array | None
) -> Iterator[tuple[Array, Array | bool]]:
    """Scaled samples as columns (n, width), some at a time, and which numbers count: (n, width), or all."""
    width = plain.shape[-1]
    for start, block in plain.blocks(raw, rows):
        if lengths is None:
            yield block.reshape(-1, width), True
            continue
        counted = ~padding(lengths[rows[start : start + len(block)]], plain.shape[0])
        yield (block, counted) if block.ndim == 2 else (block[counted], True)
