"""Which tokens are learnt."""

from __future__ import annotations

from collections.abc import Mapping

from nnctl.data.table.tokens import LONGEST_TOKEN


def most_frequent(counts: Mapping[str, int], size: int, min_count: int) -> tuple[str, ...]:
    """At most `size` tokens that occur at least min_count times: the most frequent first, and such alike by their text.

    counts: how often each occurs. Tokens of more than LONGEST_TOKEN characters are left out.
    """
    frequent = (token for token, count in counts.items() if count >= min_count and len(token) <= LONGEST_TOKEN)
    return tuple(sorted(frequent, key=lambda token: (-counts[token], token))[:size])
