"""Samples that are windows of a table's rows, which follow each other in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from nnctl.data.source import Array, Contents, Preprocessing, Samples
from nnctl.data.stream import Stream
from nnctl.data.table.features import Features, series_features
from nnctl.data.table.header import require_features
from nnctl.data.table.ordered_rows import OrderedRows, ordered
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.row_samples import RowSamples
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.series_preprocessing import SeriesPreprocessing, one_hot
from nnctl.data.table.series_samples import cut
from nnctl.data.table.series_stream import series_stream
from nnctl.data.table.settings import ColumnSettings, by_column, hints_of, with_missing_words
from nnctl.data.table.table import Table
from nnctl.data.table.table_file import TableFile
from nnctl.data.table.windows import Windows
from nnctl.errors import UsageError
from nnctl.regular_file import shown
from nnctl.text import listed


class WindowSamples(RowSamples):
    """A sample is a window of rows; its targets are in rows behind it."""

    is_ordered: ClassVar[bool] = True
    units: ClassVar[str] = "rows"

    def __init__(self, source: TableFile, settings: SeriesSettings) -> None:
        super().__init__(source)
        self.settings = settings

    @property
    def named(self) -> dict[str, str]:
        """The columns of times and of groups, as far as they are known."""
        columns = {"series.time": self.settings.time, "series.group": self.settings.group}
        return {key: name for key, name in columns.items() if name is not None}

    def require_inputs(self, path: Path, header: tuple[str, ...]) -> None:
        """Nothing: the target's own past is an input."""

    def read(self, path: Path, header: tuple[str, ...], own: Mapping[str, ColumnSettings]) -> Contents:
        source, settings = self.source, self.settings
        finds_time = settings.time is None and not source.is_trained
        aside = {*source.split_columns.values(), *self.named.values()}
        needed = {*series_features(source.features, header, source.target, aside, shown(path)), *source.target, *aside}
        hints = hints_of(own, header, source.missing, trained=source.is_trained)
        table = source.table(path, hints, None if finds_time else needed)
        rows, notes = ordered(table, settings, find_time=finds_time)
        features = series_features(source.features, header, source.target, {*aside, rows.time}, shown(path))
        rows = rows.with_columns({*features, *source.target, *aside, rows.time})
        found = {"time": rows.time, "every": rows.spacing.written} if rows.time is not None else {}
        settings = settings.model_copy(update=found)
        samples = cut(rows, settings, features, source.target, source.missing_target, is_trained=source.is_trained)
        return Contents(replace(samples, notes=(*table.notes, *notes, *samples.notes)), files=(path,))

    def inferred(self, samples: Samples) -> dict[str, Any]:
        """Also how rows are sorted and how far apart they are."""
        windows = _windows(samples)
        excluded = [name for name in self.source.target if name not in windows.features]
        features = Features(include=list(windows.features), exclude=excluded)
        return {"columns": self.columns_of(samples), "features": features, "series": windows.settings}

    def features_of(self, samples: Samples) -> tuple[str, ...]:
        return _windows(samples).features

    def table_of(self, samples: Samples) -> Table:
        return _windows(samples).table

    def rows_of(self, samples: Samples, rows: Array) -> Array:
        return _windows(samples).covered(rows)

    def fit(self, samples: Samples, rows: Array) -> Preprocessing:
        source, table = self.source, self.table_of(samples)
        own = by_column(source.columns, table.names, samples.origin, strict=False)
        words, rows = one_hot(source.categories, own), self.rows_of(samples, rows)
        features, time = self.features_of(samples), self.settings.time
        fitted = TablePreprocessing.fit(table, rows, features, source.numbers, words, own, source.dates, time)
        return SeriesPreprocessing.of(fitted, self.settings.window)

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> Preprocessing:
        return SeriesPreprocessing.from_json(value)

    def stream(self, path: Path, preprocessing: Any, precision: str, id: str | None) -> Stream:
        if id is not None:
            what = f"--id {id} names rows, and a sample of a series is a window of them"
            raise UsageError(what, help="leave --id out: predictions have the time that they are for")
        return series_stream(*self.rows_to_predict_from(path, preprocessing), self.settings, preprocessing, precision)

    def rows_to_predict_from(
        self, path: Path, preprocessing: SeriesPreprocessing
    ) -> tuple[OrderedRows, tuple[str, ...]]:
        """The rows of a file in the order of time, without targets that are no inputs; and notes. Raises DataError."""
        source, aside = self.source, tuple(self.named.values())
        columns = {name: source.columns[name] for name in aside if name in source.columns} | preprocessing.settings
        settings = with_missing_words(columns, source.missing)
        hints = hints_of(settings, (*settings, *aside), source.missing, trained=True)
        needed = list(dict.fromkeys((*settings, *aside)))
        header = source.header(path)
        require_features(path, header, needed)
        table = source.table(path, hints, set(needed))
        rows, notes = ordered(table, self.settings, find_time=False)
        others = [name for name in header if name not in {*needed, *source.target}]
        ignored = (f"columns that are not inputs are ignored: {listed(others)}",) if others else ()
        return rows, (*ignored, *table.notes, *notes)


def _windows(samples: Samples) -> Windows:
    assert isinstance(samples.inputs, Windows)
    return samples.inputs
