"""What kind of column cells make."""

from __future__ import annotations

import pytest

from nnctl.data.table.cells import kind_of


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2.5e3", " .5 "], "number"),
        (["1", "2", "x"], "number"),
        (["1", "x"], "category"),
        (["1", "2", "x", "", "NA", "N/A", "null"], "number"),
        (["0", "1"], "number"),
        (["1,5", "2,25"], "number"),
        (["1.234,5", "1,234,567"], "number"),
        (["1_000", "2_000"], "category"),
        (["Y", "n", " y", ""], "yes_no"),
        (["True", "FALSE"], "yes_no"),
        (["off"], "yes_no"),
        (["yes", "n"], "category"),
        (["y", "n", "maybe"], "category"),
        (["t", "f", "n"], "category"),
        (["2024-01-31", "NA", "2024/02/01"], "date"),
        (["2024-01-31", "soon"], "category"),
        (["na", "nan"], "category"),
        (["", " ", "NA"], None),
        ([], None),
    ],
)
def test_kinds(cells: list[str], kind: str | None) -> None:
    assert kind_of(cells) == kind
