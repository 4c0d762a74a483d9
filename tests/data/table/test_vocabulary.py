"""Which tokens are learnt."""

from __future__ import annotations

from nnctl.data.table.tokens import LONGEST_TOKEN
from nnctl.data.table.vocabulary import most_frequent

COUNTS = {"b": 3, "c": 3, "a": 3, "z": 9, "once": 1}


def test_the_most_frequent_first_and_such_alike_by_text() -> None:
    assert most_frequent(COUNTS, 10, 1) == ("z", "a", "b", "c", "once")
    assert most_frequent(COUNTS, 10, 2) == ("z", "a", "b", "c")
    assert most_frequent(COUNTS, 2, 2) == ("z", "a")
    assert most_frequent(dict(reversed(COUNTS.items())), 3, 2) == most_frequent(COUNTS, 3, 2)


def test_endless_tokens_are_not_learnt() -> None:
    assert most_frequent({"x" * LONGEST_TOKEN: 2, "y" * (LONGEST_TOKEN + 1): 5}, 10, 1) == ("x" * LONGEST_TOKEN,)
