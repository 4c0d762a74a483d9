"""All tests of kernels again, compiled for processors with fewer features than this machine's."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALL = ["kernels", "layers", "losses", "optimizers"]
PRODUCTS = [
    "kernels/cpu/test_matmul.py",
    "kernels/cpu/simd/test_transpose.py",
    "kernels/cpu/test_winograd.py",
    "layers/test_conv2d.py",
    "layers/test_max_pool2d.py",
    "layers/test_avg_pool2d.py",
]

# with vectors of half the length; then without fused multiply-adds, which leaves products and images to look at
OLDER = {"haswell": ("+avx2,+fma", ALL), "nehalem": ("-avx2,-fma", PRODUCTS)}


@pytest.mark.parametrize("name", OLDER if platform.machine() == "x86_64" else ["generic"])
def test_all_kernels_on_an_older_processor(name: str, tmp_path: Path) -> None:
    features, chosen = OLDER.get(name, ("", PRODUCTS))
    environment = {"NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features, "NNCTL_CACHE_DIR": str(tmp_path)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-k",
        "not older",
        *(f"tests/{part}" for part in chosen),
    ]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout
