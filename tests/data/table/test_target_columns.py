"""Rows without a target."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.table.table import Table
from nnctl.data.table.target_columns import with_targets
from nnctl.errors import DataError
from tests.support.sources import refusal
from tests.support.tables import category, number, table

NAN = float("nan")
TABLE = table(
    number("x", [1, 2, 3, 4]),
    number("price", [NAN, 5, NAN, 7]),
    number("rent", [1, NAN, NAN, 4]),
    number("sold", [1, 2, 3, NAN], "date"),
    category("kind", ["a", "b", "a", None]),
    number("yes", [1, 0, NAN, NAN], "yes_no"),
    number("never", [NAN] * 4),
)


@pytest.mark.parametrize(
    ("targets", "rows", "note"),
    [
        (["x"], [1, 2, 3, 4], None),
        (["price"], [2, 4], "2 of the 4 rows have no price and are left out, the first in line 2"),
        (["sold"], [1, 2, 3], "1 of the 4 rows has no sold and is left out, in line 5"),
        (["kind"], [1, 2, 3], "1 of the 4 rows has no kind and is left out, in line 5"),
        (["yes"], [1, 2], "2 of the 4 rows have no yes and are left out, the first in line 4"),
        (
            ["price", "x", "rent"],
            [4],
            "3 of the 4 rows lack a target (price in 2, rent in 2) and are left out, the first in line 2",
        ),
    ],
)
def test_rows_without_a_target_are_left_out_and_told(targets: list[str], rows: list[int], note: str | None) -> None:
    left, notes = with_targets(TABLE, targets, "drop")
    assert left["x"].values.tolist() == rows
    assert left.lines.tolist() == [row + 1 for row in rows]
    assert notes == (() if note is None else (note,))


def refused(made: Table, targets: list[str], missing_target: str) -> str:
    with pytest.raises(DataError) as caught:
        with_targets(made, targets, missing_target)  # type: ignore[arg-type]
    return refusal(caught)


def test_they_may_be_refused() -> None:
    said = refused(TABLE, ["price", "kind"], "refuse")
    assert "data.csv:2: column price: the target is missing, in 2 of the 4 rows" in said
    assert "data.csv:5: column kind: the target is missing, in 1 of the 4 rows" in said
    assert "leave `missing_target: refuse` out" in said
    assert with_targets(TABLE, ["x"], "refuse") == (TABLE, ())


def test_a_target_that_no_row_has_is_always_refused() -> None:
    for missing_target in ("drop", "refuse"):
        said = refused(TABLE, ["never"], missing_target)
        assert "data.csv: column never: the target is missing in all 4 rows" in said
    turned = TABLE.take(np.array([0, 1]))
    assert "column price: the target is missing, in 1 of the 2 rows" in refused(turned, ["price", "rent"], "drop")
