"""Columns of Parquet files by their type, and their cells as values or as the texts that a text file would have."""

from __future__ import annotations

from typing import Any

from nnctl.data.table.table import Array, Kind

DAY = 86_400_000_000  # microseconds


def kind_of(type_: Any) -> Kind | None:
    """The kind of a column by its type, category for text; None where it cannot be read."""
    from pyarrow import types

    if types.is_dictionary(type_):
        return kind_of(type_.value_type)
    if types.is_boolean(type_):
        return "yes_no"
    if types.is_date(type_) or types.is_timestamp(type_):
        return "date"
    if types.is_integer(type_) or types.is_floating(type_) or types.is_decimal(type_) or types.is_null(type_):
        return "number"
    return "category" if is_text(type_) else None


def is_text(kind: Any) -> bool:
    from pyarrow import types

    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def whole_microseconds() -> Any:
    import pyarrow
    from pyarrow import compute

    return compute.CastOptions(pyarrow.timestamp("us"), allow_time_truncate=True)


def values_of(cells: Any, kind: Kind) -> Array:
    """float64, NaN where missing. Dates in days since 1970-01-01."""
    import pyarrow

    if pyarrow.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if kind == "date":
        cells = cells.cast(pyarrow.timestamp("us")).cast(pyarrow.int64())
    if kind == "yes_no":
        cells = cells.cast(pyarrow.uint8())
    values: Array = cells.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False)
    return values / DAY if kind == "date" else values


def texts_of(cells: Any) -> list[str]:
    """The cells as a text file would have them, "" where missing."""
    import pyarrow

    if not pyarrow.types.is_dictionary(cells.type):
        cells = cells.dictionary_encode()
    texts = [_text(value) for value in cells.dictionary.to_pylist()] + [""]
    return [texts[index] for index in cells.indices.fill_null(len(texts) - 1).to_numpy()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
