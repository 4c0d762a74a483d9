"""Sequences of different lengths, kept one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nnctl.data.table.table import Array


@dataclass(frozen=True)
class Ragged:
    """N sequences."""

    values: Array
    """(M,), of all."""
    counts: Array
    """(N,) int64, of each."""

    @classmethod
    def of(cls, sequences: Sequence[Sequence[int]]) -> Ragged:
        """Sequences of int32."""
        counts = np.fromiter(map(len, sequences), np.int64, len(sequences))
        values = np.fromiter((value for sequence in sequences for value in sequence), np.int32, int(counts.sum()))
        return cls(values, counts)

    @cached_property
    def starts(self) -> Array:
        """(N,), where each begins."""
        return np.asarray(np.cumsum(self.counts) - self.counts)

    def take(self, rows: Array) -> Ragged:
        """These sequences. rows: (K,) positions, negative ones from the end."""
        counts = self.counts[rows]
        first = np.cumsum(counts) - counts
        places = np.repeat(self.starts[rows] - first, counts) + np.arange(int(counts.sum()))
        return Ragged(self.values[places], counts)

    def expanded(self, parts: Ragged) -> Ragged:
        """Each value replaced by a sequence of values. parts: the sequence of each value, by its number."""
        own = parts.take(self.values)
        ends = np.concatenate([[0], np.cumsum(own.counts)])
        return Ragged(own.values, ends[self.starts + self.counts] - ends[self.starts])

    def padded(self, length: int, dtype: str) -> Array:
        """The first `length` values of each, (N, length), 0 behind its end."""
        out = np.zeros((len(self.counts), length), dtype)
        places = np.arange(len(self.values)) - np.repeat(self.starts, self.counts)
        kept = np.minimum(self.counts, length)
        out[np.arange(length) < kept[:, np.newaxis]] = self.values[places < length]
        return out
