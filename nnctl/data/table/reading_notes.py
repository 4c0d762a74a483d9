"""What the reader of a table tells people: sentences in which columns that are alike stand together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nnctl.text import listed

MOST_ODD = 3  # columns with a sentence each
# one column, and more of them
SENTENCES = {
    "unit": ("a column holds numbers with a unit", "{} columns hold numbers with a unit"),
    "decimal comma": ("a column of numbers has a decimal comma", "{} columns of numbers have a decimal comma"),
    "likely comma": (
        "a column's decimal sign could be either: it is taken for a comma, as other columns or semicolons suggest",
        "{} columns' decimal sign could be either: it is taken for a comma, as other columns or semicolons suggest",
    ),
    "thousands": (
        "a column's only separator is taken for one between thousands",
        "{} columns' only separator is taken for one between thousands",
    ),
    "dates": ("a column holds dates, in a format of its own", "{} columns hold dates, in formats of their own"),
    "times": ("a column holds times of day", "{} columns hold times of day"),
    "zones": (
        "a column's times have offsets from UTC, and are taken and written in UTC",
        "{} columns' times have offsets from UTC, and are taken and written in UTC",
    ),
    "day or month": (
        "a column's dates could have the day or the month first",
        "{} columns' dates could have the day or the month first",
    ),
    "day or year": (
        "a column's dates could have the day or the year first",
        "{} columns' dates could have the day or the year first",
    ),
    "missing words": (
        "a column of words has some that are taken for missing",
        "{} columns of words have some that are taken for missing",
    ),
    "odd word": (
        "a column of numbers or dates has a word that is taken for missing",
        "{} columns of numbers or dates have a word that is taken for missing",
    ),
    "odd": ("", "{} columns have values that do not fit, and are taken for missing"),
    "category": (
        "a column is read as a category, for not all of its values are what most of them are",
        "{} columns are read as categories, for not all of their values are what most of them are",
    ),
}


def sentences(findings: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """findings: what they are about (a key of SENTENCES), the column, and what was found, if there is more to say."""
    by_subject: dict[str, list[tuple[str, str]]] = {}
    for about, name, detail in findings:
        by_subject.setdefault(about, []).append((name, detail))
    for about, found in by_subject.items():
        if about == "odd" and len(found) <= MOST_ODD:
            for name, detail in found:
                subject = "it is" if detail.startswith("1 of") else "they are"
                yield f"column {name}: {detail}: {subject} taken for missing"
            continue
        columns = [f"{name} ({detail})" if detail else name for name, detail in found]
        one, more = SENTENCES[about]
        yield f"{one if len(columns) == 1 else more.format(f'{len(columns):,}')}: {listed(columns)}"
