"""What is told of the rows that were predicted, and when it is too late to wait for a known category."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.commands import predicted_rows
from nnctl.commands.predicted_rows import PredictedRows
from nnctl.data.stream import Block
from nnctl.data.table.preprocessing import TablePreprocessing
from nnctl.data.table.settings import CategorySettings, NumberSettings
from nnctl.errors import DataError
from tests.support.tables import category, table

TRAIN = table(category("k", ["a", "b"]))
FITTED = TablePreprocessing.fit(TRAIN, np.arange(2), ["k"], NumberSettings(), CategorySettings(), {})
ONES = np.ones((2, 1))


def block(*words: str) -> Block:
    return Block(ONES, unfamiliar=FITTED.unfamiliar(table(category("k", words))))


def test_a_strange_column_waits_for_a_known_category() -> None:
    rows = PredictedRows("new.csv", FITTED)
    rows.add(block("x", "y"), ONES, 0)
    assert rows.is_strange
    rows.add(block("x", "a"), ONES, 0)
    assert not rows.is_strange
    rows.add(block("x", "y"), ONES, 0)
    assert not rows.is_strange
    rows.refuse_strange()
    assert rows.rows == 6


def test_it_waits_for_so_many_rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicted_rows, "MOST_HELD", 4)
    rows = PredictedRows("new.csv", FITTED)
    rows.add(block("x", "y"), ONES, 0)
    with pytest.raises(DataError, match="no row has a value that training saw"):
        rows.add(block("x", "y"), ONES, 0)


def test_where_that_is_allowed_nothing_is_strange() -> None:
    rows = PredictedRows("new.csv", None)
    rows.add(block("x", "y"), ONES, 0)
    assert not rows.is_strange
    rows.refuse_strange()
