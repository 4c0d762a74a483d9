"""What a config says of a table and of its columns, and how its files are read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from nnctl.data.source import Source
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.column_name import ColumnName
from nnctl.data.table.features import Features, FeaturesOrList
from nnctl.data.table.series import SeriesSettings
from nnctl.data.table.settings import (
    WORDS,
    CategorySettings,
    ColumnOrType,
    DateSettings,
    NumberSettings,
    with_missing_words,
)
from nnctl.data.table.table import Table
from nnctl.data.table.target_columns import MissingTarget
from nnctl.data.table.target_transform import Steps
from nnctl.data.table.text_column import TextColumn


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class TableFile(Source):
    """The keys of the formats that hold tables, and what reads one file of them."""

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
    weight: ColumnName | None = None
    """A column of numbers, at least 0: how much each row counts in the loss and in the metrics. It is never an input;
    2 is as good as the row twice, 0 as good as no row."""
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
    _is_trained: bool = PrivateAttr(default=False)

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

    def for_other_files(self) -> Self:
        """With the words that mean missing in columns of words: which of them occur is told where none are given."""
        made = self.model_copy(update={"columns": with_missing_words(self.columns, self.missing)})
        made._is_trained = True
        return made

    @property
    def is_trained(self) -> bool:
        """Whether it is that of a trained network."""
        return self._is_trained

    def is_own(self, path: Path) -> bool:
        """Whether it is the file to train on: where others do not fit, they are wrong, and not the config."""
        return path == Path(self.source)

    @property
    def no_features(self) -> tuple[str, ...]:
        """Neither targets, the id and the weight are inputs, nor what decides a split, but for groups that `features`
        names.
        """
        named = {name for name in self.groups if self.features.names(name)}
        deciding = (name for name in self.split_columns.values() if name not in named)
        others = (name for name in (self.id, self.weight) if name is not None)
        return (*self.target, *others, *deciding)
