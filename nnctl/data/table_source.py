"""What a config says of samples that are rows of a table: which columns are what, and how they are prepared."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from nnctl.data.source import Source
from nnctl.data.table.features import Features, FeaturesOrList
from nnctl.data.table.settings import CategorySettings, ColumnOrType, NumberSettings
from nnctl.data.table.target_transform import Steps

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
