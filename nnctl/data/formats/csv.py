"""Tables in text: .csv and .tsv files, plain or gzipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.delimited import delimited_blocks, header_of, read_delimited
from nnctl.data.table.dialect import TextFormat
from nnctl.data.table.source import TableSource
from nnctl.data.table.table import Table


def _tab(value: Any) -> Any:
    """A tab, where it is typed as two characters."""
    return "\t" if value == r"\t" else value


class CSV(TableSource):
    """A text file: a line of column names, then a line a sample, separated by commas, semicolons, tabs or bars."""

    format: Literal["csv"] = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
    delimiter: Annotated[str, BeforeValidator(_tab), Field(min_length=1, max_length=1)] | None = None
    """What separates the columns. Unset, the rows tell: a comma, a semicolon, a tab, a bar or blanks."""
    encoding: str | None = None
    """How the text is written: utf-8, cp1252, … Unset, the bytes tell; lines that are not UTF-8 are read as cp1252."""
    decimal: Literal[".", ","] | None = None
    """The decimal sign of all numbers. Unset, the numbers of each column tell."""
    skip: Annotated[int, Field(ge=0)] | None = None
    """How many lines stand above the header. Unset: comments with #, and lines unlike the rows."""
    comment: Annotated[str, Field(min_length=1)] | None = None
    """What lines that are only comments begin with; they are skipped wherever they stand."""

    @property
    def text_format(self) -> TextFormat:
        """How the text is written, as far as it is said."""
        return TextFormat(self.delimiter, self.encoding, self.decimal, self.skip, self.comment)

    def header(self, path: Path) -> tuple[str, ...]:
        return header_of(path, self.text_format)

    def table(
        self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str] | None, lenient: bool = False
    ) -> Table:
        return read_delimited(path, self.text_format, hints=hints, wanted=wanted, lenient=lenient)

    def blocks(self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str], rows: int) -> Iterator[Table]:
        return delimited_blocks(path, self.text_format, hints=hints, wanted=wanted, rows=rows)
