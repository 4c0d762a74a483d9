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


def many(distinct: int, often: int, times: int) -> list[str | None]:
    """So many different words; the first ones, `often` of them, `times` times as often as the others."""
    words = [f"n{number}" for number in range(distinct)]
    return [*words, *words[:often] * (times - 1)]


def test_more_categories_than_can_be_inputs_are_refused_unless_the_rare_ones_are_joined() -> None:
    words = many(18_000, 9_000, 3)
    with pytest.raises(DataError) as caught:
        fitted(words, len(words))
    said = refusal(caught)
    assert "data.csv: column k has 18,000 different texts in the training samples, at most 10,000 can be inputs" in said
    assert "join the rare ones: `columns: {k: {rare: 2}}`; or leave the column out: `features: {exclude: [k]}`" in said
    column = fitted(words, len(words), rare=2)
    assert (len(column.labels), len(column.rare), column.embedded) == (9_000, 9_000, True)
    assert len(fitted(words, len(words), rare=50).labels) == 0


@pytest.mark.parametrize(
    ("name", "written"),
    [("k", "k"), ("street name", "street name"), ("odd, name", '"odd, name"'), ("12", '"12"'), ("no: 1", '"no: 1"')],
)
def test_texts_that_occur_once_are_an_id(name: str, written: str) -> None:
    words = many(12_000, 0, 1)
    made = table(category(name, words))
    with pytest.raises(DataError) as caught:
        CategoryColumn.fit(made, np.arange(12_000), made[name], CategorySettings(), ColumnSettings())
    assert f"an id or free text? leave the column out: `features: {{exclude: [{written}]}}`" in refusal(caught)


def test_only_training_rows_count() -> None:
    words = many(12_000, 0, 1)
    assert len(fitted(words, 9_000).labels) == 9_000


def test_odd_labels_are_inputs_and_escaped_where_they_are_shown() -> None:
    words: list[str | None] = ["first line\nsecond line", "z" * 300, "\x1b[2J", "plain"]
    column = fitted(words, 4)
    assert prepared(column, words) == [[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0], [0, 0, 1, 0]]
    assert column.outputs == (
        *("k = '\\x1b[2J'", "k = 'first line\\nsecond line'", "k = plain"),
        f"k = '{'z' * 40}…'",
    )


def test_the_first_unseen_one_is_an_example() -> None:
    column = fitted(["a", "b"], 2)
    for words, example in ((["a", "x", "y"], "x"), (["a", None, "y"], "y"), (["a", None], ""), (["a", "b"], "")):
        assert column.an_unseen(table(category("k", words)), np.arange(len(words))) == example


def test_the_words_that_mean_missing_are_kept() -> None:
    made = table(category("k", ["NA", "EU"]))
    own = ColumnSettings(missing_words=[])
    column = CategoryColumn.fit(made, np.arange(2), made["k"], CategorySettings(), own)
    assert column.all_settings.missing_words == []
    assert CategoryColumn.model_validate(column.model_dump(mode="json")) == column
