"""What `nnctl diagnose` prints: the losses by epoch, the layers, and what is wrong."""

from __future__ import annotations

import math
import shlex
from typing import TYPE_CHECKING, Any

from nnctl.cli import output
from nnctl.cli.chart import chart
from nnctl.text import counted

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 24  # of the bars of gradients
HOW = {
    "finished": "finished", "early": "stopped early", "pruned": "pruned", "failed": "failed", "diverged": "diverged",
    "unfinished": "not finished",
}  # fmt: skip


def print_diagnoses(report: dict[str, Any]) -> None:
    """report: as `--json` prints it."""
    best = f", best epoch {report['best_epoch']}" if report["best_epoch"] else ""
    print(f"{report['run']}: {HOW[report['status']]} after {counted(report['epochs'], 'epoch')}{best}")
    if lines := chart(report["losses"], "epoch"):
        print("", *lines, sep="\n")
    if report["layers"]:
        output.stdout_console().print(_layers(report["layers"]))
    if not report["diagnoses"]:
        print("nothing is wrong")
    for finding in report["diagnoses"]:
        print(f"- {finding['what']}")
        tried = [f"try {shlex.join(finding['remedy'])}"] if finding["remedy"] else []
        advised = [f"{'or ' if tried else ''}{finding['advice']}"] if finding["advice"] else []
        for text in (*tried, *advised):
            print(f"  {text}")


def _layers(layers: list[dict[str, Any]]) -> Table:
    """A row a layer that trains or is activated; of gradients also a bar, as long as their logarithm is large."""
    from rich.markup import escape

    shown = [layer for layer in layers if "gradient" in layer or "stuck" in layer]
    sizes = [layer["gradient"] for layer in shown if layer.get("gradient")]
    titles = ("gradient", "update", "outputs", "at a limit")
    table = output.table("layer", "type", "gradient", "", *titles[1:], right=titles)
    for layer in shown:
        stuck = layer.get("saturated", layer.get("stuck"))
        cells = [_number(layer.get(key)) for key in ("gradient", "update", "outputs")]
        bar = _bar(layer.get("gradient"), sizes)
        limit = "" if stuck is None else f"{stuck:.0%}"
        table.add_row(escape(layer["name"]), layer["type"], cells[0], bar, *cells[1:], limit)
    return table


def _bar(value: float | None, sizes: list[float]) -> str:
    """From the largest gradient downwards, a tenth of the size is as much shorter in each table."""
    if not value:
        return ""
    decades = max(3.0, math.log10(max(sizes) / min(sizes)))
    return "█" * max(1, round(WIDTH * (1 - math.log10(max(sizes) / value) / (decades + 1))))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"
