"""How many times as long the better peer takes as nnctl does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import geometric_mean
from typing import Any

OWN = "nnctl"
KEYS = ("median", "least")

Contestants = Mapping[str, Mapping[str, Any]]  # by name, times in seconds at least under KEYS


def best_peer_ratio(contestants: Contestants, key: str = "median") -> float | None:
    """Above 1 where nnctl is ahead of them all; None without peers."""
    peers = [of[key] for name, of in contestants.items() if not name.startswith(OWN)]
    ratio: float | None = min(peers) / contestants[OWN][key] if peers else None
    return ratio


def geometric_means(rows: Iterable[Contestants]) -> dict[str, float]:
    """Of the rows' ratios, by medians and by least times; of no rows and without peers, none."""
    kept, means = list(rows), {}
    for key in KEYS:
        ratios = [ratio for row in kept if (ratio := best_peer_ratio(row, key)) is not None]
        if ratios:
            means[key] = geometric_mean(ratios)
    return means
