"""Texts cut into tokens: characters, or words and punctuation marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from nnctl.data.table.text_column import TokenKind
from nnctl.text import composed

LONGEST_TOKEN = 100  # characters; longer ones are unknown
MARKED = (range(0x300, 0x20000), range(0xE0100, 0xE01F0))  # where Unicode has marks that belong to a letter
JOINERS = "\u200c\u200d"  # stand inside words of some scripts
APOSTROPHES = str.maketrans("’ʼ", "''")


def tokenizer(kind: TokenKind, *, lower_case: bool) -> Callable[[str], list[str]]:
    """What cuts a text into tokens. Of pieces it gives the words, which are cut further by what was learnt."""
    cut = list if kind == "characters" else _words
    if lower_case:
        return lambda text: cut(composed(text.lower()))
    return lambda text: cut(composed(text))


def _words(text: str) -> list[str]:
    """Runs of Unicode's letters, digits, their marks, and apostrophes between them; else each character by itself, but
    for blanks, which only separate.
    """
    # an underscore is a letter for regular expressions alone
    return _pattern(text.isascii()).findall(text.translate(APOSTROPHES).replace("_", " _ "))


@cache
def _pattern(is_ascii: bool) -> re.Pattern[str]:
    letter = r"\w" if is_ascii else rf"[\w{JOINERS}{''.join(_marks())}]"
    return re.compile(rf"{letter}+(?:'{letter}+)*|\S")


def _marks() -> Iterator[str]:
    """Ranges of the characters that combine with a letter, which `\\w` does not have."""
    for part in MARKED:
        first = None
        for code in (*part, part.stop):
            is_mark = code < part.stop and unicodedata.category(chr(code)).startswith("M")
            if is_mark and first is None:
                first = code
            elif not is_mark and first is not None:
                yield f"{chr(first)}-{chr(code - 1)}"
                first = None
