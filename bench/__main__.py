"""`make bench`: start-up times of the command, and whole training steps of the example configs.

Prints tables and writes bench/results/latest.json with the machine described. Timings are of this run on this
machine: compare them with each other, not with another day's.
"""

from __future__ import annotations

import json
import platform
from pathlib import Path

from bench.startup import startup_times
from bench.steps import step_times
from nnctl import __version__
from nnctl.cli import output
from nnctl.kernels import jit

RESULTS = Path(__file__).with_name("results") / "latest.json"


def main() -> None:
    console = output.stdout_console()
    startup = startup_times()
    table = output.table("command, caches warm", "median", "least", right=("median", "least"))
    for name, times in startup.items():
        table.add_row(name, *(f"{times[key]:.3f} s" for key in ("median", "least")))
    console.print(table)

    steps = step_times()
    columns = ("parameters", "batch", "median", "least", "samples/s")
    table = output.table("a training step", *columns, right=columns)
    for name, row in steps.items():
        times = [f"{row[key] * 1e6:,.0f} us" for key in ("median", "least")]
        table.add_row(name, f"{row['parameters']:,}", str(row["batch"]), *times, f"{row['batch'] / row['median']:,.0f}")
    console.print(table)

    machine = {"platform": platform.platform(), "python": platform.python_version(), "threads": jit.available_threads()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(
        json.dumps({"version": __version__, "machine": machine, "startup": startup, "steps": steps}, indent=2) + "\n"
    )
    console.print(f"written to {RESULTS.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
