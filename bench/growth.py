"""How a step's time grows while the batch, the width or the depth of a network over a table doubles."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.contestant import Contestant
from bench.data import write_nnctl
from bench.options import Options
from bench.wording import microseconds, progress
from bench.workloads import Workload, table
from nnctl.cli import output

if TYPE_CHECKING:
    from rich.table import Table

STEPS = 128  # an epoch
EPOCHS = 5
BATCH = 32


def _doubled(first: int, last: int) -> list[int]:
    return [first << shift for shift in range((last // first).bit_length())]


def _with_batch(size: int) -> Workload:
    return table(size, samples=size * STEPS)


def _with_width(size: int) -> Workload:
    return table(BATCH, (size, size), BATCH * STEPS)


def _with_depth(size: int) -> Workload:
    return table(BATCH, (64,) * size, BATCH * STEPS)


SERIES: dict[str, tuple[list[int], Callable[[int], Workload]]] = {
    "batch": (_doubled(16, 512), _with_batch),
    "width": (_doubled(32, 1024), _with_width),
    "depth": (_doubled(1, 32), _with_depth),
}


def growth(options: Options) -> dict[str, list[dict[str, float]]]:
    """For each series its points: `size`, `step_seconds` (the median epoch's), `gflops`."""
    measured: dict[str, list[dict[str, float]]] = {}
    for name, (sizes, workload) in SERIES.items():
        measured[name] = [_point(size, workload(size), options.rounds or EPOCHS) for size in sizes]
        progress(f"{name}: {', '.join(microseconds(point['step_seconds']) for point in measured[name])} us")
    return measured


def growth_tables(measured: dict[str, Any]) -> list[Table]:
    """One table a series."""
    return [_table(name, points) for name, points in measured.items()]


def _table(name: str, points: list[dict[str, float]]) -> Table:
    columns = ("us a step", "times the one before", "GFLOP/s")
    table = output.table(name, *columns, right=(name, *columns))
    before = None
    for point in points:
        seconds = point["step_seconds"]
        ratio = f"{seconds / before:.2f}" if before else ""
        table.add_row(f"{point['size']:,}", microseconds(seconds), ratio, f"{point['gflops']:,.1f}")
        before = seconds
    return table


def _point(size: int, workload: Workload, epochs: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        write_nnctl(Path(name), workload)
        with Contestant("nnctl", [sys.executable, "-m", "bench.nnctl_worker", name]) as nnctl:
            nnctl.warmed_up()
            seconds = median(nnctl.epoch()["step_seconds"] for _ in range(epochs))
    return {"size": size, "step_seconds": seconds, "gflops": 2 * workload.step_multiply_adds / seconds / 1e9}
