"""What a config says of samples that are rows of a table: which columns are what, and how they are prepared."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field

from nnctl.data.files import fault, require_file, shown
from nnctl.data.source import Array, Contents, Samples, Source
from nnctl.data.table.features import Features, FeaturesOrList, feature_names
from nnctl.data.table.header import require_columns
from nnctl.data.table.preprocessing import TablePreprocessing, learn
from nnctl.data.table.said import Said
from nnctl.data.table.settings import (
    CategorySettings,
    ColumnOrType,
    ColumnSettings,
    NumberSettings,
    by_column,
    said_of,
)
from nnctl.data.table.table import Table
from nnctl.data.table.target_columns import targets_of
from nnctl.data.table.target_transform import Step, Steps

Name = Annotated[str, Field(min_length=1)]


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class TableSource(Source):
    """Base of the formats that hold tables. Everything that is learnt of columns is learnt from training rows only."""

    target: Annotated[list[Name], Field(min_length=1), BeforeValidator(_names, json_schema_input_type=str | list[str])]
    """The column that is to be predicted, or a list of them."""
    features: FeaturesOrList = Features()
    """The columns that are inputs: a list of names or patterns, or what to include and exclude. Unset: all others."""
    id: Name | None = None
    """A column that names the samples: it is copied to predictions and never an input."""
    numbers: NumberSettings = NumberSettings()
    """How columns of numbers, dates and yes_no become inputs."""
    categories: CategorySettings = CategorySettings()
    """How columns of words become inputs."""
    columns: dict[Name, ColumnOrType] = Field(default_factory=dict)
    """Types and settings of single columns, by name or pattern; where two match a column, the later one's keys win."""
    target_transform: Steps | None = None
    """log, standard, both in this order, or none; undone in metrics and predictions. Unset: standard for values."""

    @property
    def target_steps(self) -> list[Step]:
        return self.target_transform or []

    @abstractmethod
    def header(self, path: Path) -> tuple[str, ...]:
        """The names of a file's columns. Raises DataError."""

    @abstractmethod
    def table(self, path: Path, said: Mapping[str, Said], wanted: set[str]) -> Table:
        """The wanted columns of a file. said: what is known of them. Raises DataError."""

    @abstractmethod
    def blocks(self, path: Path, said: Mapping[str, Said], wanted: set[str]) -> Iterator[Table]:
        """As `table`, a part of the rows at a time: a file may be larger than memory."""

    def read(self, path: Path) -> Contents:
        """All rows as training samples. inputs: the table of the features; targets: (N,), or (N, K) for K columns."""
        require_file(path)
        header = self.header(path)
        self._require(path, header)
        own = by_column(self.columns, header, shown(path))
        deciding = {rule.column for rule in self.rules}
        wanted = {*self._features(header, path), *self.target, *deciding}
        table = self.table(path, said_of(own), wanted)
        targets, labels = targets_of(table, self.target)
        samples = Samples(table, targets, shown(path), tuple(self.target), table.lines, labels)
        return Contents(train=samples, files=(path,))

    def settled(self, samples: Samples) -> Self:
        """With the type of every column, and the features by name."""
        table = _table(samples)
        types = {name: ColumnSettings(type=table[name].kind) for name in table.names}
        own = by_column(self.columns, table.names, samples.origin, strict=False)
        columns = {name: type_.model_copy(update=_said(own.get(name))) for name, type_ in types.items()}
        features = Features(include=list(self._features(table.names, Path(self.source))))
        return self.model_copy(update={"columns": columns, "features": features})

    def checked(self, samples: Samples, train: Samples | None = None) -> Samples:
        return samples  # a table was checked cell by cell, by the columns of the one to train on

    def require(self, samples: Samples, preprocessing: TablePreprocessing) -> None:
        """Nothing: `apply` looks at every column that it takes."""

    def learn(self, samples: Samples, rows: Array) -> TablePreprocessing:
        table = _table(samples)
        features = self._features(table.names, Path(self.source))
        own = by_column(self.columns, table.names, samples.origin, strict=False)
        return learn(table, rows, features, self.numbers, self.categories, own)

    def kept(self, value: Mapping[str, Any]) -> TablePreprocessing:
        return TablePreprocessing.from_json(value)

    def resolved(self, preprocessing: Any) -> Self:
        """With every column's type and all of its settings."""
        return self.model_copy(update={"columns": {**self.columns, **preprocessing.settings}})

    def notes(self, preprocessing: Any, samples: Samples, rows: Array, split: str) -> Sequence[str]:
        """How many samples have a category that training never saw."""
        unseen = preprocessing.unseen(_table(samples), rows)
        return [
            f"column {name}: {count:,} of the {len(rows):,} {split} samples have a value that training never saw"
            for name, count in unseen.items()
        ]

    def _features(self, header: tuple[str, ...], path: Path) -> tuple[str, ...]:
        """The inputs: neither targets nor the id are, nor what decides a split."""
        others = (*self.target, *((self.id,) if self.id else ()), *(rule.column for rule in self.rules))
        return feature_names(self.features, header, others, shown(path))

    def _require(self, path: Path, header: tuple[str, ...]) -> None:
        """Refuse a file that lacks columns which are named."""
        require_columns(path, header, self.target)
        if self.id is not None:
            require_columns(path, header, [self.id], "id")
        for rule in self.rules:
            require_columns(
                path, header, [rule.column], "validation.column" if rule is self.validation else "test.column"
            )
        if not set(header) - set(self.target):
            raise fault(path, "has no column for the inputs: all columns are targets", "name fewer columns in `target`")


def _table(samples: Samples) -> Table:
    assert isinstance(samples.inputs, Table)
    return samples.inputs


def _said(settings: ColumnSettings | None) -> dict[str, Any]:
    return {} if settings is None else settings.model_dump()
