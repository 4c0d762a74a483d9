"""How a contestant is told what to do: a line on stdin asks, for an epoch or a product, one of JSON on stdout answers.

Nothing is done, and no processor time spent, between an answer and the next line. Only the standard library is used,
since the peers' own environment imports it too.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path
from time import perf_counter, process_time

WAKING = 0.02  # seconds

_waited = [0.0, 1e-9]  # processor seconds spent, seconds passed, while this process waited


def asked() -> str:
    """Wait for what is asked for next; nothing when nothing more ever will be."""
    spent, began = process_time(), perf_counter()
    line = sys.stdin.readline().strip()
    _waited[0] += process_time() - spent
    _waited[1] += perf_counter() - began
    return line


def wanted() -> bool:
    """Wait until one more epoch is asked for; false when none ever will be.

    A core that has slept is slow for some milliseconds, which are a whole epoch of a tiny network: it is kept busy
    before the clock is looked at, for whoever is asked.
    """
    more = asked() == "epoch"
    awake = perf_counter() + WAKING
    while perf_counter() < awake:
        pass
    return more


def answer(seconds: float, steps: int, loss: float, **more: object) -> None:
    """Tell about the epoch that is done. seconds: it took; steps: it had; loss: its mean."""
    tell(step_seconds=seconds / steps, loss=loss, peak_bytes=peak_bytes(), **more)


def tell(**what: object) -> None:
    """Answer, and say what of the processor was taken."""
    own = {"idle_cpu": _waited[0] / _waited[1], "cpu_seconds": process_time()}  # of one processor; since it started
    print(json.dumps({**what, **own}), flush=True)


def peak_bytes() -> int:
    """The most memory that this process ever had. A parent's peak counts in ru_maxrss, so Linux is asked elsewhere."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
