"""The names of columns that a config needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnctl.data.table.header import require_columns
from nnctl.errors import DataError
from tests.support.sources import refusal


@pytest.mark.parametrize(
    ("names", "needed", "message"),
    [
        (["a", "b"], ["y"], "t.csv: has no column y; it has a, b help: set `target` to one of them"),
        (["a", "price"], ["prise"], "has no column prise; it has a, price help: did you mean price?"),
        (["1", "2"], ["y"], "the first line must name the columns, it holds numbers"),
        (["a:y"], ["y"], "is it all one column? set `delimiter`: ':'?"),
        (["a^b c^y"], ["y"], "is it all one column? set `delimiter`: '^'?"),
        (["a b"], ["y"], "is it all one column? set `delimiter`"),
        (["q" * 300 + "1", "b"], ["y"], f"t.csv: has no column y; it has {'q' * 75}…{'q' * 24}1, b help: set"),
        (["a", "y"], ["y", "y"], "data.target: names y twice"),
    ],
)
def test_columns_that_are_needed(names: list[str], needed: list[str], message: str) -> None:
    with pytest.raises(DataError) as caught:
        require_columns(Path("t.csv"), names, needed)
    assert message in refusal(caught)


def test_columns_that_are_there() -> None:
    require_columns(Path("t.csv"), ["a", "y"], ["y", "a"])


def test_the_key_that_names_them() -> None:
    with pytest.raises(DataError, match="set `id` to one of them"):
        require_columns(Path("t.csv"), ["alpha", "beta"], ["x"], key="id")
