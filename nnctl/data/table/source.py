"""The base of the formats that hold tables: samples that are rows, windows of them, or the texts of one column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from nnctl.data.files import require_file
from nnctl.data.source import Array, Contents, Preprocessing, Samples
from nnctl.data.stream import Stream
from nnctl.data.table.beside import AS_TEXT
from nnctl.data.table.header import require_columns, require_features
from nnctl.data.table.row_samples import RowSamples, cells_of
from nnctl.data.table.settings import by_column
from nnctl.data.table.table_file import TableFile
from nnctl.data.table.target_transform import TargetStep
from nnctl.data.table.text_column_samples import TextColumnSamples
from nnctl.data.table.window_samples import WindowSamples
from nnctl.regular_file import shown


class TableSource(TableFile):
    """Base of the formats that hold tables. All that is fitted is fitted to training rows only."""

    @property
    def made_of(self) -> RowSamples:
        """What a sample is."""
        if self.series is not None:
            return WindowSamples(self, self.series)
        return RowSamples(self) if self.text is None else TextColumnSamples(self, self.text)

    @property
    def is_ordered(self) -> bool:
        return self.made_of.is_ordered

    @property
    def has_naive_forecasts(self) -> bool:
        return self.series is not None

    @property
    def target_steps(self) -> list[TargetStep]:
        return self.target_transform or []

    def read(self, path: Path) -> Contents:
        """All of a file as training samples. targets: (N,), or (N, K) for K columns."""
        require_file(path)
        if not self.is_own(path):
            source, note = self.laid_out_as(path, (*self.target, *(self.features.include or ())))
            if note:
                contents = source.read(path)
                assert contents.train is not None
                return replace(contents, train=replace(contents.train, notes=(note, *contents.train.notes)))
        header = self.header(path)
        self._require(path, header)
        return self.made_of.read(path, header, by_column(self.columns, header, shown(path), strict=self.is_own(path)))

    def infer(self, samples: Samples) -> Self:
        """With the type of every column and how it is read, and the features by name."""
        return self.model_copy(update=self.made_of.inferred(samples))

    def validate_samples(self, samples: Samples, train: Samples | None = None, preprocessing: Any = None) -> Samples:
        return samples  # checked cell by cell as it was read; a preprocessing looks at every column that it takes

    def fit(self, samples: Samples, rows: Array) -> Preprocessing:
        return self.made_of.fit(samples, rows)

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> Preprocessing:
        return self.made_of.preprocessing_from_json(value)

    def with_fitted(self, preprocessing: Any) -> Self:
        return self.model_copy(update=self.made_of.fitted(preprocessing))

    def stream(self, path: Path, preprocessing: Any, precision: str, id: str | None = None) -> Stream:
        """Ids are texts as the file has them. A file without the source's own id is numbered."""
        require_file(path)
        source, note = self.laid_out_as(path, tuple(self.made_of.input_hints(preprocessing)))
        if note:
            stream = source.stream(path, preprocessing, precision, id)
            return replace(stream, notes=(note, *stream.notes))
        return self.made_of.stream(path, preprocessing, precision, id)

    def unseen(self, preprocessing: Any, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        return self.made_of.unseen(preprocessing, samples, rows, split)

    def require_seen(self, preprocessing: Any, samples: Samples) -> None:
        self.made_of.require_seen(preprocessing, samples)

    def ids(self, path: Path, lines: Array) -> tuple[str, ...]:
        source, _ = self.laid_out_as(path, ())
        if source.id is None or source.id not in source.header(path):
            return ()
        table = source.table(path, {source.id: AS_TEXT}, {source.id})
        return cells_of(table[source.id].take(np.searchsorted(table.lines, lines)))

    def count_missing(self, preprocessing: Any, samples: Samples, rows: Array) -> dict[str, int]:
        return self.made_of.count_missing(preprocessing, samples, rows)

    def _require(self, path: Path, header: tuple[str, ...]) -> None:
        """Refuse a file without the columns that are named."""
        named = self.made_of.named
        if not self.is_own(path) or self.is_trained:
            require_features(path, header, [*self.target, *(self.features.include or ()), *named.values()])
            return
        require_columns(path, header, self.target)
        if self.id is not None:
            require_columns(path, header, [self.id], "id")
        if self.weight is not None:
            require_columns(path, header, [self.weight], "weight")
        for key, name in (self.split_columns | named).items():
            require_columns(path, header, [name], key)
        self.made_of.require_inputs(path, header)
