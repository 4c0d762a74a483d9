"""What a config says of the columns of a table: of all of them, and of single ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, SerializerFunctionWrapHandler, ValidationError, model_serializer

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.cycles import Cycle
from nnctl.data.table.matching import found_in, no_column
from nnctl.data.table.missing_words import USUAL
from nnctl.data.table.table import Kind
from nnctl.errors import DataError, Problem
from nnctl.spec import Spec

LONGEST_VECTOR = 1024
CLIP = Annotated[float, Field(ge=0.0, lt=0.5)]
SIZE = Annotated[int, Field(ge=1, le=LONGEST_VECTOR)]
RARE = Annotated[int, Field(ge=1)]
CYCLIC = bool | list[Cycle]


def _words(value: Any) -> Any:
    """A single word is a list of one; a number or a word of YAML's own is the text that a cell has for it."""
    if value is None:
        return None
    return [_text(word) for word in value] if isinstance(value, list | tuple) else [_text(value)]


def _text(word: Any) -> Any:
    if word is None:
        return "null"
    if isinstance(word, bool):
        return str(word).lower()
    if isinstance(word, int | float):
        return str(int(word)) if word == word // 1 else str(word)
    return word


WORDS = Annotated[
    list[str], BeforeValidator(_words, json_schema_input_type=str | int | float | list[str | int | float])
]
"""Words that a cell may hold; numbers are as good."""


class NumberSettings(Spec):
    """How columns of numbers, dates (in days) and yes_no (1 and 0) become inputs; done in the order of the keys."""

    missing: Literal["mean", "median", "mode", "refuse"] | float = "median"
    """What a missing value becomes: the training samples' mean, median or mode, or a number; refuse: none may miss."""
    indicator: bool = True
    """Whether a column that misses values in training gets one beside it that is 1 where a value is missing, else 0."""
    clip: Literal["none"] | CLIP = "none"
    """Values outside the training samples' quantiles q and 1 - q become these: 0.01 is a hundredth at either end."""
    transform: Literal["none", "log1p"] = "none"
    """log1p: the logarithm of 1 + the value."""
    scale: Literal["standard", "min_max", "none"] = "standard"
    """standard: to mean 0 and standard deviation 1; min_max: to 0 … 1; as the training samples have them."""


class DateSettings(Spec):
    """What columns of dates become beside the days since 1970, which `numbers` is for."""

    cyclic: CYCLIC = True
    """Where a date stands in its cycles, two inputs each: weekday, month, hour. true: those that the training rows go
    through; false: none."""


class CategorySettings(Spec):
    """How columns of words become inputs."""

    encoding: Literal["one_hot", "embedding"] | None = None
    """one_hot: a column a category; embedding: a trained vector each. Unset: embedding from 32 categories on."""
    size: SIZE | None = None
    """The length of an embedding's vectors. Unset: round(1.6 n^0.56) for n slots, at most 32."""
    rare: RARE = 1
    """Categories with fewer training samples than this are one, which those never seen in training join."""
    missing: Literal["own", "mode", "refuse"] = "own"
    """own: missing is a category like others; mode: it is the most frequent one; refuse: none may be missing."""


class ColumnSettings(Spec):
    """The settings of one column. Unset keys are as in `numbers` or `categories`."""

    type: Kind | None = None
    """What the column holds. Unset, the cells tell; a column of numbers that name kinds is a category."""
    format: str | None = Field(default=None, min_length=1)
    """How dates are written, as for Python's strptime: "%d.%m.%Y". Unset, the cells tell."""
    decimal: Literal[".", ","] | None = None
    """Numbers: the decimal sign. Unset, the cells tell."""
    unit: str | None = None
    """Numbers: what stands before or behind them, such as $, % or kg; empty for nothing. Unset, the cells tell."""
    missing_words: WORDS | None = None
    """The words that mean missing in this column, in place of all others; `[]`: only an empty cell does."""
    missing: Literal["mean", "median", "own", "mode", "refuse"] | float | None = None
    """What becomes of missing ones: mean, median, mode, refuse or a number for numbers; own, mode, refuse for words."""
    indicator: bool | None = None
    """Numbers: whether a column beside it marks missing values."""
    clip: Literal["none"] | CLIP | None = None
    """Numbers: the quantile beyond which values are moved to it."""
    transform: Literal["none", "log1p"] | None = None
    """Numbers: log1p or none."""
    scale: Literal["standard", "min_max", "none"] | None = None
    """Numbers: standard, min_max or none."""
    encoding: Literal["one_hot", "embedding"] | None = None
    """Words: one_hot or embedding."""
    size: SIZE | None = None
    """Words: the length of an embedding's vectors."""
    rare: RARE | None = None
    """Words: categories with fewer training samples than this are one."""
    cyclic: CYCLIC | None = None
    """Dates: the cycles that become inputs, true for those that the training rows go through."""

    plain: ClassVar[Mapping[str, Any]] = {"decimal": ".", "unit": ""}
    """How a column is read where these keys are not there, as in a checkpoint of an older version."""

    @model_serializer(mode="wrap")
    def _what_is_set(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {key: value for key, value in write(self).items() if value is not None}


ColumnOrType = Annotated[
    ColumnSettings, BeforeValidator(ColumnSettings.shorthand, json_schema_input_type=Kind | ColumnSettings)
]
"""The settings of a column as a config has them: a bare word is a type."""


def by_column(
    columns: Mapping[str, ColumnSettings], header: tuple[str, ...], origin: str, *, strict: bool = True
) -> dict[str, ColumnSettings]:
    """The settings of each column of a file that has some; of two patterns the later one's keys win.

    columns: by name or pattern. header: the file's columns. If strict, raises DataError for a pattern of no column.
    """
    found: dict[str, ColumnSettings] = {}
    known = frozenset(header)
    for pattern, settings in columns.items():
        names = found_in(pattern, header, known)
        if strict and not names:
            raise no_column(pattern, header, "data.columns", origin)
        for name in names:
            before = found.get(name)
            found[name] = settings if before is None else _joined(before, settings)
    return found


def _joined(first: ColumnSettings, second: ColumnSettings) -> ColumnSettings:
    return ColumnSettings.model_validate(first.model_dump() | second.model_dump())


def hints_of(
    columns: Mapping[str, ColumnSettings], header: Sequence[str] = (), missing: Sequence[str] = ()
) -> dict[str, ColumnHint]:
    """What a reader must know, by column.

    columns: by name. header: the file's columns. missing: words that mean missing in each of them, beside the usual
    ones. Raises DataError for a format of what is not a date, and a unit or a decimal sign of what is not a number.
    """
    words = tuple(_all_words(missing)) if missing else None
    hints = {name: ColumnHint(missing=words) for name in header} if words else {}
    for name, settings in columns.items():
        own = None if settings.missing_words is None else tuple(settings.missing_words)
        hint = ColumnHint(
            _kind(name, settings), settings.format, settings.decimal, settings.unit, words if own is None else own
        )
        if hint != ColumnHint():
            hints[name] = hint
    return hints


def with_missing_words(columns: Mapping[str, ColumnSettings], missing: Sequence[str] = ()) -> dict[str, ColumnSettings]:
    """The settings, those of columns of words with the words that mean missing. missing: as for `hints_of`."""
    words = {"missing_words": _all_words(missing)}
    return {
        name: settings.model_copy(update=words)
        if settings.type == "category" and settings.missing_words is None
        else settings
        for name, settings in columns.items()
    }


def _all_words(missing: Sequence[str]) -> list[str]:
    return list(dict.fromkeys((*sorted(USUAL), *missing)))


def _kind(name: str, settings: ColumnSettings) -> Kind | None:
    """What a column holds, by its type or by a key that only one type has."""
    keys: dict[str, Kind] = {"format": "date", "decimal": "number", "unit": "number"}
    kind = settings.type
    for key, its in keys.items():
        if getattr(settings, key) is None:
            continue
        if kind not in (None, its):
            what = f"is set, and the column's type is {kind}"
            raise DataError(Problem(what, path=f"data.columns.{name}.{key}", help="leave one of the two out"))
        kind = its
    return kind


S = TypeVar("S", NumberSettings, CategorySettings)
OF_READING = {"type", "format", "decimal", "unit", "missing_words"}
"""Keys that say what a column holds; all others say how it becomes inputs."""


def settings_for(name: str, kind: Kind, general: S, own: ColumnSettings) -> S:
    """The settings of one column: its own, and the general ones of its kind where it has none.

    Raises DataError for keys and values that are for columns of another kind.
    """
    set_keys = own.model_dump(exclude=OF_READING | ({"cyclic"} if kind == "date" else set()))
    if not set_keys:
        return general
    for key in set_keys:
        if key not in type(general).model_fields:
            what = f"is not for a column of the type {kind}"
            raise DataError(
                Problem(what, path=f"data.columns.{name}.{key}", help="leave it out, or set another `type`")
            )
    try:
        return type(general).model_validate(general.model_dump() | set_keys)
    except ValidationError:  # `missing` is the one key of both kinds
        choices = "own, mode or refuse" if kind == "category" else "mean, median, mode, refuse or a number"
        what = f"is {own.missing}, which is not for a column of the type {kind}"
        raise DataError(Problem(what, path=f"data.columns.{name}.missing", help=f"use {choices}")) from None
