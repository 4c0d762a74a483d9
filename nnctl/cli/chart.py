"""A small chart of series in the terminal, by characters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

HEIGHT, WIDTH = 10, 64
MARKS = "•○×+"  # one a series
WIDE = 100.0  # times the smallest value is the largest one: then the axis is logarithmic


def chart(series: Mapping[str, Sequence[float | None]], across: str) -> list[str]:
    """Lines of text: values from bottom to top, positions counted from 1 from left to right, then a legend.

    series: by name, all of one length; None has no mark. across: what the positions are. Where there are more positions
    than columns, each column has the mean of its own. Nothing for fewer than two positions.
    """
    length = max((len(values) for values in series.values()), default=0)
    known = [value for values in series.values() for value in values if value is not None]
    if length < 2 or not known:
        return []
    is_logarithmic = min(known) > 0 and max(known) > WIDE * min(known)
    place = math.log10 if is_logarithmic else float
    low, high = place(min(known)), place(max(known))
    columns = min(WIDTH, length)
    grid = [[" "] * columns for _ in range(HEIGHT)]
    for mark, values in zip(MARKS, series.values(), strict=False):
        for column in range(columns):
            own = values[column * length // columns : (column + 1) * length // columns]
            real = [value for value in own if value is not None]
            if real:
                share = (place(sum(real) / len(real)) - low) / ((high - low) or 1.0)
                grid[round((HEIGHT - 1) * (1 - share))][column] = mark
    edges = {0: max(known), HEIGHT - 1: min(known)}
    labels = [f"{edges[row]:.3g}" if row in edges else "" for row in range(HEIGHT)]
    wide = max(map(len, labels))
    legend = "  ".join(f"{mark} {name}" for mark, name in zip(MARKS, series, strict=False))
    scale = ", logarithmic" if is_logarithmic else ""
    axis = f"{across} 1{' ' * max(1, columns - len(across) - 1 - len(str(length)))}{length:,}"
    rows = [f"{label:>{wide}} │{''.join(row)}".rstrip() for label, row in zip(labels, grid, strict=True)]
    return [*rows, f"{'':>{wide}} └{'─' * columns}", f"{'':>{wide}}  {axis}", f"{'':>{wide}}  {legend}{scale}"]
