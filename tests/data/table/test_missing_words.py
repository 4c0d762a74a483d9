"""The words that mean missing."""

from __future__ import annotations

import pytest

from nnctl.data.table.missing_words import MissingWords


@pytest.mark.parametrize(
    "text",
    [
        *["", "NA", "na", "N/A", "n/a", "#N/A", "NULL", "Null", "None", "NaN", "nan", "NIL", "?", "-", "--", "."],
        *["(missing)", "<NA>", "NaT", r"\N", "#DIV/0!", "–"],
    ],
)
def test_usual_words_in_any_case(text: str) -> None:
    assert text in MissingWords()


@pytest.mark.parametrize("text", ["0", "Nancy", "no", "NAN1", "unknown", "-1", "-999", "North America"])
def test_other_words(text: str) -> None:
    assert text not in MissingWords()


def test_words_that_are_said_stand_in_place_of_the_usual_ones() -> None:
    words = MissingWords(("Unknown", " -999 "))
    assert "UNKNOWN" in words
    assert "" in words
    assert "NA" not in words
    assert words.numbers == {-999}
    assert "" in MissingWords(())
    assert "null" not in MissingWords(())
