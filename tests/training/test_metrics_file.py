"""What is read of metrics.jsonl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnctl.metrics.accuracy import Accuracy
from nnctl.metrics.top_k import TopK
from nnctl.training.metrics_file import NAME, metrics_of, read_last_row, read_rows

ROWS = [{"epoch": epoch, "loss": 1.0 / epoch, "diagnoses": {"dead": [0.5] * epoch}} for epoch in (1, 2, 3)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def test_every_whole_row_is_read(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text(LINES)
    assert read_rows(tmp_path) == ROWS
    assert read_last_row(tmp_path) == ROWS[-1]


@pytest.mark.parametrize("end", ['{"epoch": 4', '{"epoch": 4}', "not JSON\n", "[1]\n", '{"loss": 1}\n', "\xff\n"])
def test_what_is_not_a_row_is_left_out(tmp_path: Path, end: str) -> None:
    (tmp_path / NAME).write_text(LINES + end, encoding="latin-1")
    assert read_rows(tmp_path) == ROWS
    assert read_last_row(tmp_path) == ROWS[-1]


def test_there_may_be_no_rows(tmp_path: Path) -> None:
    assert (read_rows(tmp_path), read_last_row(tmp_path)) == ([], None)
    (tmp_path / NAME).write_text("")
    assert (read_rows(tmp_path), read_last_row(tmp_path)) == ([], None)


def test_a_table_has_the_metrics_and_nothing_else() -> None:
    row = {
        **{"epoch": 1, "loss": 0.5, "accuracy": 0.7, "top_2": 0.9, "f1": 0.1, "val_loss": 0.6, "val_top_2": 0.8},
        **{"grad_norm": 1.0, "diagnoses": {"loss": 1.0}, "seconds": 0.1},
    }
    expected = {"loss": 0.5, "accuracy": 0.7, "top_2": 0.9, "val_loss": 0.6, "val_top_2": 0.8}
    assert metrics_of(row, [Accuracy(), TopK(k=2)]) == expected
