"""What a config says of a table whose rows are a series: how its samples, windows of rows, are cut."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, SerializerFunctionWrapHandler, model_serializer

from nnctl.data.table.column_name import ColumnName
from nnctl.data.table.spacing import Spacing
from nnctl.spec import Spec


def _spacing(value: str | float | None) -> str | float | None:
    return None if value is None else Spacing.parse(value).written


class SeriesSettings(Spec):
    """A sample is a window of rows that follow each other in time; its targets are those of rows behind it."""

    window: int = Field(ge=1, le=100_000)
    """How many rows are the inputs of a sample, (window, features)."""
    horizon: int = Field(default=1, ge=1, le=10_000)
    """How many rows behind the window are predicted: each is a target for each target column."""
    gap: int = Field(default=0, ge=0, le=100_000)
    """How many rows lie between the window and the first that is predicted: 6 of daily rows for the value in a week."""
    stride: int = Field(default=1, ge=1, le=100_000)
    """How many rows a window begins behind the one before it. Predictions are made for every row all the same."""
    time: ColumnName | None = None
    """The column of dates or numbers by which rows are sorted. Unset: the first one of dates, else their order."""
    every: Annotated[str | int | float | None, AfterValidator(_spacing)] = None
    """How far apart rows are: month, month end, weekday, day, 15 minutes, a number; row: it does not matter. No window
    spans a gap. Unset: the most frequent distance."""
    group: ColumnName | None = None
    """The column that names the series where a file has several: no window spans two."""
    season: int | None = Field(default=None, ge=2)
    """How many rows a season has: then `nnctl eval` shows how good it is to predict the value of one season before."""

    @property
    def rows(self) -> int:
        """How many rows a sample takes, its targets included."""
        return self.window + self.gap + self.horizon

    @property
    def spacing(self) -> Spacing | None:
        """`every`, as far as it is known."""
        return None if self.every is None else Spacing.parse(self.every)

    @model_serializer(mode="wrap")
    def _what_is_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}
