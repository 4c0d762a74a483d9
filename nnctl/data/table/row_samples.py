"""Samples that are rows of a table: read, prepared, and told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from nnctl.data.files import file_error
from nnctl.data.source import Array, Contents, Preprocessing, Samples
from nnctl.data.stream import Block, Stream, block_rows
from nnctl.data.table.beside import AS_TEXT, columns_beside, parted
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.column_name import column_name
from nnctl.data.table.features import Features, feature_names
from nnctl.data.table.header import require_columns, require_features
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.settings import ColumnSettings, by_column, hints_of, with_missing_words
from nnctl.data.table.table import Column, Table
from nnctl.data.table.table_file import TableFile
from nnctl.data.table.target_columns import date_notes, targets_of, with_targets
from nnctl.data.table.unfamiliar import refuse_all_unseen
from nnctl.data.table.weight_column import weight_note, weights_of
from nnctl.errors import UsageError
from nnctl.regular_file import shown
from nnctl.text import listed


class RowSamples:
    """A sample is a row. Another kind of sample has a class of its own, which does otherwise what is different."""

    is_ordered: ClassVar[bool] = False
    """Whether samples follow each other in time."""
    has_lengths: ClassVar[bool] = False
    """Whether they are sequences with a length each."""
    units: ClassVar[str] = "samples"
    """What notes count."""

    def __init__(self, source: TableFile) -> None:
        self.source = source

    @property
    def named(self) -> dict[str, str]:
        """The columns that its own settings name, by the key that does."""
        return {}

    def require_inputs(self, path: Path, header: tuple[str, ...]) -> None:
        """Refuse a file to train on that has nothing but targets."""
        if not set(header) - set(self.source.target):
            raise file_error(
                path, "has no column for the inputs: all columns are targets", "name fewer columns in `target`"
            )

    def read(self, path: Path, header: tuple[str, ...], own: Mapping[str, ColumnSettings]) -> Contents:
        """All of a file as training samples. own: the settings of its columns. Raises DataError."""
        source = self.source
        hints, inputs = self.columns_to_read(path, header, own)
        wanted = {*inputs, *source.target, *source.split_columns.values()}
        weight = source.weight if source.weight in header else None
        if weight is not None:
            wanted.add(weight)
        beside = columns_beside(source, path, header, wanted)
        table = source.table(path, {**hints, **dict.fromkeys(beside, AS_TEXT)}, wanted | beside)
        notes = (*table.notes, *date_notes(table, source.target), *self.notes_on_others(header, wanted))
        table, left_out = with_targets(table, source.target, source.missing_target)
        table, others = parted(table, beside)
        targets, labels = targets_of(table, source.target)
        weights = None if weight is None else weights_of(table, weight)
        samples = Samples(
            self.inputs_of(table),
            targets,
            shown(path),
            tuple(source.target),
            table.lines,
            labels,
            notes=(*notes, *left_out, *self._notes_on_weights(path, weights)),
            weights=weights,
            beside=others.columns,
        )
        return Contents(train=samples, files=(path,))

    def columns_to_read(
        self, path: Path, header: tuple[str, ...], own: Mapping[str, ColumnSettings]
    ) -> tuple[dict[str, ColumnHint], tuple[str, ...]]:
        """How columns are read, and which are inputs."""
        source = self.source
        hints = hints_of(own, header, source.missing, trained=source.is_trained)
        return hints, feature_names(source.features, header, source.no_features, shown(path))

    def _notes_on_weights(self, path: Path, weights: Array | None) -> tuple[str, ...]:
        source = self.source
        if source.weight is None:
            return ()
        if weights is None:
            return (f"{shown(path)} has no column {source.weight}, the weight; its rows count alike",)
        return () if source.is_trained or not source.is_own(path) else (weight_note(weights, source.weight),)

    def notes_on_others(self, header: tuple[str, ...], wanted: set[str]) -> tuple[str, ...]:
        """What to tell of columns that are no inputs."""
        source = self.source
        if source.features.include is not None or source.is_trained:
            return ()
        silent = {*source.features.exclude, source.id}
        groups = (name for name in source.groups if name not in silent)
        inputs = '`features: ["*"]` makes it one'
        return tuple(f"column {name} keeps groups of rows together, and is not an input: {inputs}" for name in groups)

    def inputs_of(self, table: Table) -> Any:
        """What samples have as their inputs."""
        return table

    def inferred(self, samples: Samples) -> dict[str, Any]:
        """Keys of the source with what the samples tell: the type of every column, and the features by name."""
        return {"columns": self.columns_of(samples), "features": Features(include=list(self.features_of(samples)))}

    def columns_of(self, samples: Samples) -> dict[str, ColumnSettings]:
        """The settings of each column with how it was read."""
        table = self.table_of(samples)
        own = by_column(self.source.columns, table.names, samples.origin, strict=False)
        return {column.name: _as_read(column, own.get(column.name)) for column in table.columns}

    def features_of(self, samples: Samples) -> tuple[str, ...]:
        """The inputs among the columns that were read."""
        others = frozenset(self.source.no_features)
        return tuple(name for name in self.table_of(samples).names if name not in others)

    def table_of(self, samples: Samples) -> Table:
        """The table that the samples are made of."""
        assert isinstance(samples.inputs, Table)
        return samples.inputs

    def rows_of(self, samples: Samples, rows: Array) -> Array:
        """The rows of the table that these samples are made of, (R,). rows: (N,) positions of samples."""
        return rows

    def fit(self, samples: Samples, rows: Array) -> Preprocessing:
        """The preprocessing for these training samples and no others. Raises DataError."""
        source, table = self.source, self.table_of(samples)
        own = by_column(source.columns, table.names, samples.origin, strict=False)
        features = self.features_of(samples)
        return TablePreprocessing.fit(table, rows, features, source.numbers, source.categories, own, source.dates)

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> Preprocessing:
        """What a checkpoint keeps. Raises ValueError."""
        return TablePreprocessing.from_json(value)

    def fitted(self, preprocessing: Any) -> dict[str, Any]:
        """Keys of the source with what was fitted: every column's type and all of its settings."""
        return {"columns": {**self.source.columns, **preprocessing.settings}}

    def input_hints(self, preprocessing: Any) -> dict[str, ColumnHint]:
        """The columns that are inputs of a trained network, and how they are read."""
        settings = with_missing_words(preprocessing.settings, self.source.missing)
        return hints_of(settings, (*settings,), self.source.missing, trained=True)

    def stream(self, path: Path, preprocessing: Any, precision: str, id: str | None) -> Stream:
        """As the source's."""
        source, hints, header = self.source, self.input_hints(preprocessing), self.source.header(path)
        require_features(path, header, list(hints))
        notes = []
        if id is not None:
            id = column_name(id)
            require_columns(path, header, [id], "--id")
            if id in hints:
                raise UsageError(f"--id {id} is an input of the network", help="choose a column that is not an input")
        elif source.id in header:
            id = source.id
        elif source.id is not None:
            notes.append(f"{shown(path)} has no column {source.id}, the id; its rows are numbered")
        known = {*hints, *source.target, id, source.id, source.weight}
        if others := [name for name in header if name not in known]:
            notes.append(f"columns that are not inputs are ignored: {listed(others)}")
        if id is not None:
            hints = {**hints, id: ColumnHint("category", free=True)}
        told: dict[str, None] = {}  # of all blocks, once each

        def blocks() -> Iterator[Block]:
            most = block_rows(max(len(hints), *preprocessing.shape))
            for table in source.blocks(path, hints, set(hints), most):
                told.update(dict.fromkeys(table.notes))
                ids = () if id is None else cells_of(table[id])
                yield replace(self.block(table, preprocessing, precision), ids=ids)

        has_lengths = self.has_lengths
        return Stream(blocks(), id, notes=tuple(notes), has_lengths=has_lengths, final_notes=lambda: tuple(told))

    def block(self, table: Table, preprocessing: Any, precision: str) -> Block:
        """Rows of a file, prepared."""
        odd = {column.name: column.odd for column in table.columns if column.odd}
        inputs = preprocessing.transform(table, None, precision)
        return Block(inputs, unfamiliar=preprocessing.unfamiliar(table), odd=odd)

    def unseen(self, preprocessing: Any, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        """Notes on these samples: what they have that training never saw."""
        found = preprocessing.unfamiliar(self.table_of(samples), self.rows_of(samples, rows))
        if split in self.source.drawn:  # then chance alone puts some outside the range of the others
            found = replace(found, outside={})
        return tuple(found.notes(f"{split} {self.units}"))

    def require_seen(self, preprocessing: Any, samples: Samples) -> None:
        """Raise DataError for a column in which no sample has a category that training saw."""
        found = preprocessing.unfamiliar(self.table_of(samples))
        refuse_all_unseen(found, preprocessing.columns, samples.origin)

    def count_missing(self, preprocessing: Any, samples: Samples, rows: Array) -> dict[str, int]:
        """How many cells of each input column are missing."""
        table, rows = self.table_of(samples), self.rows_of(samples, rows)
        names = self.names_of_inputs(preprocessing)
        return {name: int(np.count_nonzero(table[name].missing[rows])) for name in names}

    def names_of_inputs(self, preprocessing: Any) -> list[str]:
        """The columns that a preprocessing takes."""
        return [column.name for column in preprocessing.columns]


def cells_of(column: Column) -> tuple[str, ...]:
    """Those of a category."""
    labels = (*column.labels, "")  # -1 is a missing one
    return tuple(labels[position] for position in column.values.tolist())


def _as_read(column: Column, own: ColumnSettings | None) -> ColumnSettings:
    """The settings of a column with what was inferred of it."""
    hint = column.hint
    read: dict[str, Any] = {"type": column.kind, "format": hint.format, "decimal": hint.decimal, "unit": hint.unit}
    if column.odd_word or hint.has_minus:
        read["missing_words"] = hint.missing
    return ColumnSettings.model_validate(read | ({} if own is None else own.model_dump()))
