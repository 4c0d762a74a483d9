"""What macOS tells of its machine, by programs that it ships. Nothing on other systems."""

from __future__ import annotations

import functools
import re
import sys

SYSCTL = "/usr/sbin/sysctl"
VM_STAT = "/usr/bin/vm_stat"
BRAND = "machdep.cpu.brand_string"
LEVELS = 4  # of performance, more than any machine has
# those that a machine does not have come last: sysctl may end at the first unknown one
VARIABLES = (BRAND, *(f"hw.perflevel{level}.{what}" for level in range(LEVELS) for what in ("name", "logicalcpu")))
AVAILABLE = ("free", "inactive", "speculative")  # pages that a process may get without any being written to disk first


def cpu_name() -> str:
    """The processor as it calls itself; empty where nobody tells."""
    return _variables().get(BRAND, "")


def efficiency_cores() -> int:
    """Cores of the machine that are made to save power."""
    found = _variables()
    levels = [level for level in range(LEVELS) if found.get(f"hw.perflevel{level}.name") == "Efficiency"]
    return sum(int(found.get(f"hw.perflevel{level}.logicalcpu", 0)) for level in levels)


def free_memory() -> int | None:
    """Bytes that a process may take; None where nobody tells."""
    text = _printed(VM_STAT)
    page = re.search(r"page size of (\d+) bytes", text)
    pages = dict(re.findall(r"^Pages (\w+): +(\d+)\.$", text, re.MULTILINE))
    return int(page[1]) * sum(int(pages.get(kind, 0)) for kind in AVAILABLE) if page else None


@functools.cache
def _variables() -> dict[str, str]:
    lines = (line.partition(": ") for line in _printed(SYSCTL, *VARIABLES).splitlines())
    return {name: value for name, _, value in lines}


def _printed(*command: str) -> str:
    """What a program writes to stdout; empty where it cannot be run."""
    if sys.platform != "darwin":
        return ""
    import subprocess

    try:
        return subprocess.run(command, capture_output=True, text=True, errors="replace").stdout
    except OSError:
        return ""
