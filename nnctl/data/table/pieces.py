"""Words cut into pieces that occur often: byte-pair encoding.

Source: Sennrich, Haddow and Birch 2016, "Neural Machine Translation of Rare Words with Subword Units", section 3.2. A
word is its characters, of which the last is marked; the most frequent pair of neighbours is joined, again and again.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from nnctl.data.table.tokens import LONGEST_TOKEN
from nnctl.data.table.vocabulary import most_frequent

END = "</w>"  # behind the last character of a word, in which < would be a word of its own
MOST_KNOWN = 1 << 16  # words that are kept cut

Pair = tuple[str, str]


class Learnt(NamedTuple):
    """What was learnt of words."""

    vocabulary: tuple[str, ...]
    """The pieces: characters, the most frequent first, then what was joined, in its order."""
    merges: tuple[Pair, ...]
    """The pairs that were joined, in this order."""


def symbols_of(word: str) -> list[str]:
    """The characters of a word, the last one marked."""
    return [*word[:-1], word[-1] + END]


def learn(words: Mapping[str, int], size: int, min_count: int) -> Learnt:
    """At most `size` pieces that occur at least min_count times. words: how often each occurs.

    Of pairs that are as frequent, the first by its text is joined: the order of the words has no influence. Words of
    more than LONGEST_TOKEN characters are left out.
    """
    counts = [count for word, count in words.items() if len(word) <= LONGEST_TOKEN]
    cut = [symbols_of(word) for word in words if len(word) <= LONGEST_TOKEN]
    characters: Counter[str] = Counter()
    pairs: Counter[Pair] = Counter()
    having: defaultdict[Pair, set[int]] = defaultdict(set)  # the words that have or had a pair
    for number, symbols in enumerate(cut):
        for symbol in symbols:
            characters[symbol] += counts[number]
        for pair in pairwise(symbols):
            pairs[pair] += counts[number]
            having[pair].add(number)
    known = dict.fromkeys(most_frequent(characters, size, min_count))
    queue = [(-count, pair) for pair, count in pairs.items()]
    heapq.heapify(queue)
    merges: dict[Pair, None] = {}
    while queue and len(known) < size:
        count, best = heapq.heappop(queue)
        if -count != pairs[best]:
            continue  # the count has changed since, and stands in the queue as well
        if -count < min_count:
            break
        if best[0] not in known or best[1] not in known:
            continue
        merges.setdefault(best)
        known.setdefault("".join(best))
        changed: set[Pair] = set()
        for number in having.pop(best):
            before = list(pairwise(cut[number]))
            cut[number] = joined(cut[number], best)
            after = list(pairwise(cut[number]))
            for pair in before:
                pairs[pair] -= counts[number]
            for pair in after:
                pairs[pair] += counts[number]
                having[pair].add(number)
            changed.update(before, after)
        for pair in changed:
            if pairs[pair] > 0:
                heapq.heappush(queue, (-pairs[pair], pair))
    return Learnt(tuple(known), tuple(merges))


def joined(symbols: Sequence[str], pair: Pair) -> list[str]:
    """The symbols with each occurrence of the pair as one, from left to right."""
    out: list[str] = []
    place = 0
    while place < len(symbols):
        if place + 1 < len(symbols) and (symbols[place], symbols[place + 1]) == pair:
            out.append("".join(pair))
            place += 2
        else:
            out.append(symbols[place])
            place += 1
    return out


class Pieces:
    """Cuts words as was learnt."""

    def __init__(self, merges: Sequence[Pair]) -> None:
        self._rank = {pair: number for number, pair in enumerate(merges)}
        self._known: dict[str, tuple[str, ...]] = {}

    def cut(self, word: str) -> tuple[str, ...]:
        """The pieces of a word, by joining the pair that was learnt first, again and again. One of more than
        LONGEST_TOKEN characters is a piece that no vocabulary has.
        """
        if len(word) > LONGEST_TOKEN:
            return (word,)
        if word not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[word] = self._cut(word)
        return self._known[word]

    def _cut(self, word: str) -> tuple[str, ...]:
        symbols = symbols_of(word)
        while ranks := [self._rank[pair] for pair in pairwise(symbols) if pair in self._rank]:
            first = min(ranks)
            pair = next(pair for pair in pairwise(symbols) if self._rank.get(pair) == first)
            symbols = joined(symbols, pair)
        return tuple(symbols)
