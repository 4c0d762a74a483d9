"""How a text file writes its table: the delimiter, and what stands above the header and beside the columns."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from nnctl.data.table.sample import (
    AGREEING,
    SampleRow,
    are_units,
    fitness,
    is_header,
    is_number,
    is_number_column,
    is_title,
    may_be_header,
    sample_rows,
)
from nnctl.errors import DataError, Problem
from nnctl.text import listed, quoted

SAMPLE = 1 << 16  # characters that a dialect is inferred from
DELIMITERS = ",;\t|"
MOST_ABOVE = 30  # lines above a header
SEPARATOR = re.compile(r'"?sep=(.|\\t)"?\s*', re.IGNORECASE)  # as Excel reads and writes it


@dataclass(frozen=True)
class TextFormat:
    """What a config says of a text file; whatever is None is found."""

    delimiter: str | None = None
    encoding: str | None = None
    decimal: Literal[".", ","] | None = None
    skip: int | None = None
    """Lines above the header."""
    comment: str | None = None
    """What lines begin with that are none of the table's."""


@dataclass(frozen=True)
class Dialect:
    """How one file writes its table."""

    delimiter: str
    skip: int = 0
    """Lines above the header."""
    marked: bool = False
    """Whether the header stands behind a #, as a comment."""
    has_units: bool = False
    """Whether the row below the header holds units."""
    unnamed_index: bool = False
    """Whether the rows have a first cell that the header has no name for."""
    trailing: bool = False
    """Whether the rows may end in a delimiter."""
    blank: frozenset[int] = frozenset()
    """Cells of the header that hold no name, and have no value below them."""
    notes: tuple[str, ...] = ()


def dialect_of(path: Path, start: str, said: TextFormat) -> Dialect:
    """The dialect of a file that begins with this text. Raises DataError for a delimiter that cannot be one."""
    if said.delimiter is not None:
        require_delimiter(said.delimiter)
    lines = list(io.StringIO(start, newline=""))
    if len(start) >= SAMPLE and len(lines) > 2:
        lines.pop()  # it may be cut off
    skip, delimiter = said.skip or 0, said.delimiter
    if skip < len(lines) and (match := SEPARATOR.fullmatch(lines[skip])):
        skip += 1
        delimiter = delimiter or match[1].replace("\\t", "\t")
    if said.comment is not None:
        lines = ["\n" if line.startswith(said.comment) else line for line in lines]
    marked = 0 if said.skip is not None else _marked(lines[skip:])
    candidates = [delimiter] if delimiter else list("\t,;|" if ".tsv" in path.suffixes[-2:] else DELIMITERS)
    below = skip + marked
    rows = {candidate: sample_rows(lines, below, candidate) for candidate in candidates}
    chosen = max(candidates, key=lambda candidate: fitness(rows[candidate]))
    if delimiter is None and fitness(rows[chosen])[1] < 2:
        by_blanks = sample_rows(lines, below, " ")
        if _are_columns(by_blanks, headed=not marked):
            chosen, rows[" "] = " ", by_blanks
    dialect = Dialect(chosen, skip)
    if marked:
        dialect = _with_comments(dialect, lines, skip, marked, rows[chosen])
    elif said.skip is None:
        dialect = _with_title(dialect, lines, rows[chosen])
    return _with_layout(dialect, lines, sample_rows(lines, dialect.skip, chosen))


def require_delimiter(delimiter: str) -> None:
    """Refuse what cannot be a delimiter."""
    if len(delimiter) != 1 or delimiter == '"' or (delimiter < " " and delimiter != "\t"):
        what = f"expected one printable character or a tab, got {quoted(delimiter)}"
        help = 'a tab is written "\\t", in double quotes; leave it out to have it detected'
        raise DataError(Problem(what, path="data.delimiter", help=help))


def _are_columns(rows: Sequence[SampleRow], headed: bool) -> bool:
    """Whether blanks separate columns: all rows have as many words as the header, or one more, and some are numbers."""
    cells = [row.cells for row in rows]
    header, others = (cells[0], cells[1:]) if headed and cells else (list[str](), cells)
    widths = {len(row) for row in others}
    if len(widths) != 1 or max(widths) < 2 or (headed and max(widths) - len(header) not in (0, 1)):
        return False
    return any(map(is_number_column, zip(*others, strict=True))) and not any(map(is_number, header))


def _marked(lines: Sequence[str]) -> int:
    """How many lines at the start begin with #, blank ones among them."""
    count = 0
    for number, line in enumerate(lines[:MOST_ABOVE], 1):
        if line.startswith("#"):
            count = number
        elif line.strip():
            break
    return count


def _with_comments(dialect: Dialect, lines: Sequence[str], skip: int, marked: int, rows: list[SampleRow]) -> Dialect:
    """With the lines above the header that begin with #; the last of them may be the header itself."""
    last = skip + marked - 1
    header = sample_rows([lines[last]], 0, dialect.delimiter)[0].cells
    if dialect.delimiter == " " and header[0] == "#":
        header = header[1:]
    width = fitness(rows)[1] or 1
    has_names_below = bool(rows) and is_header(rows[0].cells, [row.cells for row in rows[1:]])
    if not rows or (len(header) == width and not has_names_below) or (width == 1 and is_number(rows[0].cells[0])):
        above, has_mark = last - skip, lines[last].startswith("# ") or dialect.delimiter == " "
        return replace(dialect, skip=last, marked=has_mark, notes=_above(above, lines[skip:last]))
    return replace(dialect, skip=skip + marked, notes=_above(marked, lines[skip : skip + marked]))


def _with_title(dialect: Dialect, lines: Sequence[str], rows: list[SampleRow]) -> Dialect:
    """Without the lines above a header that have other numbers of cells than it and the rows below it have."""
    width = fitness(rows)[1]
    place = next((place for place, row in enumerate(rows) if len(row.cells) == width and not is_title(row.cells)), 0)
    below = [row.cells for row in rows[place + 1 :] if len(row.cells) == width]
    if not 0 < place <= MOST_ABOVE or len(below) < 2 or len(below) < AGREEING * (len(rows) - place - 1):
        return dialect
    if not may_be_header(rows[place].cells, below):
        return dialect
    if place == 1 and _lacks_index(dialect, lines, rows):
        return dialect
    if all(row.cells[-1] == "" for row in rows[place:]) and len(rows[0].cells) == width - 1 > 1:
        return dialect  # rows that end in a delimiter
    skip = rows[place].number
    return replace(dialect, skip=skip, notes=_above(skip - dialect.skip, lines[dialect.skip : skip]))


def _with_layout(dialect: Dialect, lines: Sequence[str], rows: list[SampleRow]) -> Dialect:
    """With what the header and the rows below it, which may hold it again, tell of each other."""
    rows = [*rows[:1], *(row for row in rows[1:] if row.cells != rows[0].cells)]
    if len(rows) < 2:
        return dialect
    below = [row.cells for row in rows[1:]]
    if len(below) > 1 and len(below[0]) == len(rows[0].cells) and are_units(below[0], below[1:]):
        note = f"the line of units below the header is skipped: {listed(filter(None, map(str.strip, below[0])))}"
        dialect = replace(dialect, has_units=True, notes=(*dialect.notes, note))
        del below[0], rows[1]
    header = rows[0].cells
    ends = len(header) > 1 and not header[-1].strip() and header[-2].strip() != ""
    ends = ends or all(len(row) == len(header) + 1 and not row[-1].strip() for row in below)
    index = _lacks_index(dialect, lines, rows)
    blank = [place for place, name in enumerate(header) if not name.strip() and _is_blank(below, place + index)]
    return replace(dialect, unnamed_index=index, trailing=ends, blank=frozenset(blank))


def _is_blank(rows: Sequence[Sequence[str]], place: int) -> bool:
    """Whether no row has a value in this cell."""
    return not any(row[place].strip() for row in rows if place < len(row))


def _lacks_index(dialect: Dialect, lines: Sequence[str], rows: Sequence[SampleRow]) -> bool:
    """Whether each row begins with a text of its own that the header has no name for, as R writes row names.

    Between commas only where they are in quotes: 2,5 may be meant to be one number.
    """
    header, *others = (row.cells for row in rows)
    if len(others) < 2 or any(len(row) != len(header) + 1 for row in others) or all(not row[-1] for row in others):
        return False
    if dialect.delimiter == "," and not all(lines[row.number].startswith('"') for row in rows[1:]):
        return False
    names = {row[0] for row in others}
    if len(names) < len(others) or any(is_number(name) or not name for name in header):
        return False
    return len(header) > 1 or is_number_column([row[1] for row in others])


def _above(count: int, lines: Sequence[str]) -> tuple[str, ...]:
    if not count:
        return ()
    first = quoted(next((line.strip() for line in lines if line.strip()), ""))
    return (
        f"{'a line' if count == 1 else f'{count:,} lines'} above the header {'is' if count == 1 else 'are'} "
        f"skipped: {first}{', …' if count > 1 else ''}",
    )
