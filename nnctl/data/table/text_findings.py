"""What is to be told of texts: tokens that training never saw, texts that are cut, texts that are empty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nnctl.errors import DataError, Problem
from nnctl.text import counted, listed, quoted, share, shortened, shown_label

MOST_EXAMPLES = 3


@dataclass(frozen=True)
class TextFindings:
    """Counted in some texts."""

    texts: int = 0
    """All that were looked at."""
    empty: int = 0
    """Those without a token."""
    cut: int = 0
    """Those of which the last tokens are not read."""
    length: int = 0
    """How many tokens are read of a text."""
    longest: int = 0
    """The most tokens that a text has."""
    tokens: int = 0
    """Those that are read."""
    unknown: int = 0
    """Those of them that are not in the vocabulary."""
    examples: tuple[str, ...] = ()
    """The first of these."""
    first: str = ""
    """The first text."""
    is_untrained: bool = False
    """Whether training had no token that is not in the vocabulary, so that their slot is as it was initialized."""

    def __add__(self, other: TextFindings) -> TextFindings:
        return TextFindings(
            self.texts + other.texts,
            self.empty + other.empty,
            self.cut + other.cut,
            max(self.length, other.length),
            max(self.longest, other.longest),
            self.tokens + other.tokens,
            self.unknown + other.unknown,
            tuple(dict.fromkeys((*self.examples, *other.examples)))[:MOST_EXAMPLES],
            self.first or other.first,
            self.is_untrained or other.is_untrained,
        )

    @property
    def are_strange(self) -> bool:
        """Whether no text has a token of the vocabulary."""
        return self.texts > 0 and self.unknown == self.tokens

    def refuse_strange(self, column: str, origin: str) -> None:
        """Raise DataError where they are strange."""
        if not self.are_strange:
            return
        if not self.tokens:
            what, help = "the text is empty in all rows", "give texts, or add --allow-unseen to go on without any"
        else:
            what = f"no text has a token that training saw: the first is {quoted(self.first)}"
            help = "is it the right column? give texts as in training, or add --allow-unseen to go on"
        raise DataError(Problem(f"column {column}: {what}", file=origin, help=help))

    def notes(self, texts: str = "rows", *, is_training: bool = False) -> Iterator[str]:
        """Sentences for people. texts: what they are, in the plural. is_training: whether the vocabulary is theirs."""
        if self.empty:
            counts = "it counts" if self.empty == 1 else "each counts"
            yield f"{_of(self.empty, self.texts, texts)} an empty text: {counts} as one unknown token"
        if self.cut:
            whole = f"; `text: {{length: {self.longest}}}` keeps all" if is_training else ""
            has = "has a text" if self.cut == 1 else "have texts"
            of = share(self.cut, self.texts, texts)
            yield f"{of} {has} of more than {counted(self.length, 'token')}, of which the first ones are read{whole}"
        if self.unknown and not is_training:
            of = f"{share(self.unknown, self.tokens, 'tokens')} of the {texts}"
            are = "is" if self.unknown == 1 else "are"
            slot = "the slot of unknown ones" + (", which training never used" if self.is_untrained else "")
            such = listed(shown_label(shortened(example, 40)) for example in self.examples)
            stand = "stands" if self.unknown == 1 else "stand"
            yield f"{of} {are} not in the vocabulary of training and {stand} in {slot}: {such}"


def _of(number: int, total: int, what: str) -> str:
    return f"{share(number, total, what)} {'has' if number == 1 else 'have'}"
