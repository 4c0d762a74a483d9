"""The decimal sign of a file: some of its columns tell it, and others could have either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from nnctl.data.table.missing_words import USUAL
from nnctl.data.table.number_format import FoundNumbers, find_numbers

MOST_ROWS = 1 << 9  # that are looked at


def has_decimal_comma(rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether a comma is the decimal sign of these rows of a file.

    Some column has it for sure, or, between semicolons, it is the only separator of one; and no column has a dot for
    sure.
    """
    if not any("," in cell for row in rows[:MOST_ROWS] for cell in row):
        return False
    width = Counter(map(len, rows)).most_common(1)[0][0]
    columns = [_numbers(column) for column in zip(*(row for row in rows[:MOST_ROWS] if len(row) == width), strict=True)]
    signs = {found.tells for found in columns if found is not None}
    likely = delimiter == ";" and any("," in found.either for found in columns if found is not None)
    return "." not in signs and ("," in signs or likely)


def _numbers(cells: Sequence[str]) -> FoundNumbers | None:
    """How the cells of a column write numbers; None where most of them are none."""
    counts = Counter(cell for cell in map(str.strip, cells) if cell.casefold() not in USUAL)
    found = find_numbers(counts)
    return found if 2 * found.fitting > counts.total() else None
