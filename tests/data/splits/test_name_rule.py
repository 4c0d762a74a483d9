"""Samples that are set aside by the names of their files."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from nnctl.data.splits.name_rule import NameRule
from nnctl.errors import DataError
from tests.support.sources import refusal, source

NAMES = ("yes/anna_1.wav", "yes/Ben_1.wav", "no/anna_2.wav", "anna_no/carl[1].wav")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("anna_*", [0, 2]),
        ("*_1.wav", [0, 1]),
        ("ben*", None),
        ("[Bc]*", [1, 3]),
        ("anna_?.wav", [0, 2]),
        (["anna_1*", "Ben*"], [0, 1]),
        ("carl[[]1].wav", [3]),
    ],
)
def test_patterns(pattern: Any, expected: list[int] | None) -> None:
    rule = NameRule.model_validate({"name": pattern})
    if expected is None:
        with pytest.raises(DataError) as caught:
            rule.rows(NAMES, "data.test")
        assert "data.test.name: takes none of the 4 samples" in refusal(caught)
        assert "they are named like anna_1.wav, anna_2.wav, carl[1].wav" in refusal(caught)
    else:
        assert np.flatnonzero(rule.rows(NAMES, "data.test")).tolist() == expected


def test_all_of_them() -> None:
    with pytest.raises(DataError, match="takes all of the 4 samples"):
        NameRule.model_validate({"name": "*"}).rows(NAMES, "data.test")


@pytest.mark.parametrize("value", [{"name": ""}, {"name": []}, {"name": 3}, {"name": "a", "column": "b"}])
def test_what_is_no_rule(value: Any) -> None:
    with pytest.raises(ValidationError):
        NameRule.model_validate(value)


def test_a_source_takes_it() -> None:
    made = source({"source": "a.npz", "test": {"name": "anna_*"}, "validation": {"name": ["b*", "c*"]}})
    assert made.test == NameRule(name=["anna_*"])
    assert made.model_dump()["validation"] == {"name": ["b*", "c*"]}
