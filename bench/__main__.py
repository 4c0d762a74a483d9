"""`make bench`: products, training steps against PyTorch and JAX, start-up, memory, growth, reading, tables, searches.

Prints tables and writes bench/results/latest.json with the machine described. Timings are of this run on this
machine: compare them with each other, not with another day's.
"""

from __future__ import annotations

import json
import os
from typing import Any

from bench.machine import describe
from bench.options import read_options
from bench.parts import PARTS
from bench.wording import progress
from bench.workloads import WORKLOADS
from nnctl.cli import output
from nnctl.machine import available_cores


def main() -> None:
    options = read_options(tuple(PARTS), tuple(WORKLOADS))
    results: dict[str, Any] = {"machine": describe()}
    if results["machine"]["load_before"] > 0.2 * available_cores():
        progress(f"note: the machine is busy (load {results['machine']['load_before']:.2f}): the numbers will be too")
    console = output.stdout_console()
    for name in options.only:
        progress(f"measuring {name}")
        results[name] = PARTS[name].measure(options)
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(json.dumps(results, indent=2) + "\n")  # first: whoever reads stdout may be gone
        for table in PARTS[name].tables(results[name]):
            console.print(table)
    console.print(f"written to {os.path.relpath(options.output)}")


if __name__ == "__main__":
    main()
