"""The characters that a network knows, each with a slot number: slot 0 is for all that it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nnctl.data.source import Array

UNKNOWN = "unknown"
CODES = 0x110000  # code points of Unicode
NAMES = {" ": "space", "\n": "newline", "\t": "tab", "\r": "return"}


@dataclass(frozen=True)
class Vocabulary:
    """characters: all of them, in the order of their code points; the first has slot 1."""

    characters: str

    @classmethod
    def of(cls, codes: Sequence[Array]) -> Vocabulary:
        """All characters that occur. codes: code points, (N,) uint32 each."""
        counts = sum(np.bincount(part, minlength=CODES) for part in codes)
        return cls("".join(map(chr, np.flatnonzero(counts))))

    @property
    def slots(self) -> int:
        """How many slot numbers there are."""
        return len(self.characters) + 1

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the slots."""
        return (UNKNOWN, *map(shown_character, self.characters))

    def encode(self, codes: Array) -> Array:
        """The slots of code points, (N,), in the smallest unsigned integers that hold them. codes: (N,) uint32."""
        slots = np.zeros(CODES, np.min_scalar_type(self.slots - 1))
        slots[np.array(list(map(ord, self.characters)), np.int64)] = np.arange(1, self.slots)
        return slots[codes]

    def unknown(self, codes: Array) -> dict[str, int]:
        """How often each character that is not known occurs, the most frequent first. codes: (N,) uint32."""
        counts = np.bincount(codes, minlength=CODES)
        counts[np.array(list(map(ord, self.characters)), np.int64)] = 0
        found = np.flatnonzero(counts)
        order = found[np.argsort(-counts[found], kind="stable")]
        return {chr(code): int(counts[code]) for code in order}


def shown_character(character: str) -> str:
    """The name of a character: itself where it is seen, a word for usual blanks, else its code point, U+00A0."""
    if character in NAMES:
        return NAMES[character]
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
