"""Which goals a product or convolution has, and how many are reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bench.product_shapes import Convolution, Product
from bench.ratios import OWN


def goals(row: Product | Convolution, threads: int, contestants: Mapping[str, Any], share: float) -> dict[str, bool]:
    """By goal whether it is reached. share: of the peak."""
    least = row.least_share(threads)
    own = {} if least is None else {f"{least:.2f} of the peak": share >= least}
    rivals = [name for name in row.rivals if name in contestants]
    return own | {f"below {name}'s time": contestants[OWN]["median"] < contestants[name]["median"] for name in rivals}


def reached(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """For each goal how many `rows` it is for, and how many have `reached` it."""
    counts: dict[tuple[str, int, str], list[bool]] = {}
    for row in rows:
        for goal, is_reached in row["goals"].items():
            counts.setdefault((row["kind"], row["threads"], goal), []).append(is_reached)
    return [
        {"kind": kind, "threads": threads, "goal": goal, "reached": sum(all_), "rows": len(all_)}
        for (kind, threads, goal), all_ in counts.items()
    ]
