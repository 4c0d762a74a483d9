"""The words that mean missing."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

# as databases, spreadsheets, statistics programs and people write them, in lower case
USUAL = frozenset(
    (
        *("", "na", "n/a", "n.a", "n.a.", "#na", "#n/a", "#n/a n/a", "<na>", "null", "(null)", "<null>", "[null]"),
        *("none", "(none)", "nil", r"\n", "nan", "-nan", "#nan", "nat", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"),
        *("#div/0!", "#value!", "#ref!", "#null!", "#num!", "#name?", "?", "-", "--", "---", "–", "—", ".", ".."),
        *("(missing)", "<missing>", "(blank)", "(empty)", "0000-00-00", "0000-00-00 00:00:00"),
    )
)


class MissingWords:
    """Which cells are missing. In any case; numbers among the words mean their values."""

    def __init__(self, words: Iterable[str] | None = None) -> None:
        """words: in place of the usual ones; an empty cell is always missing."""
        self.words = USUAL if words is None else frozenset(word.strip().casefold() for word in words) | {""}
        self.numbers: set[float] = set()
        for word in self.words - USUAL:
            with suppress(ValueError):
                self.numbers.add(float(word))

    def __contains__(self, text: str) -> bool:
        """Whether a cell without blanks around it is missing."""
        return text in self.words or text.casefold() in self.words
