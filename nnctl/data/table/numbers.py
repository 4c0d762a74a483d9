"""A column of numbers, dates or yes_no as inputs: filled, clipped, transformed and scaled as training taught."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from nnctl.data.table.settings import ColumnSettings, NumberSettings
from nnctl.data.table.table import Array, Column, Table
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec


class NumberColumn(Spec):
    """output = (transform(clip(value)) - shift) / divisor, in float64; behind it an indicator where there is one.

    fill: what a missing value becomes, in the column's unit; None where none is allowed to be missing. bounds: of clip.
    """

    embedded: ClassVar[bool] = False

    kind: Literal["number", "date", "yes_no"]
    name: str
    format: str | None
    settings: NumberSettings
    fill: float | None
    bounds: Annotated[tuple[float, float], Field(strict=False)] | None
    indicator: bool
    shift: float
    divisor: float = Field(gt=0.0)

    @classmethod
    def fit(
        cls, table: Table, rows: Array, column: Column, settings: NumberSettings, date_format: str | None
    ) -> NumberColumn:
        """From these training rows and no others. Raises DataError."""
        values = column.values[rows]
        absent = np.isnan(values)
        present = values[~absent]
        if not len(present):
            raise no_value(table, column.name)
        assert column.kind != "category"
        with np.errstate(over="ignore", invalid="ignore"):
            fill, bounds = _fill(settings, present), _quantiles(settings, present)
            if not np.isfinite([fill or 0.0, *(bounds or ())]).all():
                raise _too_large(table, column.name)
            plain = cls(
                kind=column.kind,
                name=column.name,
                format=date_format,
                settings=settings,
                fill=fill,
                bounds=bounds,
                indicator=settings.indicator and settings.missing != "refuse" and bool(absent.any()),
                shift=0.0,
                divisor=1.0,
            )
            shift, divisor = _scaling(settings, plain._transformed(table, rows))
        if not (math.isfinite(shift) and math.isfinite(divisor)):
            raise _too_large(table, column.name)
        return plain.model_copy(update={"shift": shift, "divisor": divisor})

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the inputs that the column becomes."""
        return (self.name, f"{self.name} is missing") if self.indicator else (self.name,)

    @property
    def description(self) -> str:
        """How it enters the network, in a few words."""
        settings = self.settings
        scaled = {"standard": "standardised", "min_max": "scaled to 0 … 1", "none": "as it is"}[settings.scale]
        clipped = "" if settings.clip == "none" else "clipped"
        transformed = "" if settings.transform == "none" else settings.transform
        return ", ".join(filter(None, (clipped, transformed, scaled, "indicator" if self.indicator else "")))

    @property
    def all_settings(self) -> ColumnSettings:
        """Everything that a config can say of the column."""
        return ColumnSettings.model_validate({"type": self.kind, "format": self.format, **self.settings.model_dump()})

    @property
    def is_consistent(self) -> bool:
        """Whether the parts do not contradict each other: a damaged checkpoint's may."""
        refuses = self.settings.missing == "refuse"
        return (
            (self.fill is None) == refuses
            and not (self.indicator and (refuses or not self.settings.indicator))
            and (self.bounds is None) == (self.settings.clip == "none")
            and (self.bounds is None or self.bounds[0] <= self.bounds[1])
        )

    def write(self, table: Table, rows: Array, out: Array) -> None:
        """Write the inputs of these rows. rows: (N,) positions in the table; out: (N, outputs). Raises DataError."""
        with np.errstate(over="ignore", invalid="ignore"):
            out[:, 0] = (self._transformed(table, rows) - self.shift) / self.divisor
        finite = np.isfinite(out[:, 0])
        if not finite.all():
            row = int(rows[np.argmin(finite)])
            what = f"{table[self.name].values[row]:g} is too large for {out.dtype}"
            help = "fix the value, or set `clip` for the column"
            raise DataError(table.problem(row, self.name, what, help))
        if self.indicator:
            out[:, 1] = np.isnan(table[self.name].values[rows])

    def _transformed(self, table: Table, rows: Array) -> Array:
        """Filled, clipped and transformed values, (N,) float64."""
        values = table[self.name].values[rows]
        absent = np.isnan(values)
        if absent.any():
            if self.fill is None:
                raise missing_value(table, self.name, rows[absent])
            values[absent] = self.fill
        if self.bounds is not None:
            np.clip(values, *self.bounds, out=values)
        if self.settings.transform == "none":
            return values
        undefined = values <= -1
        if undefined.any():
            row = int(rows[np.argmax(undefined)])
            what = f"log1p needs values above -1, here is {values[np.argmax(undefined)]:g}"
            raise DataError(table.problem(row, self.name, what, "set `transform: none` for the column"))
        return np.log1p(values)


def no_value(table: Table, name: str) -> DataError:
    """A column with nothing in it to learn from."""
    what = f"column {name}: all values of the training samples are missing"
    return DataError(Problem(what, file=table.origin, help=f"leave it out: `features: {{exclude: [{name}]}}`"))


def missing_value(table: Table, name: str, rows: Array) -> DataError:
    """Missing values where none are allowed. rows: where they are; the error names the first."""
    what = "a value is missing" if len(rows) == 1 else f"{len(rows):,} values are missing, the first of them here"
    help = "fill it in, or set another `missing` than refuse for the column"
    return DataError(table.problem(int(rows[0]), name, what, help))


def _too_large(table: Table, name: str) -> DataError:
    what = f"column {name}: the values are too large for their mean and their spread to be computed"
    return DataError(Problem(what, file=table.origin, help="give them in a larger unit, or leave the column out"))


def _fill(settings: NumberSettings, present: Array) -> float | None:
    if settings.missing == "refuse":
        return None
    if settings.missing == "mean":
        return _mean(present)
    if settings.missing == "mode":
        values, counts = np.unique(present, return_counts=True)
        return float(values[np.argmax(counts)])  # of equally frequent ones the smallest
    return float(np.median(present)) if settings.missing == "median" else settings.missing


def _quantiles(settings: NumberSettings, present: Array) -> tuple[float, float] | None:
    if settings.clip == "none":
        return None
    low, high = np.quantile(present, (settings.clip, 1 - settings.clip))
    return float(low), float(high)


def _scaling(settings: NumberSettings, values: Array) -> tuple[float, float]:
    """Shift and divisor; a divisor of 1 where the values are constant, so that nothing is divided by zero."""
    if settings.scale == "none":
        return 0.0, 1.0
    if settings.scale == "min_max":
        return float(values.min()), float(np.ptp(values)) or 1.0
    mean = _mean(values)
    # about the mean: the difference of two large sums of squares would lose the digits of a small variance
    return mean, math.sqrt(np.square(values - mean).mean()) or 1.0


def _mean(values: Array) -> float:
    """Exact where the values are constant."""
    low = float(values.min())
    return low if low == values.max() else float(values.mean())
