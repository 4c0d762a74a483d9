"""Yes and no in their usual spellings."""

from __future__ import annotations

import pytest

from nnctl.data.table.yes_no import Spelling, are_yes_and_no, truth


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Yes", 1), ("n", 0), ("TRUE", 1), ("off", 0), ("1.0", 1), ("0", 0), ("Ja", 1), ("maybe", None), ("2", None)],
)
def test_truth(text: str, expected: float | None) -> None:
    assert truth(text) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["yes", "No", "Y"], True),
        (["TRUE", "f"], True),
        (["ja", "NEIN"], True),
        (["yes", "ja"], False),
        (["yes", "true"], False),
        (["y", "n", "maybe"], False),
    ],
)
def test_spellings_that_go_together(texts: list[str], expected: bool) -> None:
    assert are_yes_and_no(texts) == expected


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["Y", " n ", "yes"], ("n", "Y")),
        (["FALSE"], ("FALSE", "TRUE")),
        (["Ja"], ("Nein", "Ja")),
        (["1.0"], ("0", "1")),
        (["?"], ("no", "yes")),
    ],
)
def test_what_does_not_occur_is_written_like_the_other(cells: list[str], labels: tuple[str, str]) -> None:
    spelling = Spelling()
    spelling.notice(cells)
    assert spelling.labels == labels
