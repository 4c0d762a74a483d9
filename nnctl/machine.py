"""The processor, and how much of it this process may use."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path

from nnctl import control_group, macos


def cpu_name() -> str:
    """The processor as it calls itself."""
    return macos.cpu_name() or _name_in(_cpuinfo()) or platform.processor() or platform.machine()


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


def efficiency_cores() -> int:
    """Cores of the machine that are made to save power: a step would wait for them. Known on macOS alone."""
    return macos.efficiency_cores()


def available_cores() -> int:
    """Cores that this process can use at a time: the least of all limits, without efficiency cores."""
    job, fast = job_cores(), max(1, installed_cores() - efficiency_cores())
    return min(allowed_cores(), fast, granted_cores() or fast, job[0] if job else fast)


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


def _cpuinfo() -> str:
    try:
        return Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return ""


def _name_in(cpuinfo: str) -> str:
    """The processor's name; on Arm, where Linux tells none, the numbers of its maker and of its design."""
    lines = [line.partition(":") for line in cpuinfo.splitlines()]
    fields = {name.strip(): value.strip() for name, _, value in lines}
    if "model name" not in fields and "CPU part" in fields:
        return f"{platform.machine()}, implementer {fields.get('CPU implementer')}, part {fields['CPU part']}"
    return fields.get("model name", "")
