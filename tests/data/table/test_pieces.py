"""Byte-pair encoding, against loops that count all pairs anew for each one that is joined."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.pieces import END, Pieces, learn
from nnctl.data.table.tokens import LONGEST_TOKEN

PAPER = {"low": 5, "lower": 2, "newest": 6, "widest": 3}  # the words of Algorithm 1 there
WORDS = st.dictionaries(st.text("abc'", min_size=1, max_size=7), st.integers(1, 4), min_size=1, max_size=8)


def cut_of(word: str) -> list[str]:
    return [*word[:-1], f"{word[-1]}{END}"]


def merged(symbols: list[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    for symbol in symbols:
        if out and (out[-1], symbol) == pair:
            out[-1] += symbol
        else:
            out.append(symbol)
    return out


def naive(words: dict[str, int], size: int, min_count: int) -> tuple[list[str], list[tuple[str, str]]]:
    cut = {word: cut_of(word) for word in words}
    characters = Counter(symbol for word, count in words.items() for symbol in cut[word] * count)
    order = sorted(characters, key=lambda symbol: (-characters[symbol], symbol))
    known = [symbol for symbol in order if characters[symbol] >= min_count][:size]
    merges: list[tuple[str, str]] = []
    while len(known) < size:
        pairs = Counter(pair for word, count in words.items() for pair in list(pairwise(cut[word])) * count)
        usable = [pair for pair in pairs if pairs[pair] >= min_count and set(pair) <= set(known)]
        if not usable:
            break
        best = min(usable, key=lambda pair: (-pairs[pair], pair))
        if best not in merges:
            merges.append(best)
        if "".join(best) not in known:
            known.append("".join(best))
        cut = {word: merged(symbols, best) for word, symbols in cut.items()}
    return known, merges


def test_the_words_of_the_paper() -> None:
    learnt = learn(PAPER, 16, 2)
    assert learnt.merges[:5] == (("e", "s"), ("es", f"t{END}"), ("l", "o"), ("e", "w"), ("ew", f"est{END}"))
    assert Pieces(learnt.merges).cut("lowest") == ("lo", "w", f"est{END}")
    assert Pieces(learnt.merges).cut("newest")[-1] == f"newest{END}"[-len(Pieces(learnt.merges).cut("newest")[-1]) :]


@given(WORDS, st.integers(1, 20), st.integers(1, 3))
def test_as_loops_learn(words: dict[str, int], size: int, min_count: int) -> None:
    learnt = learn(words, size, min_count)
    known, merges = naive(words, size, min_count)
    assert (list(learnt.vocabulary), list(learnt.merges)) == (known, merges)
    assert learn(dict(reversed(words.items())), size, min_count) == learnt


@given(WORDS, st.text("abcd'", min_size=1, max_size=9))
def test_pieces_are_the_word(words: dict[str, int], word: str) -> None:
    learnt = learn(words, 20, 1)
    pieces = Pieces(learnt.merges).cut(word)
    assert "".join(pieces) == f"{word}{END}"
    assert set(pieces) <= {*learnt.vocabulary, *cut_of(word)}


@pytest.mark.parametrize("length", [LONGEST_TOKEN, LONGEST_TOKEN + 1])
def test_endless_words_are_one_unknown_piece(length: int) -> None:
    learnt = learn({"a" * length: 5, "b": 2}, 10, 2)
    assert (f"a{END}" in learnt.vocabulary) == (length <= LONGEST_TOKEN)
    assert (Pieces(learnt.merges).cut("a" * length) == ("a" * length,)) == (length > LONGEST_TOKEN)
