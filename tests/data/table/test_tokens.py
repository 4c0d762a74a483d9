"""Texts cut into tokens."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.text_column import TokenKind
from nnctl.data.table.tokens import tokenizer


def words(text: str, lower_case: bool = True) -> list[str]:
    return tokenizer("words", lower_case=lower_case)(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's GREAT, isn't it?!", ["it's", "great", ",", "isn't", "it", "?", "!"]),
        ("l’été 2024: 3.5 km", ["l'été", "2024", ":", "3", ".", "5", "km"]),
        ("'quoted' -- _so_", ["'", "quoted", "'", "-", "-", "_", "so", "_"]),
        ("e\u0301te\u0301", ["été"]),  # composed: one spelling of what looks the same
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs and viramas belong to their letters
        ("mañana\u00a0:)\t👍🏽", ["mañana", ":", ")", "👍", "🏽"]),
        ("ΣΊΣΥΦΟΣ", ["σίσυφος"]),
        ("北京 ok", ["北京", "ok"]),
        (" \n ", []),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_upper_case_is_kept_where_it_counts() -> None:
    assert words("Good GOOD", lower_case=False) == ["Good", "GOOD"]
    assert tokenizer("characters", lower_case=False)("aB c") == ["a", "B", " ", "c"]
    assert tokenizer("characters", lower_case=True)("aB c") == ["a", "b", " ", "c"]


@given(st.text(), st.sampled_from(["words", "characters", "pieces"]))
def test_nothing_but_blanks_is_lost(text: str, kind: TokenKind) -> None:
    tokens = tokenizer(kind, lower_case=False)(text)
    kept = unicodedata.normalize("NFC", text)
    if kind == "characters":
        assert "".join(tokens) == kept
    else:
        assert "".join(tokens) == "".join(kept.split()).translate(str.maketrans("’ʼ", "''"))
        assert all(tokens)
