"""Numeric CSV with a header. Every cell is checked: a mistake is told with its line and its column."""

from __future__ import annotations

import csv
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field

from nnctl.data.files import fault, reading, require_file, require_memory, shown
from nnctl.data.source import Array, Contents, Samples, Source
from nnctl.data.targets import LONGEST_LABEL
from nnctl.data.text import did_you_mean, is_number, listed, quoted
from nnctl.errors import DataError, Problem

LONGEST_LINE = 1 << 24  # characters
MOST_PROBLEMS = 10
MISSING = frozenset(("", "NA", "N/A", "null"))


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class CSV(Source):
    """A text file with a line of column names and then a line of numbers a sample, separated by commas.

    The target may be text where it names a class.
    """

    format: Literal["csv"] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)
    target: Annotated[
        list[Annotated[str, Field(min_length=1)]],
        Field(min_length=1),
        BeforeValidator(_names, json_schema_input_type=str | list[str]),
    ]
    """The column that is to be predicted, or a list of them; all others are inputs."""

    def read(self, path: Path) -> Contents:
        """All rows as training samples. inputs: (N, F) float64; targets: (N,), or (N, K) for K > 1 columns."""
        require_memory(path, require_file(path))
        try:
            with reading(path), path.open(encoding="utf-8-sig", newline="") as file:
                samples = self._samples(path, file)
        except UnicodeDecodeError as error:
            raise fault(path, f"is no UTF-8 text (byte {error.start:,})", "save it as UTF-8") from None
        return Contents(train=samples, files=(path,))

    def _samples(self, path: Path, file: IO[str]) -> Samples:
        rows = _rows(path, file)
        _, header = next(rows, (0, []))
        names = _header(path, [name.strip() for name in header], self.target)
        table = _Table(path, names, tuple(names.index(name) for name in self.target))
        for line, row in rows:
            table.add(line, row)
        return table.samples()


def _rows(path: Path, file: IO[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines and their cells. Blank lines are let pass at the end only; no row may run over lines."""
    reader = csv.reader(_lines(path, file), strict=True)
    blank, last = 0, 0
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise _unreadable(path, str(error), last + 1, reader.line_num) from None
        if row is None:
            return
        if reader.line_num > last + 1:
            what = f"a quoted value runs on to line {reader.line_num}"
            raise fault(path, what, 'close the quote: a " may be missing', line=last + 1)
        last = reader.line_num
        if not row:
            blank = blank or last
        elif blank:
            raise fault(path, "is blank, with rows after it", "remove the line", line=blank)
        else:
            yield last, row


def _lines(path: Path, file: IO[str]) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise fault(path, f"is longer than {LONGEST_LINE:,} characters", "is this a CSV file?", line=number)
        yield line


def _unreadable(path: Path, message: str, first: int, last: int) -> DataError:
    if message.startswith("field larger"):
        what = f"holds a value of more than {csv.field_size_limit():,} characters"
        return fault(path, what, 'a quote (") may not be closed, or this is no CSV file', line=first)
    if message.startswith("unexpected end"):
        what = "a quote is not closed" + (f" before the file ends in line {last:,}" if last > first else "")
        return fault(path, what, 'put the missing " at the end of the value', line=first)
    return fault(path, f"cannot be read as CSV: {message}", 'a " inside a value is written ""', line=first)


def _header(path: Path, names: list[str], targets: list[str]) -> tuple[str, ...]:
    """The column names, checked."""
    if not any(names):
        raise fault(path, "has no header", "the first line names the columns", line=1)
    if missing := [target for target in targets if target not in names]:
        raise fault(path, f"has no column {listed(missing)}; it has {listed(names)}", _column_help(missing[0], names))
    if unnamed := [number for number, name in enumerate(names, 1) if not name]:
        raise fault(
            path, f"column {unnamed[0]} has no name", "name it in the header, or remove an index column", line=1
        )
    if doubled := [name for name, count in Counter(names).items() if count > 1]:
        raise fault(path, f"has two columns of the name {listed(doubled)}", "rename or remove one of each", line=1)
    if doubled := [name for name, count in Counter(targets).items() if count > 1]:
        problem = Problem(f"names {listed(doubled)} twice", path="data.target", help="name each column once")
        raise DataError(problem)
    if len(targets) == len(names):
        raise fault(path, "has no column for the inputs: all columns are targets", "name fewer columns in `target`")
    return tuple(names)


def _column_help(name: str, names: list[str]) -> str:
    if all(is_number(name) for name in names):
        return "the first line must name the columns, it holds numbers"
    if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
        return "separate the columns with commas"
    return did_you_mean(name, names) or "set `target` to one of them"


@dataclass
class _Table:
    """Rows as they come in: the inputs as numbers, the targets as text until all are known."""

    path: Path
    names: tuple[str, ...]
    target_columns: tuple[int, ...]
    numbers: array[float] = field(default_factory=lambda: array("d"))
    lines: array[int] = field(default_factory=lambda: array("q"))
    labels: dict[str, int] = field(default_factory=dict)  # every distinct target text and its number
    targets: array[int] = field(default_factory=lambda: array("q"))
    problems: list[Problem] = field(default_factory=list)
    missing: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.input_columns = tuple(i for i in range(len(self.names)) if i not in self.target_columns)

    def add(self, line: int, row: list[str]) -> None:
        if len(row) != len(self.names):
            what = f"has {len(row):,} values, the header has {len(self.names):,} columns"
            self._problem(line, what, "give each row one value a column")
            return
        cells = [row[column] for column in self.input_columns]
        joined = "".join(cells)
        try:
            numbers = [float(cell) for cell in cells]
        except ValueError:
            numbers = None
        if numbers is None or "_" in joined or not joined.isascii():
            self._examine(line, row)
        else:
            self.numbers.extend(numbers)
        for column in self.target_columns:
            self._add_target(line, self.names[column], row[column].strip())
        self.lines.append(line)

    def _examine(self, line: int, row: list[str]) -> None:
        """Tell what is wrong with the inputs of a row."""
        for column in self.input_columns:
            cell = row[column].strip()
            if cell in MISSING:
                self.missing[self.names[column]] += 1
            elif not is_number(cell):
                what = f"column {self.names[column]}: {quoted(cell)} is no number"
                self._problem(line, what, "inputs are numbers: mend the value, or leave the column out of the file")

    def _add_target(self, line: int, name: str, cell: str) -> None:
        if cell in MISSING:
            self.missing[name] += 1
        elif len(cell) > LONGEST_LABEL:
            what = f"column {name}: a label of {len(cell):,} characters, {LONGEST_LABEL} are the limit"
            self._problem(line, what, "name the classes in a word or two")
        self.targets.append(self.labels.setdefault(cell, len(self.labels)))

    def _problem(self, line: int, what: str, help: str) -> None:
        self.problems.append(Problem(what, file=shown(self.path), line=line, help=help))
        if len(self.problems) >= MOST_PROBLEMS:
            raise DataError(*self.problems)

    def samples(self) -> Samples:
        """The table as arrays. Raises DataError with all that was wrong."""
        if self.missing:
            names = listed(f"{name} ({count:,})" for name, count in self.missing.items())
            what = f"has {self.missing.total():,} missing values, none may be missing: {names}"
            self.problems.append(
                Problem(what, file=shown(self.path), help="fill them in, or remove the rows or columns")
            )
        if self.problems:
            raise DataError(*self.problems)
        if not self.lines:
            raise fault(self.path, "has a header and no rows", "give at least one sample")
        rows, columns = len(self.lines), len(self.target_columns)
        codes = np.frombuffer(self.targets, np.int64).reshape(rows, columns)
        return Samples(
            inputs=np.frombuffer(self.numbers, np.float64).reshape(rows, len(self.input_columns)),
            targets=self._label_array()[codes[:, 0] if columns == 1 else codes],
            origin=shown(self.path),
            input_names=tuple(self.names[column] for column in self.input_columns),
            target_names=tuple(self.names[column] for column in self.target_columns),
            lines=np.frombuffer(self.lines, np.int64),
        )

    def _label_array(self) -> Array:
        """The distinct targets as float64 where all are numbers, else as text."""
        labels = list(self.labels)
        return np.array([float(label) for label in labels] if all(map(is_number, labels)) else labels)
