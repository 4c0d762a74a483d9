"""Texts as sequences of slot numbers, against loops over their tokens."""

from __future__ import annotations

import copy
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.pieces import Pieces
from nnctl.data.table.text_column import TextColumn
from nnctl.data.table.text_preprocessing import TextColumnPreprocessing
from nnctl.data.table.texts import Texts, training_texts
from nnctl.data.table.tokens import tokenizer
from nnctl.errors import DataError
from tests.support.tables import category, table

TEXTS = ["good good film", "Good, long film", None, "bad", "a bad , bad idea"]


def texts_of(texts: list[str | None], **keys: Any) -> tuple[Texts, TextColumn]:
    settings = TextColumn.model_validate({"column": "t", **keys})
    return training_texts(table(category("t", texts)), settings), settings


def fitted(texts: list[str | None] = TEXTS, **keys: Any) -> tuple[Texts, TextColumnPreprocessing]:
    own, settings = texts_of(texts, **keys)
    return own, TextColumnPreprocessing.fit(own, np.arange(len(texts)), settings)


def test_words_by_hand() -> None:
    texts, made = fitted()
    assert made.vocabulary == ("bad", "good", ",", "film")  # the others occur once
    assert (made.slots, made.shape) == (5, (5,))
    expected = [[2, 2, 4, 0, 0], [2, 3, 0, 4, 0], [0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 3, 1, 0]]
    np.testing.assert_array_equal(made.transform(texts, None, "float64"), expected)
    assert made.lengths(texts, None).tolist() == [3, 4, 1, 1, 5]
    some = np.array([4, 0])
    np.testing.assert_array_equal(made.transform(texts, some, "float32"), np.array(expected)[some])
    assert made.lengths(texts, some).tolist() == [5, 3]


def test_the_vocabulary_is_of_the_training_rows_alone() -> None:
    texts, settings = texts_of(TEXTS)
    made = TextColumnPreprocessing.fit(texts, np.array([0, 1]), settings)
    assert made.vocabulary == ("good", "film")
    assert made.findings(texts, np.array([3, 4])).unknown == 5  # of four tokens, the longest training text, and one


def test_an_unset_length_reads_99_of_100_texts_whole() -> None:
    long = [" ".join(["w"] * count) for count in range(1, 201)]
    texts, made = fitted(list(long))
    assert made.length == 198
    assert made.findings(texts, None).cut == 2
    assert fitted(list(long), length=3)[1].length == 3


@given(
    st.lists(st.one_of(st.none(), st.text("ab Cé.", max_size=12)), min_size=1, max_size=6),
    st.sampled_from(["words", "characters", "pieces"]),
    st.integers(1, 8),
    st.integers(1, 5),
)
def test_as_loops(texts: list[str | None], tokens: Any, vocabulary: int, length: int) -> None:
    cells = [None if text is None or not text.strip() else text.strip() for text in texts]
    if not any(cells):
        return
    own, made = fitted(cells, tokens=tokens, vocabulary=vocabulary, length=length, min_count=1)
    cut = tokenizer(tokens, lower_case=True)
    split = [cut(text or "") for text in cells]
    if tokens == "pieces":
        pieces = Pieces(made.merges)
        split = [[piece for token in text for piece in pieces.cut(token)] for text in split]
    else:
        counts = Counter(token for text in split for token in text)
        order = sorted(counts, key=lambda token: (-counts[token], token))
        assert made.vocabulary == tuple(order[:vocabulary])
    slots = [[1 + made.vocabulary.index(token) if token in made.vocabulary else 0 for token in text] for text in split]
    assert made.transform(own, None, "float32").tolist() == [[*text, *[0] * length][:length] for text in slots]
    assert made.lengths(own, None).tolist() == [min(max(len(text), 1), length) for text in slots]
    found, read = made.findings(own, None), [slot for text in slots for slot in text[:length]]
    assert (found.tokens, found.unknown) == (len(read), read.count(0))
    assert (found.cut, found.empty) == (sum(len(text) > length for text in slots), slots.count([]))
    assert TextColumnPreprocessing.from_json(made.to_json()) == made


def test_what_is_told() -> None:
    texts, made = fitted(length=3)
    assert list(made.findings(texts, None).notes("train rows", is_training=True)) == [
        "1 of the 5 train rows has an empty text: it counts as one unknown token",
        "2 of the 5 train rows have texts of more than 3 tokens, of which the first ones are read; "
        "`text: {length: 5}` keeps all",
    ]
    other = made.texts(table(category("t", ["good gizmo", "gizmo film", None, None])))
    assert list(made.findings(other, None).notes()) == [
        "2 of the 4 rows have an empty text: each counts as one unknown token",
        "2 of the 4 tokens of the rows are not in the vocabulary of training and stand in the slot of unknown ones: "
        "gizmo",
    ]
    halves = [made.findings(other, np.array(rows)) for rows in ([0], [1, 2, 3])]
    assert halves[0] + halves[1] == made.findings(other, None)
    assert not made.findings(other, None).are_strange
    with pytest.raises(DataError, match="no text has a token that training saw: the first is 'what is this'"):
        made.findings(made.texts(table(category("t", ["what is this"]))), None).refuse_strange("t", "x.csv")


@pytest.mark.parametrize(
    ("texts", "keys", "what"),
    [
        (["1", "2.5"], {}, "column t holds numbers, the first is '1'"),
        ([None, None], {}, "column t: the text is empty in all 2 rows"),
        (["one", "two"], {}, "no token occurs 2 times in the 2 training texts"),
        (["one", "two"], {"tokens": "pieces", "min_count": 9}, "no token occurs 9 times"),
    ],
)
def test_nothing_to_learn(texts: list[str | None], keys: dict[str, Any], what: str) -> None:
    with pytest.raises(DataError, match=what):
        fitted(texts, **keys)


def test_training_rows_without_a_text() -> None:
    texts, settings = texts_of(TEXTS)
    with pytest.raises(DataError, match="column t: the text is empty in the only training row"):
        TextColumnPreprocessing.fit(texts, np.array([2]), settings)


def damaged(**keys: Any) -> dict[str, Any]:
    _, made = fitted(tokens="pieces")
    return copy.deepcopy(made.to_json()) | keys


@pytest.mark.parametrize(
    "value",
    [
        {},
        damaged(vocabulary=[]),
        damaged(vocabulary=["a", "a"]),
        damaged(vocabulary=["a" * 1000]),
        damaged(vocabulary="abc"),
        damaged(merges=[["a", "nobody"]]),
        damaged(merges=[["a"]]),
        damaged(tokens="words"),
        damaged(tokens="syllables"),
        damaged(length=0),
        damaged(length=10**9),
        damaged(column=3),
        damaged(more=1),
    ],
)
def test_a_damaged_one_is_refused(value: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="invalid preprocessing of texts"):
        TextColumnPreprocessing.from_json(value)
