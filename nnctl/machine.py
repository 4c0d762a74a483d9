"""The processor, and how much of it this process may use."""

from __future__ import annotations

import os
import platform
from pathlib import Path


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
    """Cores whose time the control group grants, rounded up; None where there is no limit."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, -(-int(quota) // int(period)))
    except (OSError, ValueError):
        return None


def available_cores() -> int:
    """Cores that this process can use at a time."""
    return min(allowed_cores(), granted_cores() or installed_cores())


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
