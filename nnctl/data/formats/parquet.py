"""Tables in Parquet files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.parquet import parquet_blocks, parquet_header, read_parquet
from nnctl.data.table.source import TableSource
from nnctl.data.table.table import Table


class Parquet(TableSource):
    """A Parquet file, a row a sample; needs `pip install 'nnctl[parquet]'`."""

    format: Literal["parquet"] = "parquet"
    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")

    def header(self, path: Path) -> tuple[str, ...]:
        return parquet_header(path)

    def table(
        self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str] | None, lenient: bool = False
    ) -> Table:
        return read_parquet(path, hints=hints, wanted=wanted, lenient=lenient)

    def blocks(self, path: Path, hints: Mapping[str, ColumnHint], wanted: set[str], rows: int) -> Iterator[Table]:
        return parquet_blocks(path, hints=hints, wanted=wanted, rows=rows)
