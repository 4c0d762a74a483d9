"""Write data/spirals/spirals.csv: two spirals of 97 points each. Run it by `python -m examples.make_spirals`.

Source: Lang and Witbrock 1988, "Learning to tell two spirals apart"; each spiral goes three times around the other.
"""

from __future__ import annotations

from math import cos, pi, sin
from pathlib import Path

FILE = Path(__file__).parents[1] / "data" / "spirals" / "spirals.csv"
POINTS = 97  # of a spiral
A_TURN, OUTSIDE, INSIDE = 32, 6.5, 104  # points of a turn; the first radius; points until it would be 0


def table() -> str:
    """The file: a row a point, 1 for those of the first spiral, 0 for those of the second, which lie opposite."""
    lines = ["x,y,spiral"]
    for point in range(POINTS):
        angle, radius = 2 * pi * point / A_TURN, OUTSIDE * (INSIDE - point) / INSIDE
        x, y = round(radius * sin(angle), 5) + 0.0, round(radius * cos(angle), 5) + 0.0
        lines += [f"{x:.5f},{y:.5f},1", f"{0.0 - x:.5f},{0.0 - y:.5f},0"]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(table(), encoding="utf-8")
