"""The rows that `nnctl predict` has done: what is to be told of them, and when they are too strange to go on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnctl.data.source import Preprocessing
from nnctl.data.stream import Block
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.text_findings import TextFindings
from nnctl.data.table.text_preprocessing import TextColumnPreprocessing
from nnctl.data.table.unfamiliar import Unfamiliar, refuse_all_unseen
from nnctl.model.trained_model import TrainedModel
from nnctl.text import listed, share

Array = NDArray[Any]

MOST_HELD = 1 << 17  # rows, until which it is open whether a column has any category that training saw


class PredictedRows:
    """All until now.

    familiar: the preprocessing by which a column without any category that training saw is refused; None: it is not.
    """

    def __init__(self, origin: str, familiar: Preprocessing | None) -> None:
        self.rows = 0
        self._origin = origin
        self._columns = familiar.columns if isinstance(familiar, TablePreprocessing) else ()
        self._text_column = familiar.column if isinstance(familiar, TextColumnPreprocessing) else None
        self._unfamiliar = Unfamiliar()
        self._texts = TextFindings()
        self._limited = self._broken = 0
        self._odd = Counter[str]()
        self._lengths: list[Array] = []

    def add(self, block: Block, outputs: Array, limited: int) -> None:
        """outputs: (N, K), in the targets' own units. limited: how many of them were clipped. Raises DataError."""
        self.rows += len(outputs)
        self._unfamiliar += block.unfamiliar
        self._texts += block.texts
        self._limited += limited
        self._broken += int(np.count_nonzero(~np.isfinite(outputs).all(axis=1)))
        self._odd.update(block.odd)
        if block.lengths is not None:
            self._lengths.append(block.lengths)
        if self.rows >= MOST_HELD:
            self.refuse_strange()

    @property
    def is_strange(self) -> bool:
        """Whether a column had nothing that training saw until now: then nothing is written yet."""
        if self._text_column is not None:
            return self._texts.are_strange
        return bool(self._columns and self._unfamiliar.all_unseen)

    def refuse_strange(self) -> None:
        """Raise DataError for such a column."""
        if self._text_column is not None:
            self._texts.refuse_strange(self._text_column, self._origin)
        elif self.is_strange:
            refuse_all_unseen(self._unfamiliar, self._columns, self._origin)

    def notes(self, weights: str, trained: TrainedModel) -> Iterator[str]:
        """weights: what is wrong with them, or nothing."""
        if self._odd:
            counts = listed(f"{name} in {count:,}" for name, count in self._odd.items())
            yield f"of the {self.rows:,} rows some have values that do not fit, and are taken for missing: {counts}"
        yield from self._unfamiliar.notes()
        yield from self._texts.notes()
        if self._lengths:
            yield from trained.plan.notes_on_lengths({"given samples": np.concatenate(self._lengths)})
        transform = trained.fitted.transform
        if self._limited and transform is not None:
            yield transform.limit_note(self._limited, self.rows, trained.description.target_names)
        if weights:
            yield f"{weights}, its predictions mean nothing"
        if self._broken:
            are = "is" if self._broken == 1 else "are"
            yield f"{share(self._broken, self.rows, 'predictions')} {are} NaN or infinite"
