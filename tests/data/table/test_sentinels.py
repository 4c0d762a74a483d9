"""Values that may mean missing."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.table.sentinels import Sentinel, sentinel_note, sentinels
from nnctl.data.table.table import Column

AGES = np.arange(60.0) % 45
DAYS = 16_000 + np.arange(60.0)


def with_ends(values: object, *ends: tuple[float, int]) -> Column:
    cells = np.concatenate([np.asarray(values, float), *(np.full(count, value) for value, count in ends), [np.nan]])
    return Column("a", "number", np.random.default_rng(0).permutation(cells))


def found_in(column: Column) -> list[tuple[str, int]]:
    return [(found.text, found.rows) for found in sentinels([column])]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (with_ends(AGES, (-999, 4)), [("-999", 4)]),
        (with_ends(AGES, (999, 4)), [("999", 4)]),
        (with_ends(AGES, (9999, 4), (-888, 5)), [("9999", 4), ("-888", 5)]),
        (with_ends(AGES, (-1, 9)), [("-1", 9)]),  # near to the others, but customary, and far more frequent
        (with_ends(AGES * 1000, (-999, 9)), [("-999", 9)]),
        (with_ends(AGES + 1950, (0, 3)), [("0", 3)]),
        (with_ends(AGES, (-999, 2)), []),  # it hardly repeats
        (with_ends(AGES, (-1, 2)), []),
        (with_ends(AGES - 2), []),
        (with_ends(AGES, (60, 9)), []),  # near to the others
        (with_ends([1.0, 2.0, 3.0] * 20, (99, 9)), []),  # may be four classes
        (with_ends([5.0] * 20), []),
        (with_ends([]), []),
    ],
)
def test_a_value_that_repeats_far_from_many_others(column: Column, expected: list[tuple[str, int]]) -> None:
    assert found_in(column) == expected


@pytest.mark.parametrize(("value", "text"), [(2_932_896.0, "9999-12-31"), (-25_567.5, "1899-12-31 12:00:00")])
def test_dates(value: float, text: str) -> None:
    assert found_in(Column("a", "date", np.append(DAYS, [value] * 3))) == [(text, 3)]


def test_words_have_none_and_other_rows_do_not_count() -> None:
    assert sentinels([Column("a", "yes_no", np.append(np.zeros(60), [1, 1, 1]), ("no", "yes"))]) == []
    column = Column("a", "number", np.append(AGES, [-999] * 4))
    assert [found.rows for found in sentinels([column], np.arange(63))] == [3]
    assert sentinels([column], np.arange(62)) == []


def test_the_note_names_each_remedy_once() -> None:
    found = [Sentinel("a", 4, "-999", True), Sentinel("b", 5, "-999", True), Sentinel("d", 6, "31 Dec 9999", False)]
    start = (
        "many rows have one value that is far from all others: a (-999 in 4), b (-999 in 5), d (31 Dec 9999 in 6); "
        "where it means missing, "
    )
    assert sentinel_note(found, as_options=False) == f'{start}set `missing: [-999, "31 Dec 9999"]`'
    assert sentinel_note(found, as_options=True) == f"{start}add --missing -999 --missing '31 Dec 9999'"
