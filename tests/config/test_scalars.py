"""What unquoted words are, and that what is written is read back."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.config import scalars
from nnctl.config.document import parse
from nnctl.config.dumper import dump

READ: dict[str, Any] = {
    "1e-3": 0.001,
    "1E5": 1e5,
    ".5": 0.5,
    "1.": 1.0,
    "-2.5e+3": -2500.0,
    "010": 10,
    "+7": 7,
    "-0": 0,
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
    ".inf": math.inf,
    "-.inf": -math.inf,
}
TEXT = (
    *("no", "on", "yes", "off", "y", "True", "NULL", "1:30", "1_000", "2024-01-01", "0x10", "0o7", "1e", "e5"),
    *(".", "-", "+", "..", "1.2.3", "1,5", "nan", "inf", "64,32", "١٢"),
)


@pytest.mark.parametrize("text", READ)
def test_number_or_word(text: str) -> None:
    value = scalars.plain(text)
    assert (type(value), value) == (type(READ[text]), READ[text])


@pytest.mark.parametrize("text", TEXT)
def test_text(text: str) -> None:
    assert scalars.plain(text) == text


def test_nan() -> None:
    value = scalars.plain(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


def test_an_integer_of_too_many_digits_is_not_read() -> None:
    assert scalars.plain("9" * scalars.DIGITS_LIMIT) == 10**scalars.DIGITS_LIMIT - 1
    with pytest.raises(scalars.TooManyDigitsError, match="5000 digits"):
        scalars.plain("-" + "9" * 5000)


WORDS = st.one_of(
    st.sampled_from([*READ, *TEXT, "9" * 200, "- a", "a: b", "a:", "#", "*a", "&a", "!!str x", "<<", "=", "---", "%x"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\n\x85\ufeff"), max_size=20),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**90), 10**90),
        st.floats(allow_nan=False, allow_infinity=False),
        WORDS,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    document = parse(dump({"value": value}), "file.yaml")
    assert document.problems == []
    assert repr(document.tree) == repr({"value": value})  # repr tells 1 from 1.0 and true
