"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from bench.peers_venv import pinned
from nnctl.machine import available_cores, cpu_name

PACKAGES = ("nnctl", "numpy", "numba", "llvmlite")
VECTOR_FEATURES = ("avx", "fma", "f16c", "amx", "sse4", "neon", "sve", "fp16")


def describe() -> dict[str, Any]:
    """Processor, system, load and versions, as JSON values."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": cpu_name(),
        "cores": available_cores(),
        "features": vector_features(),
        "platform": platform.platform(),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        "peers": pinned(),
    }


def vector_features() -> list[str]:
    """Names of the processor's vector features."""
    from llvmlite import binding

    features = dict(binding.get_host_cpu_features())
    return sorted(name for name, there in features.items() if there and name.startswith(VECTOR_FEATURES))
