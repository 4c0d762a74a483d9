"""The answer of `nnctl train --find-lr`, and the chart of the losses that it was read off."""

from __future__ import annotations

import math
from typing import Any

from nnctl.cli import output

HEIGHT, WIDTH = 10, 6  # lines of the chart, and characters of a learning rate's column


def print_learning_rates(report: dict[str, Any], *, quiet: bool) -> None:
    """The chart, then a line to paste; quiet: the line alone."""
    if not quiet:
        console = output.stdout_console()
        passes = "" if report["epochs"] == 1 else f", {report['epochs']} times over"
        console.print(f"training loss after {report['steps']:,} steps ({report['samples']:,} samples{passes}):")
        for line in chart(report):
            console.print(line, markup=False, soft_wrap=True)
    print(f"learning_rate={report['learning_rate']:g}")


def chart(report: dict[str, Any]) -> list[str]:
    """The loss over the learning rate, both logarithmic: a column a rate, ◆ the answer, ▲ above the chart, × diverged.

    Where a loss is not above 0, its axis is linear.
    """
    points = {point["learning_rate"]: point["loss"] for point in report["curve"]}
    losses = [loss for loss in points.values() if loss is not None]
    lowest, top = min(losses), max(report["start"], min(losses))
    scale = math.log if lowest > 0 else float
    low, high = scale(lowest), scale(top)

    def line_of(loss: float | None) -> int:
        """From 0 at the top; the line above it is of what is larger."""
        if loss is None or loss > top * (1 + 1e-9):
            return -1
        return round((high - scale(loss)) / max(high - low, 1e-9) * (HEIGHT - 1))

    lines = []
    for number in range(-1, HEIGHT):
        label = {0: f"{top:.4g}", HEIGHT - 1: f"{lowest:.4g}"}.get(number, "")
        marks = [
            "◆" if rate == report["learning_rate"] else "●" if number >= 0 else "×" if loss is None else "▲"
            for rate, loss in points.items()
        ]
        cells = [mark if line_of(loss) == number else "" for mark, loss in zip(marks, points.values(), strict=True)]
        lines.append(f"{label:>9} │" + "".join(cell.center(WIDTH) for cell in cells).rstrip())
    axis = " " * 10 + "└" + "─" * (WIDTH * len(points))
    return [*lines, axis, " " * 11 + "".join(_short(rate).center(WIDTH) for rate in points).rstrip()]


def _short(rate: float) -> str:
    """`1e-4`, `0.03`, `10`."""
    return f"{rate:g}" if rate >= 0.01 else f"{rate:.0e}".replace("e-0", "e-")
