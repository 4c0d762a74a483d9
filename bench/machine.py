"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.peers_venv import pinned
from nnctl.machine import available_cores, cpu_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("nnctl", "numpy", "numba", "llvmlite")
VECTOR_FEATURES = ("avx", "fma", "f16c", "amx", "sse4", "neon", "sve", "fp16")


def micro_architecture() -> str:
    """LLVM's name of the processor, such as `znver4`: clouds call many kinds of it by one name, such as AMD EPYC."""
    from llvmlite import binding

    name = binding.get_host_cpu_name()
    return re.sub(r"[^a-z0-9]+", "-", (name if name not in ("", "generic") else cpu_name()).lower()).strip("-")


def describe() -> dict[str, Any]:
    """Processor, system, load, versions and commit, as JSON values."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
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


def commit() -> str | None:
    """What was measured, with a + where nnctl/ has changes that are not committed; None outside a repository."""
    try:
        head = _git("rev-parse", "--short=10", "HEAD")
        return f"{head}+" if _git("status", "--porcelain", "--", "nnctl") else head
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
