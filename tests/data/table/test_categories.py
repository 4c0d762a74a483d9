"""Words as inputs: slots, rare ones, missing ones, and those that training never saw."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnctl.data.table.categories import CategoryColumn
from nnctl.data.table.settings import CategorySettings, ColumnSettings
from nnctl.errors import DataError
from tests.support.sources import refusal
from tests.support.tables import category, table

WORDS = ["b", "a", "b", None, "c", "new"]
TRAIN = 5


def fitted(words: list[str | None] = WORDS, train: int = TRAIN, **settings: Any) -> CategoryColumn:
    made = table(category("k", words))
    return CategoryColumn.fit(made, np.arange(train), made["k"], CategorySettings(**settings), ColumnSettings())


def prepared(column: CategoryColumn, words: list[str | None] = WORDS) -> list[list[float]]:
    out = np.zeros((len(words), len(column.outputs)))
    column.write(table(category("k", words)), np.arange(len(words)), out)
    return out.tolist()


@pytest.mark.parametrize(
    ("settings", "outputs", "expected"),
    [
        (
            {},
            ("k = a", "k = b", "k = c", "k is missing"),
            [[0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [0, 0, 0, 0]],
        ),
        (
            {"rare": 2},
            ("k = b", "k is missing", "k is rare"),
            [[1, 0, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]],
        ),
        (
            {"missing": "mode"},
            ("k = a", "k = b", "k = c"),
            [[0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]],
        ),
        ({"missing": "mode", "rare": 3}, ("k = b", "k is rare"), [[1, 0], [0, 1], [1, 0], [1, 0], [0, 1], [0, 1]]),
        ({"rare": 9, "missing": "mode"}, ("k is rare",), [[1]] * 6),
        ({"encoding": "embedding"}, ("k",), [[2], [1], [2], [4], [3], [0]]),
        ({"encoding": "embedding", "rare": 2}, ("k",), [[1], [0], [1], [2], [0], [0]]),
    ],
)
def test_slots(settings: dict[str, Any], outputs: tuple[str, ...], expected: list[list[float]]) -> None:
    column = fitted(**settings)
    assert column.is_consistent
    assert column.outputs == outputs
    assert prepared(column) == expected


def test_other_files_have_their_labels_in_other_places() -> None:
    other: list[str | None] = ["zebra", "c", None, "a"]
    assert prepared(fitted(), other) == [[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1], [1, 0, 0, 0]]
    assert prepared(fitted(encoding="embedding"), other) == [[0], [3], [4], [1]]


@pytest.mark.parametrize(
    ("words", "settings", "count"),
    [
        (["a", "new", "x", "new", None], {}, 3),
        (["a", "c", "new"], {"rare": 2}, 1),  # rare ones were seen
        (["a", None], {"missing": "mode"}, 0),
    ],
)
def test_unseen_ones_are_counted(words: list[str | None], settings: dict[str, Any], count: int) -> None:
    assert fitted(**settings).count_unseen(table(category("k", words)), np.arange(len(words))) == count


def test_missing_where_training_missed_none_is_as_unseen() -> None:
    column = fitted(["a", "b"], 2)
    assert prepared(column, ["b", None]) == [[0, 1], [0, 0]]
    assert column.count_unseen(table(category("k", ["b", None])), np.arange(2)) == 1


def test_many_categories_are_embedded() -> None:
    words: list[str | None] = [f"w{number}" for number in range(32)]
    assert fitted(words[:31], 31).settings.encoding == "one_hot"
    column = fitted(words, 32)
    assert (column.embedded, column.slots, column.settings.size) == (True, 33, round(1.6 * 33**0.56))
    assert fitted(words, 32, size=5).settings.size == 5
    assert fitted(words, 32, encoding="one_hot", size=5).settings.size is None
    assert fitted([f"w{number}" for number in range(1000)], 1000).settings.size == 32


@pytest.mark.parametrize(
    ("words", "train", "settings", "message"),
    [
        (WORDS, 5, {"missing": "refuse"}, "data.csv:5: column k: a value is missing"),
        (["a", "b", None], 2, {"missing": "refuse"}, "data.csv:4: column k: a value is missing"),
        ([None, None, "a"], 2, {}, "data.csv: column k: all values of the training samples are missing"),
    ],
)
def test_refusals(words: list[str | None], train: int, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        prepared(fitted(words, train, **settings), words)
    assert message in refusal(caught)
