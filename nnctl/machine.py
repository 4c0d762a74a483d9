"""The processor, and how much of it this process may use."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path

from nnctl import control_group


def cpu_name() -> str:
    """The processor as it calls itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def installed_cores() -> int:
    """Cores of the machine, hyper-threads among them."""
    return os.cpu_count() or 1


def allowed_cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else installed_cores()


def granted_cores() -> int | None:
    """Cores whose time the control groups grant, rounded up; None where there is no limit."""
    limit = control_group.cpu_limit()
    return None if limit is None else max(1, math.ceil(limit.amount))


SLURM = ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE")  # the first one that is set


def job_cores() -> tuple[int, str] | None:
    """Cores that Slurm gives this process, and the variable that says so; None where it is in no job of Slurm."""
    for name in SLURM:
        text = os.environ.get(name, "")
        if text.isdecimal() and len(text) < 10 and int(text):
            return int(text), name
    return None


def available_cores() -> int:
    """Cores that this process can use at a time: the least of all limits."""
    job = job_cores()
    return min(allowed_cores(), granted_cores() or installed_cores(), job[0] if job else installed_cores())


def separate_cores() -> int:
    """Of the available cores those that are no hyper-threads of another."""
    siblings = set()
    for core in os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else ():
        try:
            siblings.add(Path(f"/sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list").read_text())
        except OSError:
            return available_cores()
    return min(available_cores(), len(siblings) or available_cores())


def load() -> float | None:
    """Cores of the machine that were busy in the last minute, on average; None where nobody counts."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None
