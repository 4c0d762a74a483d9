"""`make bench`: products, training steps and predictions against others, start-up, memory, growth, tables, searches.

Prints tables, and keeps the results in bench/results/<cpu>.json, where parts that are not measured now stay as they
are. Timings are of this run on this machine: compare them with each other, not with another day's.
"""

from __future__ import annotations

import os

from bench.conditions import LEVELS, named
from bench.machine import describe
from bench.options import read_options
from bench.parts import PARTS
from bench.results_file import AnotherMachineError, keep, parts_of_this_machine
from bench.wording import progress
from bench.workloads import WORKLOADS
from nnctl.cli import output
from nnctl.machine import available_cores


def main() -> None:
    options = read_options({name: part.conditions for name, part in PARTS.items()}, tuple(WORKLOADS))
    if options.output is not None:
        try:
            parts_of_this_machine(options.output)
        except AnotherMachineError as error:  # better told now than after minutes
            raise SystemExit(f"error: {error}; give another --output") from None
    if (load := os.getloadavg()[0]) > 0.2 * available_cores():
        progress(f"note: the machine is busy (load {load:.2f}): the numbers will be too")
    os.environ.update(LEVELS[options.level] if options.level else {})
    console = output.stdout_console()
    for name in options.only:
        part, machine = named(name, options.conditions), describe()
        progress(f"measuring {part}")
        results = PARTS[name].measure(options)
        if options.output is not None:
            keep(options.output, part, machine, results)  # first: whoever reads stdout may be gone
        for table in PARTS[name].tables(results):
            console.print(table)
    console.print(f"written to {os.path.relpath(options.output)}" if options.output else "not kept: see --output")


if __name__ == "__main__":
    main()
