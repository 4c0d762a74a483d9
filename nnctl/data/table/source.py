"""What a config says of samples that are rows of a table: which columns are what, and how they are prepared."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from nnctl.data.files import file_error, require_file
from nnctl.data.source import Array, Contents, Preprocessing, Samples, Source
from nnctl.data.splits.split import Fold
from nnctl.data.stream import Block, Stream, block_rows
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.column_name import ColumnName, column_name
from nnctl.data.table.features import Features, FeaturesOrList, feature_names, series_features
from nnctl.data.table.header import require_columns, require_features
from nnctl.data.table.ordered_rows import OrderedRows, ordered
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.series_preprocessing import SeriesPreprocessing, one_hot
from nnctl.data.table.series_samples import cut
from nnctl.data.table.series_stream import series_stream
from nnctl.data.table.settings import (
    WORDS,
    CategorySettings,
    ColumnOrType,
    ColumnSettings,
    DateSettings,
    NumberSettings,
    by_column,
    hints_of,
    with_missing_words,
)
from nnctl.data.table.table import Column, Table
from nnctl.data.table.target_columns import MissingTarget, date_notes, targets_of, with_targets
from nnctl.data.table.target_transform import Steps, TargetStep
from nnctl.data.table.text_column import TextColumn
from nnctl.data.table.text_preprocessing import TextColumnPreprocessing
from nnctl.data.table.texts import Texts, training_texts
from nnctl.data.table.unfamiliar import refuse_all_unseen
from nnctl.data.table.windows import Windows
from nnctl.errors import UsageError
from nnctl.regular_file import shown
from nnctl.text import listed

TEXT = ColumnHint("category", free=True)  # how a column of texts is read


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class TableSource(Source):
    """Base of the formats that hold tables. All that is fitted is fitted to training rows only."""

    holds: ClassVar[str] = "a table"
    other_files: ClassVar[str] = "a .csv, .tsv or .parquet file"

    target: Annotated[
        list[ColumnName], Field(min_length=1), BeforeValidator(_names, json_schema_input_type=str | list[str])
    ]
    """The column that is to be predicted, or a list of them."""
    features: FeaturesOrList = Features()
    """The columns that are inputs: a list of names or patterns, or what to include and exclude. Unset: all others."""
    id: ColumnName | None = None
    """A column that names the samples: it is copied to predictions and never an input."""
    missing: WORDS = Field(default_factory=list)
    """Words and numbers that mean missing in every column, besides the usual ones: [-999, unknown]."""
    missing_target: MissingTarget = "drop"
    """Rows without a target are left out (drop), with a note that counts them, or refused."""
    numbers: NumberSettings = NumberSettings()
    """How columns of numbers, dates and yes_no become inputs."""
    dates: DateSettings = DateSettings()
    """What columns of dates become besides."""
    categories: CategorySettings = CategorySettings()
    """How columns of words become inputs."""
    columns: dict[ColumnName, ColumnOrType] = Field(default_factory=dict)
    """Types and settings of single columns, by name or pattern; where two match a column, the later one's keys win."""
    target_transform: Steps | None = None
    """log, standard, both in this order, or none; undone in metrics and predictions. Unset: standard for values."""
    series: SeriesSettings | None = None
    """That rows follow each other in time: a sample is a window of them. Then the target's own past is an input, unless
    `features` excludes it; the columns of times and groups are inputs only where `features` names them. `columns` in it
    is another place for `features`."""
    text: TextColumn | None = None
    """That a column of short texts is the whole input: a sample is a sequence of its tokens, which are learnt."""
    _is_trained: bool = PrivateAttr(default=False)  # whether it is that of a trained network

    @model_validator(mode="before")
    @classmethod
    def _columns_of_series_are_features(cls, value: Any) -> Any:
        series = value.get("series") if isinstance(value, Mapping) else None
        if not isinstance(series, Mapping) or "columns" not in series:
            return value
        if value.get("features") is not None:
            raise ValueError("has `features` and `series.columns`, which say the same; leave one of them out")
        others = {key: item for key, item in series.items() if key != "columns"}
        return {**value, "series": others, "features": series["columns"]}

    @model_validator(mode="after")
    def _series_have_no_id(self) -> Self:
        if self.series is not None and self.id is not None:
            raise ValueError("has `id` and `series`: a sample is a window of rows, named by its time; leave `id` out")
        return self

    @property
    def is_ordered(self) -> bool:
        return self.series is not None

    @property
    def has_naive_forecasts(self) -> bool:
        return self.series is not None

    @property
    def target_steps(self) -> list[TargetStep]:
        return self.target_transform or []

    @abstractmethod
    def header(self, path: Path) -> tuple[str, ...]:
        """The names of a file's columns. Raises DataError."""

    @abstractmethod
    def table(
        self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str] | None, lenient: bool = False
    ) -> Table:
        """The wanted columns of a file, None for all. hints: by name. Raises DataError.

        lenient: a column whose cells do not fit its inferred kind becomes a category, which the table's notes say.
        """

    @abstractmethod
    def blocks(self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str], rows: int) -> Iterator[Table]:
        """As `table`, at most so many rows at a time: a file may be larger than memory."""

    def laid_out_as(self, path: Path, needed: Collection[str]) -> tuple[Self, str]:
        """What reads these columns of another file than its own: itself, or with other keys, and a note on that."""
        return self, ""

    def read(self, path: Path) -> Contents:
        """All rows as training samples. inputs: the table of the features; targets: (N,), or (N, K) for K columns."""
        require_file(path)
        if not self._is_own(path):
            source, note = self.laid_out_as(path, (*self.target, *(self.features.include or ())))
            if note:
                contents = source.read(path)
                assert contents.train is not None
                return replace(contents, train=replace(contents.train, notes=(note, *contents.train.notes)))
        header = self.header(path)
        self._require(path, header)
        own = by_column(self.columns, header, shown(path), strict=self._is_own(path))
        if self.series is not None:
            return self._read_series(self.series, path, header, own)
        hints = hints_of(own, header, self.missing, trained=self._is_trained)
        if self.text is None:
            features = feature_names(self.features, header, self._no_features, shown(path))
        else:
            features, hints = (self.text.column,), {**hints, self.text.column: TEXT}
        wanted = {*features, *self.target, *(rule.column for rule in self.rules)}
        table = self.table(path, hints, wanted)
        notes = (*table.notes, *date_notes(table, self.target), *self._notes_on_ignored(header, wanted))
        table, left_out = with_targets(table, self.target, self.missing_target)
        targets, labels = targets_of(table, self.target)
        inputs = table if self.text is None else training_texts(table, self.text)
        samples = Samples(
            inputs, targets, shown(path), tuple(self.target), table.lines, labels, notes=(*notes, *left_out)
        )
        return Contents(train=samples, files=(path,))

    def _notes_on_ignored(self, header: tuple[str, ...], wanted: set[str]) -> tuple[str, ...]:
        """What to tell of the columns beside a text, where the config does not say that it is the only input."""
        others = [name for name in header if name not in {*wanted, self.id}]
        if self.text is None or self.features.include is not None or not others:
            return ()
        said = f"`features: [{self.text.column}]` says so without this note"
        return (f"columns beside the text are no inputs: {listed(others)}; {said}",)

    def _read_series(
        self, settings: SeriesSettings, path: Path, header: tuple[str, ...], own: Mapping[str, ColumnSettings]
    ) -> Contents:
        """As `read`. inputs: windows."""
        finds_time = settings.time is None and not self._is_trained
        aside = {*(rule.column for rule in self.rules), *filter(None, (settings.time, settings.group))}
        needed = {*series_features(self.features, header, self.target, aside, shown(path)), *self.target, *aside}
        hints = hints_of(own, header, self.missing, trained=self._is_trained)
        table = self.table(path, hints, None if finds_time else needed)
        rows, notes = ordered(table, settings, find_time=finds_time)
        features = series_features(self.features, header, self.target, {*aside, rows.time}, shown(path))
        rows = rows.with_columns({*features, *self.target, *aside, rows.time})
        found = {"time": rows.time, "every": rows.spacing.written} if rows.time is not None else {}
        settings = settings.model_copy(update=found)
        samples = cut(rows, settings, features, self.target, self.missing_target, is_trained=self._is_trained)
        return Contents(replace(samples, notes=(*table.notes, *notes, *samples.notes)), files=(path,))

    def infer(self, samples: Samples) -> Self:
        """With the type of every column and how it is read, and the features by name."""
        table = _table(samples)
        own = by_column(self.columns, table.names, samples.origin, strict=False)
        columns = {column.name: _as_read(column, own.get(column.name)) for column in table.columns}
        found: dict[str, Any] = {"columns": columns, "features": Features(include=list(self._features(samples)))}
        if isinstance(samples.inputs, Windows):
            names = samples.inputs.features
            excluded = [name for name in self.target if name not in names]
            found["features"] = Features(include=list(names), exclude=excluded)
            found["series"] = samples.inputs.settings
        if self.text is not None:
            del columns[self.text.column]
        return self.model_copy(update=found)

    def validate_samples(self, samples: Samples, train: Samples | None = None, preprocessing: Any = None) -> Samples:
        return samples  # checked cell by cell as it was read; a preprocessing looks at every column that it takes

    def fit(self, samples: Samples, rows: Array) -> Preprocessing:
        if self.text is not None and isinstance(samples.inputs, Texts):
            return TextColumnPreprocessing.fit(samples.inputs, rows, self.text)
        table, rows = _table(samples), _table_rows(samples, rows)
        own = by_column(self.columns, table.names, samples.origin, strict=False)
        words = self.categories if self.series is None else one_hot(self.categories, own)
        times = None if self.series is None else self.series.time
        features = self._features(samples)
        fitted = TablePreprocessing.fit(table, rows, features, self.numbers, words, own, self.dates, times)
        return fitted if self.series is None else SeriesPreprocessing.of(fitted, self.series.window)

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> Preprocessing:
        if self.text is not None:
            return TextColumnPreprocessing.from_json(value)
        return (TablePreprocessing if self.series is None else SeriesPreprocessing).from_json(value)

    def with_fitted(self, preprocessing: Any) -> Self:
        """With every column's type and all of its settings, or the length of texts."""
        if self.text is not None:
            return self.model_copy(update={"text": self.text.model_copy(update={"length": preprocessing.length})})
        return self.model_copy(update={"columns": {**self.columns, **preprocessing.settings}})

    def for_other_files(self) -> Self:
        """With the words that mean missing in columns of words: which of them occur is told where none are given."""
        made = self.model_copy(update={"columns": with_missing_words(self.columns, self.missing)})
        made._is_trained = True
        return made

    def stream(
        self,
        path: Path,
        preprocessing: TablePreprocessing | TextColumnPreprocessing,
        precision: str,
        id: str | None = None,
    ) -> Stream:
        """Ids are texts as the file has them. A file without the source's own id is numbered."""
        require_file(path)
        hints = self._hints(preprocessing)
        source, note = self.laid_out_as(path, tuple(hints))
        if note:
            stream = source.stream(path, preprocessing, precision, id)
            return replace(stream, notes=(note, *stream.notes))
        if self.series is not None and isinstance(preprocessing, SeriesPreprocessing):
            if id is not None:
                what = f"--id {id} names rows, and a sample of a series is a window of them"
                raise UsageError(what, help="leave --id out: predictions have the time that they are for")
            return series_stream(*self.series_rows(path, preprocessing), self.series, preprocessing, precision)
        header = self.header(path)
        require_features(path, header, list(hints))
        notes = []
        if id is not None:
            id = column_name(id)
            require_columns(path, header, [id], "--id")
            if id in hints:
                raise UsageError(f"--id {id} is an input of the network", help="choose a column that is not an input")
        elif self.id in header:
            id = self.id
        elif self.id is not None:
            notes.append(f"{shown(path)} has no column {self.id}, the id; its rows are numbered")
        known = {*hints, *self.target, id, self.id}
        if others := [name for name in header if name not in known]:
            notes.append(f"columns that are not inputs are ignored: {listed(others)}")
        if id is not None:
            hints = {**hints, id: ColumnHint("category", free=True)}
        told: dict[str, None] = {}  # of all blocks, once each

        def blocks() -> Iterator[Block]:
            for table in self.blocks(path, hints, set(hints), block_rows(max(len(hints), *preprocessing.shape))):
                told.update(dict.fromkeys(table.notes))
                yield _block(table, preprocessing, precision, id)

        is_text = self.text is not None
        return Stream(blocks(), id, notes=tuple(notes), has_lengths=is_text, final_notes=lambda: tuple(told))

    def _hints(self, preprocessing: TablePreprocessing | TextColumnPreprocessing) -> dict[str, ColumnHint]:
        """The columns that are inputs of a trained network, and how they are read."""
        if isinstance(preprocessing, TextColumnPreprocessing):
            return {preprocessing.column: TEXT}
        settings = with_missing_words(preprocessing.settings, self.missing)
        return hints_of(settings, (*settings,), self.missing, trained=True)

    def series_rows(self, path: Path, preprocessing: SeriesPreprocessing) -> tuple[OrderedRows, tuple[str, ...]]:
        """The rows of a file to predict from, in the order of time, without targets that are no inputs; and notes.

        Raises DataError.
        """
        assert self.series is not None
        aside = [name for name in (self.series.time, self.series.group) if name is not None]
        columns = {name: self.columns[name] for name in aside if name in self.columns} | preprocessing.settings
        settings = with_missing_words(columns, self.missing)
        hints = hints_of(settings, (*settings, *aside), self.missing, trained=True)
        needed = list(dict.fromkeys((*settings, *aside)))
        header = self.header(path)
        require_features(path, header, needed)
        table = self.table(path, hints, set(needed))
        rows, notes = ordered(table, self.series, find_time=False)
        others = [name for name in header if name not in {*needed, *self.target}]
        ignored = (f"columns that are not inputs are ignored: {listed(others)}",) if others else ()
        return rows, (*ignored, *table.notes, *notes)

    def unseen(self, preprocessing: Any, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        if isinstance(samples.inputs, Texts):
            texts = f"{split} rows"
            return tuple(preprocessing.findings(samples.inputs, rows).notes(texts, is_training=split == "train"))
        found = preprocessing.unfamiliar(_table(samples), _table_rows(samples, rows))
        if self._is_drawn(split):
            found = replace(found, outside={})
        return tuple(found.notes(f"{split} {'samples' if self.series is None else 'rows'}"))

    def require_seen(self, preprocessing: Any, samples: Samples) -> None:
        if isinstance(samples.inputs, Texts):
            preprocessing.findings(samples.inputs, None).refuse_strange(preprocessing.column, samples.origin)
            return
        refuse_all_unseen(preprocessing.unfamiliar(_table(samples)), preprocessing.columns, samples.origin)

    def count_missing(self, preprocessing: Any, samples: Samples, rows: Array) -> dict[str, int]:
        table = _table(samples)
        if isinstance(samples.inputs, Texts):
            names = [preprocessing.column]
        else:
            names = [column.name for column in preprocessing.columns]
        rows = _table_rows(samples, rows)
        return {name: int(np.count_nonzero(table[name].missing[rows])) for name in names}

    def _is_drawn(self, split: str) -> bool:
        """Whether its samples were drawn at random: then chance alone puts some outside the range of the others."""
        part = {"test": self.fold or self.test, "validation": self.validation}.get(split)
        return isinstance(part, float | Fold) and not self.is_ordered

    @property
    def _no_features(self) -> tuple[str, ...]:
        """Neither targets nor the id are inputs, nor what decides a split."""
        return (*self.target, *((self.id,) if self.id else ()), *(rule.column for rule in self.rules))

    def _features(self, samples: Samples) -> tuple[str, ...]:
        """The inputs among the columns that were read."""
        if isinstance(samples.inputs, Windows):
            return samples.inputs.features
        if isinstance(samples.inputs, Texts):
            return (samples.inputs.column,)
        table = _table(samples)
        others = frozenset(self._no_features)
        return tuple(name for name in table.names if name not in others)

    @property
    def _of_series(self) -> dict[str, str]:
        """The columns of times and of groups, as far as they are known, by key."""
        if self.series is None:
            return {}
        columns = {"time": self.series.time, "group": self.series.group}
        return {key: name for key, name in columns.items() if name is not None}

    def _is_own(self, path: Path) -> bool:
        """Whether it is the file to train on: where others do not fit, they are wrong, and not the config."""
        return path == Path(self.source)

    def _require(self, path: Path, header: tuple[str, ...]) -> None:
        """Refuse a file without the columns that are named."""
        if self._is_own(path) and not self._is_trained:
            require_columns(path, header, self.target)
            self._require_others(path, header)
        else:
            require_features(path, header, [*self.target, *(self.features.include or ()), *self._of_series.values()])

    def _require_others(self, path: Path, header: tuple[str, ...]) -> None:
        """Refuse training samples without the id or a column that decides a split, or with targets alone."""
        if self.id is not None:
            require_columns(path, header, [self.id], "id")
        for rule in self.rules:
            key = "validation.column" if rule is self.validation else "test.column"
            require_columns(path, header, [rule.column], key)
        for key, name in self._of_series.items():
            require_columns(path, header, [name], f"series.{key}")
        if self.text is not None:
            require_columns(path, header, [self.text.column], "text.column")
        if self.series is None and not set(header) - set(self.target):
            raise file_error(
                path, "has no column for the inputs: all columns are targets", "name fewer columns in `target`"
            )


def _block(
    table: Table, preprocessing: TablePreprocessing | TextColumnPreprocessing, precision: str, id: str | None
) -> Block:
    ids = () if id is None else _texts(table[id])
    if isinstance(preprocessing, TextColumnPreprocessing):
        texts = preprocessing.texts(table)
        inputs, lengths = preprocessing.transform(texts, None, precision), preprocessing.lengths(texts, None)
        return Block(inputs, ids, lengths=lengths, texts=preprocessing.findings(texts, None))
    inputs = preprocessing.transform(table, None, precision)
    odd = {column.name: column.odd for column in table.columns if column.odd}
    return Block(inputs, ids, preprocessing.unfamiliar(table), odd=odd)


def _texts(column: Column) -> tuple[str, ...]:
    """The cells of a category."""
    labels = (*column.labels, "")  # -1 is a missing one
    return tuple(labels[position] for position in column.values.tolist())


def _table(samples: Samples) -> Table:
    inputs = samples.inputs.table if isinstance(samples.inputs, Windows | Texts) else samples.inputs
    assert isinstance(inputs, Table)
    return inputs


def _table_rows(samples: Samples, rows: Array) -> Array:
    """The rows of the table that these samples are made of, (R,). rows: (N,) positions of samples."""
    return samples.inputs.covered(rows) if isinstance(samples.inputs, Windows) else rows


def _as_read(column: Column, own: ColumnSettings | None) -> ColumnSettings:
    """The settings of a column with what was inferred of it."""
    hint = column.hint
    read: dict[str, Any] = {"type": column.kind, "format": hint.format, "decimal": hint.decimal, "unit": hint.unit}
    if column.odd_word or hint.has_minus:
        read["missing_words"] = hint.missing
    return ColumnSettings.model_validate(read | ({} if own is None else own.model_dump()))
