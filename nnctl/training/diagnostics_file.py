"""diagnostics.jsonl: what was measured by layer, a row a measured step, and before them one of facts about the data."""

from __future__ import annotations

from pathlib import Path

from nnctl.training.json_lines import whole_rows
from nnctl.training.metrics_file import Row

NAME = "diagnostics.jsonl"


def read_rows(run: Path) -> list[Row]:
    """The whole rows; those that cannot be read, such as a half-written last one, are left out."""
    try:
        with (run / NAME).open("rb") as file:
            return whole_rows(file, "step")
    except OSError:
        return []
