"""metrics.jsonl: a row an epoch, read without a lock, whether the run is active or not."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nnctl.metrics.measured import measured_names
from nnctl.metrics.metric import Metric
from nnctl.training.json_lines import whole_rows

Row = dict[str, Any]
"""`epoch`, `step`, the loss and the metrics by name, and what else there is to know of an epoch."""

NAME = "metrics.jsonl"
TAIL = 2**16  # bytes at the end of the file that hold its last row


def read_rows(run: Path) -> list[Row]:
    """The whole rows; those that cannot be read, such as a half-written last one, are left out."""
    try:
        with (run / NAME).open("rb") as file:
            return whole_rows(file, "epoch")
    except OSError:
        return []


def read_last_row(run: Path) -> Row | None:
    """The last row, without reading all of them."""
    try:
        with (run / NAME).open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL))
            rows = whole_rows(file, "epoch")
    except OSError:
        return None
    return rows[-1] if rows else None


def metrics_of(row: Row, metrics: Iterable[Metric]) -> dict[str, float | None]:
    """The losses and these metrics of a row, in its order."""
    names = measured_names(metrics)
    return {name: value for name, value in row.items() if name in names}
