"""A process that keeps one core busy, as another program of the machine would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SPIN = """
import os, sys
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
parent = os.getppid()
print(flush=True)
while os.getppid() == parent:  # it ends with the bench, however that ends
    for _ in range(100_000):
        pass
"""


@contextmanager
def busy_core(wanted: bool) -> Iterator[Callable[[], float]]:
    """Keep the last core busy meanwhile, where it is wanted. Gives what tells the processor seconds that this took."""
    if not wanted:
        yield lambda: 0.0
        return
    with subprocess.Popen([sys.executable, "-c", SPIN], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield lambda: _processor_seconds(process.pid)
        finally:
            process.kill()


def _processor_seconds(pid: int) -> float:
    """0 where the system is not Linux, which does not tell what others take either."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    user, system = fields[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
