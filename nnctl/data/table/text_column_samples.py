"""Samples that are short texts: one column of a table, as sequences of its tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from nnctl.data.source import Array, Preprocessing, Samples
from nnctl.data.stream import Block
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.row_samples import RowSamples
from nnctl.data.table.settings import ColumnSettings, hints_of
from nnctl.data.table.table import Table
from nnctl.data.table.table_file import TableFile
from nnctl.data.table.text_column import TextColumn
from nnctl.data.table.text_preprocessing import TextColumnPreprocessing
from nnctl.data.table.texts import Texts, training_texts
from nnctl.text import listed

TEXT = ColumnHint("category", free=True)  # how a column of texts is read


class TextColumnSamples(RowSamples):
    """A sample is a row, and one column of it is all that a network reads."""

    has_lengths: ClassVar[bool] = True

    def __init__(self, source: TableFile, settings: TextColumn) -> None:
        super().__init__(source)
        self.settings = settings

    @property
    def named(self) -> dict[str, str]:
        return {"text.column": self.settings.column}

    def columns_to_read(
        self, path: Path, header: tuple[str, ...], own: Mapping[str, ColumnSettings]
    ) -> tuple[dict[str, ColumnHint], tuple[str, ...]]:
        source, column = self.source, self.settings.column
        hints = hints_of(own, header, source.missing, trained=source.is_trained)
        return {**hints, column: TEXT}, (column,)

    def notes_on_others(self, header: tuple[str, ...], wanted: set[str]) -> tuple[str, ...]:
        """That they are no inputs, where the config does not say that the text is the only one."""
        others = [name for name in header if name not in {*wanted, self.source.id}]
        if self.source.features.include is not None or not others:
            return ()
        said = f"`features: [{self.settings.column}]` says so without this note"
        return (f"columns beside the text are no inputs: {listed(others)}; {said}",)

    def inputs_of(self, table: Table) -> Texts:
        return training_texts(table, self.settings)

    def columns_of(self, samples: Samples) -> dict[str, ColumnSettings]:
        """But for the text, which has settings of its own."""
        columns = super().columns_of(samples)
        return {name: own for name, own in columns.items() if name != self.settings.column}

    def features_of(self, samples: Samples) -> tuple[str, ...]:
        return (self.settings.column,)

    def table_of(self, samples: Samples) -> Table:
        return _texts(samples).table

    def fit(self, samples: Samples, rows: Array) -> Preprocessing:
        return TextColumnPreprocessing.fit(_texts(samples), rows, self.settings)

    def preprocessing_from_json(self, value: Mapping[str, Any]) -> Preprocessing:
        return TextColumnPreprocessing.from_json(value)

    def fitted(self, preprocessing: Any) -> dict[str, Any]:
        """The length of texts."""
        return {"text": self.settings.model_copy(update={"length": preprocessing.length})}

    def input_hints(self, preprocessing: Any) -> dict[str, ColumnHint]:
        return {preprocessing.column: TEXT}

    def block(self, table: Table, preprocessing: Any, precision: str) -> Block:
        texts = preprocessing.texts(table)
        inputs, lengths = preprocessing.transform(texts, None, precision), preprocessing.lengths(texts, None)
        return Block(inputs, lengths=lengths, texts=preprocessing.findings(texts, None))

    def unseen(self, preprocessing: Any, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        found = preprocessing.findings(_texts(samples), rows)
        return tuple(found.notes(f"{split} rows", is_training=split == "train"))

    def require_seen(self, preprocessing: Any, samples: Samples) -> None:
        """Raise DataError where no sample has a token that training saw."""
        preprocessing.findings(_texts(samples), None).refuse_strange(preprocessing.column, samples.origin)

    def names_of_inputs(self, preprocessing: Any) -> list[str]:
        return [preprocessing.column]


def _texts(samples: Samples) -> Texts:
    assert isinstance(samples.inputs, Texts)
    return samples.inputs
