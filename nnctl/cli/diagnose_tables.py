"""What `nnctl diagnose` prints: the losses by epoch, the layers, and what is wrong."""

from __future__ import annotations

import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnctl.cli import output
from nnctl.cli.chart import chart
from nnctl.text import counted

if TYPE_CHECKING:
    from rich.table import Table

WIDTH = 12  # of the bars of gradients
MANY = 0.25  # of a layer's outputs
ACTIVATION = ".activation"  # behind a layer's name
HOW = {
    "finished": "finished", "early": "stopped early", "pruned": "pruned", "failed": "failed", "diverged": "diverged",
    "unfinished": "not finished",
}  # fmt: skip


def print_diagnoses(report: dict[str, Any]) -> None:
    """report: as `--json` prints it. Layers are shown where something is wrong with some."""
    best = f", best epoch {report['best_epoch']}" if report["best_epoch"] else ""
    print(f"{report['run']}: {HOW[report['status']]} after {counted(report['epochs'], 'epoch')}{best}")
    if lines := chart(report["losses"], "epoch"):
        print("", *lines, sep="\n")
    names = {layer["name"] for layer in report["layers"]}
    if any(not names.isdisjoint(finding["where"]) for finding in report["diagnoses"]):
        output.stdout_console().print(_layers(report["layers"]))
    else:
        print()
    if not report["diagnoses"]:
        print("nothing is wrong")
    for finding in report["diagnoses"]:
        print(f"- {finding['what']}")
        tried = [f"try {shlex.join(finding['remedy'])}"] if finding["remedy"] else []
        advised = [f"{'or ' if tried else ''}{finding['advice']}"] if finding["advice"] else []
        for text in (*tried, *advised):
            print(f"  {text}")
    if remedy := next((finding["remedy"] for finding in report["diagnoses"] if finding["remedy"]), None):
        config = shlex.quote(str(Path(report["run"], "config.yaml")))
        print(f"\nto try it: nnctl train {config} {shlex.join(remedy)}")


def _layers(layers: list[dict[str, Any]]) -> Table:
    """A row a layer that trains, with its activation; of gradients also a bar, as long as their logarithm is large.

    The last column is what tells more: how large outputs are, or how many are at a limit, where many are.
    """
    from rich.markup import escape

    shown = {layer["name"]: layer for layer in layers if "gradient" in layer or "stuck" in layer}
    sizes = [layer["gradient"] for layer in shown.values() if layer.get("gradient")]
    last = "at a limit" if any(_at_a_limit(layer) > MANY for layer in shown.values()) else "outputs"
    table = output.table("layer", "type", "gradient", "", last, right=("gradient", last))
    for name, layer in shown.items():
        if name.endswith(ACTIVATION) and name.removesuffix(ACTIVATION) in shown:
            continue
        own = shown.get(name + ACTIVATION, layer)
        kinds = layer["type"] if own is layer else f"{layer['type']}, {own['type']}"
        limit = f"{_at_a_limit(own):.0%}" if "stuck" in own else ""
        number = limit if last == "at a limit" else _number(own.get("outputs"))
        table.add_row(escape(name), kinds, _number(layer.get("gradient")), _bar(layer.get("gradient"), sizes), number)
    return table


def _at_a_limit(layer: dict[str, Any]) -> float:
    """The share of outputs at an end of the range, or of units that are 0 for all samples."""
    return float(layer.get("saturated", layer.get("stuck")) or 0.0)


def _bar(value: float | None, sizes: list[float]) -> str:
    """From the largest gradient downwards, a tenth of the size is as much shorter in each table."""
    if not value:
        return ""
    decades = max(3.0, math.log10(max(sizes) / min(sizes)))
    return "█" * max(1, round(WIDTH * (1 - math.log10(max(sizes) / value) / (decades + 1))))


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2g}"
