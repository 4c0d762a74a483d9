"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.peers_venv import pinned

PACKAGES = ("nnctl", "numpy", "numba", "llvmlite")
VECTOR_FEATURES = ("avx", "fma", "f16c", "amx", "sse4", "neon", "sve", "fp16")


def cores() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def describe() -> dict[str, Any]:
    """Processor, system, load and versions, as JSON values."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": cpu_name(),
        "cores": cores(),
        "features": vector_features(),
        "platform": platform.platform(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        "peers": pinned(),
    }


def cpu_name() -> str:
    """The processor as it calls itself."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def vector_features() -> list[str]:
    """Names of the processor's vector features."""
    from llvmlite import binding

    features = dict(binding.get_host_cpu_features())
    return sorted(name for name, there in features.items() if there and name.startswith(VECTOR_FEATURES))
