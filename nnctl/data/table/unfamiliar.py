"""What rows have that training never saw: categories, and numbers and dates beyond its range; counted, and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nnctl.data.table.categories import CategoryColumn
from nnctl.data.table.numbers import NumberColumn
from nnctl.data.table.table import Array, Table
from nnctl.errors import DataError, Problem
from nnctl.text import listed, quoted, shown_label

SENTENCES = 3  # a sentence a column, one for all where they are more
MOST_PROBLEMS = 10


@dataclass(frozen=True)
class Unfamiliar:
    """How many of some rows have it, by column; columns with none are left out."""

    rows: int = 0
    """All that were looked at."""
    unseen: Mapping[str, int] = field(default_factory=dict)
    """Rows with a category that training never saw, or without one where training missed none."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """The first of these categories; empty where it is a missing one."""
    outside: Mapping[str, int] = field(default_factory=dict)
    """Rows with a number or a date outside the range that training saw."""
    ranges: Mapping[str, str] = field(default_factory=dict)
    """That range, for people."""

    def __add__(self, other: Unfamiliar) -> Unfamiliar:
        return Unfamiliar(
            self.rows + other.rows,
            Counter(self.unseen) + Counter(other.unseen),
            {**other.examples, **self.examples},
            Counter(self.outside) + Counter(other.outside),
            {**other.ranges, **self.ranges},
        )

    @property
    def all_unseen(self) -> tuple[str, ...]:
        """The columns whose categories training never saw, in any row."""
        return tuple(name for name, count in self.unseen.items() if count == self.rows)

    def notes(self, what: str = "rows") -> Iterator[str]:
        """Sentences for people. what: the rows are, in a word or two."""
        of = f"of the {self.rows:,} {what}"
        if len(self.unseen) <= SENTENCES:
            for name, count in self.unseen.items():
                yield f"column {name}: {count:,} {of} {'has' if count == 1 else 'have'} a value that training never saw"
        else:
            counts = (f"{name} ({count:,})" for name, count in self.unseen.items())
            yield f"{len(self.unseen):,} columns have values that training never saw, in so many {of}: {listed(counts)}"
        if len(self.outside) <= SENTENCES:
            for name, count in self.outside.items():
                yield f"column {name}: {count:,} {of} {_are(count)} outside {self.ranges[name]}, what training saw"
        else:
            counts = (f"{name} ({count:,} outside {self.ranges[name]})" for name, count in self.outside.items())
            yield f"{len(self.outside):,} columns are outside what training saw, in so many {of}: {listed(counts)}"


def unfamiliar(columns: Sequence[NumberColumn | CategoryColumn], table: Table, rows: Array) -> Unfamiliar:
    """Of these rows of a table that has the columns. rows: (N,) positions."""
    unseen, examples, outside, ranges = {}, {}, {}, {}
    for column in columns:
        if isinstance(column, CategoryColumn):
            if count := column.count_unseen(table, rows):
                unseen[column.name], examples[column.name] = count, column.an_unseen(table, rows)
        elif count := column.count_outside(table, rows):
            outside[column.name], ranges[column.name] = count, column.range
    return Unfamiliar(len(rows), unseen, examples, outside, ranges)


def refuse_all_unseen(found: Unfamiliar, columns: Sequence[NumberColumn | CategoryColumn], origin: str) -> None:
    """Raise DataError for the columns in which no row has a category that training saw."""
    saw = {column.name: column.labels or column.rare for column in columns if isinstance(column, CategoryColumn)}
    help = "write the values as in training, or add --allow-unseen to go on as if they were rare"
    problems = [
        Problem(
            f"column {name}: no row has a value that training saw: the first {_is(found.examples[name])}, "
            f"training saw {listed(map(shown_label, saw[name]), 5)}",
            file=origin,
            help=help,
        )
        for name in found.all_unseen
    ]
    if problems:
        raise DataError(*problems[:MOST_PROBLEMS])


def _is(example: str) -> str:
    return f"is {quoted(example)}" if example else "is missing"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
