"""What is wrong with a cell that does not fit its column, and what to do about it."""

from __future__ import annotations

import numpy as np

from nnctl.data.table.cells import RowProblem
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.dates import ISO_FORMAT
from nnctl.data.table.number_format import Decimal, NumberFormat, alike, unit_of
from nnctl.data.table.remedies import column_setting, in_yaml
from nnctl.text import is_number, quoted

LONGEST_WORD = 40  # characters of what may mean missing


def problem_of(name: str, text: str, hint: ColumnHint) -> tuple[str, str]:
    """What is wrong, and the remedy. hint: what the column is."""
    if hint.kind == "number":
        return _not_a_number(name, text, hint)
    words = f"for a column of words set {column_setting(name, 'category')}"
    if hint.kind == "yes_no":
        return f"column {name}: {quoted(text)} is neither yes nor no", f"fix the value; {_missing(text)}; {words}"
    iso = hint.format is None or hint.format.lower() == ISO_FORMAT
    what = "is not a date like 2024-01-31" if iso else f"is not a date of the format {hint.format}"
    setting = column_setting(name, '{type: date, format: "%d.%m.%Y"}')
    remedy = f", or set its format: {setting}" if any(map(str.isdigit, text)) else f"; {_missing(text)}"
    return f"column {name}: {quoted(text)} {what}", f"fix the value{remedy}; {words}"


def not_finite(row: int, name: str, value: float) -> RowProblem:
    """The problem of a number that is NaN or infinite."""
    return RowProblem(row, *_not_finite(name, value))


def _not_finite(name: str, value: float) -> tuple[str, str]:
    what = f"column {name}: expected a finite number, got {'NaN' if np.isnan(value) else f'{value:g}'}"
    return what, "fix the value, or leave it empty where it is missing"


def _not_a_number(name: str, text: str, hint: ColumnHint) -> tuple[str, str]:
    if is_number(text) and not np.isfinite(float(text)):
        return _not_finite(name, float(text))
    words = f"for a column of words set {column_setting(name, 'category')}"
    unit, decimal = unit_of(text), hint.decimal or "."
    if unit and alike(unit) != alike(hint.unit or ""):
        others = f"the other numbers have {hint.unit}" if hint.unit else "most other numbers have none"
        what = f"column {name}: {quoted(text)} has a unit, {unit}; {others}"
        return what, f"write all numbers in one unit; {words}"
    other: Decimal = "," if decimal == "." else "."
    what = f"column {name}: {quoted(text)} is not a number"
    if NumberFormat(other, hint.unit or "").value(text) is not None:
        setting = column_setting(name, f"{{decimal: '{other}'}}")
        return f"{what} with the decimal sign {decimal}", f"write all numbers alike, or set {setting}; {words}"
    return what, f"fix the value; {_missing(text)}; {words}"


def _missing(text: str) -> str:
    """The remedy for a cell that has no value."""
    is_word = len(text) <= LONGEST_WORD and not any(map(str.isdigit, text))
    return "where it means missing, leave it empty" + (f" or set `missing: [{in_yaml(text)}]`" if is_word else "")
