"""What an unquoted word in YAML is: a number, true, false, null, or text."""

from __future__ import annotations

import re

Scalar = str | int | float | bool | None

DIGITS_LIMIT = 100

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.inf|\.nan", re.IGNORECASE)


class TooManyDigitsError(ValueError):
    """A number with more digits than any setting has."""


def plain(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises TooManyDigitsError.

    Unlike YAML 1.1 it takes `1e-3` for a number, `010` for ten, and `no`, `on`, `1:30`, `1_000` and dates for text.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > DIGITS_LIMIT:
            raise TooManyDigitsError(f"is a whole number of {len(text.lstrip('+-'))} digits")
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.lower().replace(".", ""))
    return text
