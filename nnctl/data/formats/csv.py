"""Tables in text: .csv and .tsv files, plain or gzipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.delimited import delimited_blocks, header_of, read_delimited
from nnctl.data.table.source import TableSource
from nnctl.data.table.table import Table


class CSV(TableSource):
    """A text file: a line of column names, then a line a sample, separated by commas, semicolons, tabs or bars."""

    format: Literal["csv"] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    """What separates the columns. Unset, the header tells: a comma, a semicolon, a tab or a bar."""
    encoding: str | None = None
    """How the text is written: utf-8, latin-1, … Unset: utf-8, or utf-16 where the file says so."""

    def header(self, path: Path) -> tuple[str, ...]:
        return header_of(path, delimiter=self.delimiter, encoding=self.encoding)

    def table(
        self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str] | None, lenient: bool = False
    ) -> Table:
        return read_delimited(path, delimiter=self.delimiter, encoding=self.encoding, hints=hints, wanted=wanted)

    def blocks(self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str], rows: int) -> Iterator[Table]:
        return delimited_blocks(
            path, delimiter=self.delimiter, encoding=self.encoding, hints=hints, wanted=wanted, rows=rows
        )
