"""What a column is, by its cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from nnctl.data.table.cells import all_numbers
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.date_format import FoundDates, are_days, find_dates, is_time_of_day
from nnctl.data.table.dates import ISO_FORMAT, days, written_date
from nnctl.data.table.missing_words import MissingWords
from nnctl.data.table.number_format import (
    FoundNumbers,
    NumberFormat,
    find_numbers,
    is_grouped_by_dots,
    may_be_grouped_by_dots,
)
from nnctl.data.table.odd_cells import FEW, is_tolerable, repeated_word
from nnctl.data.table.remedies import column_setting
from nnctl.data.table.table import Array
from nnctl.data.table.yes_no import are_yes_and_no
from nnctl.text import quoted

Subject = Literal[
    "unit", "decimal comma", "likely comma", "thousands", "dates", "times", "day or month", "day or year", "zones"
]


class Finding(NamedTuple):
    """Something that was inferred and that people should know."""

    about: Subject
    detail: str


class Inferred(NamedTuple):
    """How to read a column."""

    hint: ColumnHint
    """Filled in."""
    findings: tuple[Finding, ...] = ()
    values: Array | None = None
    """All cells, where float() reads them as they are meant."""


def filled(hint: ColumnHint) -> ColumnHint | None:
    """A hint that needs no cells, with the kind that follows from its keys; None where cells must tell."""
    if hint.format is not None:
        return replace(hint, kind="date")
    if hint.kind in ("category", "yes_no"):
        return hint
    if hint.kind == "number" and None not in (hint.decimal, hint.unit):
        return hint
    return None


def infer(name: str, cells: Sequence[str], hint: ColumnHint, missing: MissingWords) -> Inferred | None:
    """What the column of this name is; None where all of these cells are missing.

    number if more than half of the cells that are present are numbers; yes_no; date likewise; else category.
    """
    values = all_numbers(cells) if hint.kind != "date" and cells and not missing.numbers else None
    if values is not None:  # without counting them: hardly two may be alike
        return _plain(name, cells, values, hint)
    return infer_from_counts(name, Counter(cells), hint, missing)


def are_surely_numbers(cells: Sequence[str], hint: ColumnHint, missing: MissingWords) -> bool:
    """Whether some cells of a column suffice to know that it is plain numbers, if all others are read by float()."""
    if hint.kind not in (None, "number") or hint.format or hint.unit or hint.decimal == "," or missing.numbers:
        return False
    present = [cell.strip() for cell in cells if cell.strip() not in missing]
    values = all_numbers(present) if present else None
    if values is None:
        return False
    may_be_days = hint.kind is None and ((values >= 19000101) & (values <= 20991231)).all()
    may_be_grouped = hint.decimal is None and np.abs(values).max() < 1000 and may_be_grouped_by_dots(present)
    return not may_be_days and not may_be_grouped


def infer_from_counts(name: str, cells: Counter[str], hint: ColumnHint, missing: MissingWords) -> Inferred | None:
    """As infer. cells: how often each occurs."""
    counts = _present(cells, missing)
    if not counts:
        return None
    if hint.kind is None and hint.missing is None and counts.keys() == {"+"}:
        words = {cell.strip().casefold() for cell in cells} - {"", "+"}
        if "-" in words:  # which would be missing
            return Inferred(replace(hint, kind="yes_no", missing=tuple(sorted(words - {"-"}))))
    values = all_numbers(list(counts))
    if hint.kind != "date" and values is not None:
        return _plain(name, list(counts), values, hint)._replace(values=None)
    if hint.kind is None and hint.unit is None and are_yes_and_no(counts):
        return Inferred(replace(hint, kind="yes_no"))
    if hint.kind is None and hint.unit is None and (days := _days_among(name, counts)):
        return _dates(name, hint, FoundDates("%Y%m%d", days))
    if hint.kind != "date":
        found = find_numbers(counts, hint.decimal, hint.unit, hint.likely_decimal)
        if hint.kind == "number" or hint.unit or _fits(found, counts):
            return _numbers(name, hint, found)
    dates = find_dates(counts)
    if hint.kind == "date" or (dates is not None and _fits(dates, counts)):
        return _dates(name, hint, dates or FoundDates(ISO_FORMAT, 0))
    return Inferred(replace(hint, kind="category"))


def _present(cells: Counter[str], missing: MissingWords) -> Counter[str]:
    """How often each text occurs, stripped, without those that mean missing."""
    counts: Counter[str] = Counter()
    for cell, count in cells.items():
        text = cell.strip()
        if text not in missing:
            counts[text] += count
    return counts


def _days_among(name: str, counts: Counter[str]) -> int:
    """How many cells are days like 20240131, where all numbers are and hardly anything else is there; else 0."""
    texts = [text for text in counts if text.isdigit()]
    number = sum(counts[text] for text in texts)
    if not texts or not _are_tolerable(Counter({text: counts[text] for text in counts if not text.isdigit()}), counts):
        return 0
    values = all_numbers(texts)
    return number if values is not None and are_days(values, name) else 0


def _fits(found: FoundNumbers | FoundDates, counts: Counter[str]) -> bool:
    if found.tolerates_others:
        return 2 * found.fitting > counts.total()
    if found.fitting == 0 or is_tolerable(counts.total() - found.fitting, counts.total()):
        return found.fitting > 0
    return _are_tolerable(Counter({text: counts[text] for text in counts if not found.reads(text)}), counts)


def _are_tolerable(odd: Counter[str], counts: Counter[str]) -> bool:
    """Whether these cells among all can be taken for missing."""
    if is_tolerable(odd.total(), counts.total()):
        return True
    return len(counts) - len(odd) > FEW and bool(repeated_word(odd, odd.total(), counts.total(), among_numbers=True))


def _plain(name: str, texts: Sequence[str], values: Array, hint: ColumnHint) -> Inferred:
    """Of cells that float() reads, each of them once or as often as it occurs."""
    if hint.kind is None and hint.unit is None and are_days(values, name):
        return _dates(name, hint, FoundDates("%Y%m%d", len(texts)))
    if hint.decimal is None and np.abs(values).max() < 1000 and (dotted := [text for text in texts if "." in text]):
        written, example = NumberFormat(",", hint.unit or ""), dotted[0].strip()
        if is_grouped_by_dots(texts):
            return _numbers(name, hint, FoundNumbers(written, len(texts), example))
        if hint.likely_decimal == "," and may_be_grouped_by_dots(texts):
            return _numbers(name, hint, FoundNumbers(written, len(texts), either=example))
    inferred = _numbers(name, hint, FoundNumbers(NumberFormat(hint.decimal or ".", hint.unit or ""), len(texts)))
    return inferred._replace(values=values if inferred.hint.decimal == "." else None)


def _numbers(name: str, hint: ColumnHint, found: FoundNumbers) -> Inferred:
    decimal, unit = found.format.decimal, found.format.unit
    findings = []
    if unit and hint.unit is None:
        read = found.format.value(found.united) if found.united else None
        words = column_setting(name, "category")
        partly = "" if read is None else f", {quoted(found.united)} is {read:.15g}, else set {words}"
        findings.append(Finding("unit", unit + partly))
    if hint.decimal is None and (example := found.grouped or (decimal == "," and found.either)):
        value = f"{quoted(example)} is {found.format.value(example):.15g}"
        other = column_setting(name, f"{{decimal: '{',' if decimal == '.' else '.'}'}}")
        findings.append(Finding("thousands" if found.grouped else "likely comma", f"{value}, else set {other}"))
    elif hint.decimal is None and decimal == ",":
        findings.append(Finding("decimal comma", ""))
    return Inferred(replace(hint, kind="number", decimal=decimal, unit=unit), tuple(findings))


def _dates(name: str, hint: ColumnHint, found: FoundDates) -> Inferred:
    findings = []
    if found.other:
        other = column_setting(name, f'{{format: "{found.other}"}}')
        about: Subject = "day or year" if "%y" in (found.format[:2], found.other[:2]) else "day or month"
        findings.append(Finding(about, f"{quoted(found.example)} is read as {found.format}, else set {other}"))
    elif found.format != ISO_FORMAT:
        findings.append(Finding("times" if is_time_of_day(found.format) else "dates", found.format))
    if found.elsewhere:
        moment = written_date(days(found.elsewhere, found.format) or 0.0)
        findings.append(Finding("zones", f"{quoted(found.elsewhere)} is {moment}"))
    return Inferred(replace(hint, kind="date", format=found.format), tuple(findings))
