"""Words and numbers in messages."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from nnctl.text import alternatives, counted, share, typed


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 epochs"), (1, "1 epoch"), (2, "2 epochs"), (12_000, "12,000 epochs")]
)
def test_a_count_has_its_plural(number: int, text: str) -> None:
    assert counted(number, "epoch") == text


@pytest.mark.parametrize(
    ("number", "total", "text"),
    [
        (1, 1, "the only row"),
        (2_000, 2_000, "all 2,000 rows"),
        (0, 2, "0 of the 2 rows"),
        (1, 2, "1 of the 2 rows"),
        (1_200, 3_000, "1,200 of the 3,000 rows"),
    ],
)
def test_a_share(number: int, total: int, text: str) -> None:
    assert share(number, total, "rows") == text


@pytest.mark.parametrize(
    ("first", "text"), [("did you mean a?", "did you mean a? or leave it"), ("check b", "check b, or leave it")]
)
def test_two_remedies_are_one_sentence(first: str, text: str) -> None:
    assert alternatives(first, "leave it") == text


@pytest.mark.parametrize("name", ["plain", "first try", "it's", "a$HOME", "ü", 'say "x"', "semi;colon", "*", "a\\b"])
def test_a_command_can_be_typed(name: str) -> None:
    command = typed("eval", Path("runs") / name)
    assert shlex.split(command) == ["nnctl", "eval", f"runs/{name}"]


def test_what_needs_no_quotes_has_none() -> None:
    assert typed("train", "configs/a-b_c.yaml") == "nnctl train configs/a-b_c.yaml"
