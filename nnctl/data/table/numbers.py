"""A column of numbers, dates or yes_no as inputs: filled, clipped, transformed and scaled as training taught."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from nnctl.data.table.cycles import Cycle, are_times_of_day, circle, cycles_of, names_of
from nnctl.data.table.dates import shown_date
from nnctl.data.table.remedies import excluded
from nnctl.data.table.settings import ColumnSettings, NumberSettings
from nnctl.data.table.statistics import fill_of, quantiles_of, scaling_of
from nnctl.data.table.table import Array, Column, Kind, Table
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec
from nnctl.text import shown_number

LATEST = 1e12  # days from 1970 on that no calendar reaches


class NumberColumn(Spec):
    """output = (transform(clip(value)) - shift) / divisor, in float64; behind it the cycles of a date, then an
    indicator where there is one. Of the times of a series, which go on for ever, the cycles alone: then days is false.

    fill: what a missing value becomes, in the column's unit; None where none is allowed to be missing. bounds: of clip.
    decimal, unit, missing_words: how its cells are read. least, largest: of the training rows, neither filled nor
    clipped; None for yes_no, and in older checkpoints.
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
    decimal: Literal[".", ","] | None = None
    unit: str | None = None
    missing_words: Annotated[tuple[str, ...], Field(strict=False)] | None = None
    cyclic: Annotated[tuple[Cycle, ...], Field(strict=False)] = ()
    days: bool = True
    least: float | None = None
    largest: float | None = None

    @classmethod
    def fit(
        cls,
        table: Table,
        rows: Array,
        column: Column,
        settings: NumberSettings,
        own: ColumnSettings,
        cyclic: bool | list[Cycle] = False,
        *,
        are_times: bool = False,
    ) -> NumberColumn:
        """From these training rows and no others. own: how the column is read. cyclic: of dates. are_times: whether
        they are those of a series. Raises DataError.
        """
        values = column.values[rows]
        absent = np.isnan(values)
        present = values[~absent]
        if not len(present):
            raise no_value(table, column.name)
        assert column.kind != "category"
        with np.errstate(over="ignore", invalid="ignore"):
            fill, bounds = fill_of(settings, present), quantiles_of(settings, present)
            if not all(map(math.isfinite, (fill or 0.0, *(bounds or ())))):
                raise _too_large(table, column.name)
            cycles = _cycles(column, present, cyclic)
            plain = cls(
                kind=column.kind,
                name=column.name,
                format=column.hint.format,
                decimal=column.hint.decimal,
                unit=column.hint.unit,
                missing_words=None if own.missing_words is None else tuple(own.missing_words),
                cyclic=cycles,
                days=not (are_times and cycles),
                least=None if column.kind == "yes_no" else float(present.min()),
                largest=None if column.kind == "yes_no" else float(present.max()),
                settings=settings,
                fill=fill,
                bounds=bounds,
                indicator=settings.indicator and settings.missing != "refuse" and bool(absent.any()),
                shift=0.0,
                divisor=1.0,
            )
            shift, divisor = scaling_of(settings, plain._transformed(table, rows))
        if not (math.isfinite(shift) and math.isfinite(divisor)):
            raise _too_large(table, column.name)
        return plain.model_copy(update={"shift": shift, "divisor": divisor})

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the inputs that the column becomes."""
        cycles = (f"{self.name} {name}" for cycle in self.cyclic for name in names_of(cycle))
        own = [self.name] if self.days else []
        return (*own, *cycles, *([f"{self.name} is missing"] if self.indicator else []))

    @property
    def description(self) -> str:
        """How it enters the network, in a few words."""
        settings = self.settings
        if not self.days:
            return ", ".join((*self.cyclic, *(["indicator"] if self.indicator else [])))
        scaled = {"standard": "standardized", "min_max": "scaled to 0 … 1", "none": "as it is"}[settings.scale]
        clipped = "" if settings.clip == "none" else "clipped"
        transformed = "" if settings.transform == "none" else settings.transform
        return ", ".join(
            filter(None, (clipped, transformed, scaled, *self.cyclic, "indicator" if self.indicator else ""))
        )

    @property
    def all_settings(self) -> ColumnSettings:
        """Everything that a config can say of the column."""
        reading = {key: getattr(self, key) for key in ("format", "decimal", "unit", "missing_words")}
        dates = {"cyclic": list(self.cyclic)} if self.kind == "date" else {}
        return ColumnSettings.model_validate({"type": self.kind, **reading, **self.settings.model_dump(), **dates})

    @property
    def is_consistent(self) -> bool:
        """Whether the parts do not contradict each other: a damaged checkpoint's may."""
        refuses = self.settings.missing == "refuse"
        return (
            (self.fill is None) == refuses
            and not (self.indicator and (refuses or not self.settings.indicator))
            and (self.bounds is None) == (self.settings.clip == "none")
            and (self.bounds is None or self.bounds[0] <= self.bounds[1])
            and (self.least is None) == (self.largest is None)
            and (self.least is None or self.largest is None or self.least <= self.largest)
            and (self.kind != "date" or all(abs(value or 0.0) < LATEST for value in (self.least, self.largest)))
            and not (self.cyclic and self.kind != "date")
            and (self.days or bool(self.cyclic))
        )

    @property
    def range(self) -> str:
        """The least and the largest value of the training rows, for people."""
        ends = [value for value in (self.least, self.largest) if value is not None]
        shown = [_shown(self.kind, value) for value in ends]
        if self.kind == "date" and are_times_of_day(np.array(ends)):
            shown = [text.partition(" ")[2] or "00:00:00" for text in shown]
        return " … ".join(shown)

    def count_outside(self, table: Table, rows: Array) -> int:
        """How many of these rows have a value less than the least or larger than the largest in training."""
        if self.least is None or self.largest is None or not self.days:
            return 0
        values = table[self.name].values[rows]
        return int(np.count_nonzero((values < self.least) | (values > self.largest)))

    def write(self, table: Table, rows: Array, out: Array) -> None:
        """Write the inputs of these rows. rows: (N,) positions in the table; out: (N, outputs). Raises DataError."""
        first = int(self.days)
        if self.days:
            with np.errstate(over="ignore", invalid="ignore"):
                out[:, 0] = (self._transformed(table, rows) - self.shift) / self.divisor
            finite = np.isfinite(out[:, 0])
            if not finite.all():
                row = int(rows[np.argmin(finite)])
                what = f"{table[self.name].values[row]:g} is too large for {out.dtype}"
                help = "fix the value" + ("" if table[self.name].hint.trained else ", or set `clip` for the column")
                raise DataError(table.problem(row, self.name, what, help))
        for number, cycle in enumerate(self.cyclic):
            out[:, first + 2 * number : first + 2 + 2 * number] = circle(cycle, table[self.name].values[rows])
        if self.indicator:
            out[:, -1] = np.isnan(table[self.name].values[rows])

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
            help = "fix the value" if table[self.name].hint.trained else "set `transform: none` for the column"
            raise DataError(table.problem(row, self.name, what, help))
        return np.log1p(values)


def no_value(table: Table, name: str) -> DataError:
    """A column with nothing in it to learn from."""
    what = f"column {name}: all values of the training samples are missing"
    return DataError(Problem(what, file=table.origin, help=f"leave it out: {excluded(name)}"))


def missing_value(table: Table, name: str, rows: Array) -> DataError:
    """Missing values where none are allowed. rows: where they are; the error names the first."""
    what = "a value is missing" if len(rows) == 1 else f"{len(rows):,} values are missing, the first of them here"
    help = "fill it in" + ("" if table[name].hint.trained else ", or set another `missing` than refuse for the column")
    return DataError(table.problem(int(rows[0]), name, what, help))


def _too_large(table: Table, name: str) -> DataError:
    what = f"column {name}: the values are too large for their mean and their spread to be computed"
    return DataError(Problem(what, file=table.origin, help="give them in a larger unit, or leave the column out"))


def _cycles(column: Column, present: Array, wanted: bool | list[Cycle]) -> tuple[Cycle, ...]:
    if column.kind != "date" or wanted is False:
        return ()
    return cycles_of(present) if wanted is True else tuple(dict.fromkeys(wanted))


def _shown(kind: Kind, value: float) -> str:
    return shown_date(value) if kind == "date" else shown_number(value)
