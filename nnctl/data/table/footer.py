"""Text below the rows of a table: its source, notes, how many rows a database found."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nnctl.data.table.sample import SampleRow, fitness, is_number, is_title

MOST_BELOW = 30  # lines below the rows
# `Source: …`, `* estimated`, `(400 rows)`
NOTE = re.compile(r"\w[\w .]{0,30}:(?:\s|$)|[*†‡©]|\(.*[^\W\d_].*\)$", re.DOTALL)
END = "\x1a"  # the end of a file in DOS


def may_be_footer(cells: Sequence[str], width: int, is_apart: bool) -> bool:
    """Whether these cells can be a text below the rows, if no row follows. width: of a row, in cells.

    is_apart: whether it stands apart from the rows; else a single text may be a row that was cut off.
    """
    text = cells[0].strip()
    if width < 2 or not text or (len(cells) == width and not is_title(cells)):
        return False
    if not NOTE.match(text):  # then it stands alone
        is_alone = len(cells) < width and not any(map(str.strip, cells[1:]))
        if not is_alone or not (is_apart or text == END):
            return False
    return not is_number(text)


def without_footer(rows: list[SampleRow], lines: Sequence[str]) -> list[SampleRow]:
    """The rows of a sample without what may be a footer. lines: of the file."""
    width, end = fitness(rows)[1], len(rows)
    while len(rows) - MOST_BELOW < end > 2:
        number, cells = rows[end - 1]
        if not may_be_footer(cells, width, is_apart=not lines[number - 1].strip()):
            break
        end -= 1
    return rows[:end]
