"""The rate that shares are told of."""

from __future__ import annotations

import subprocess
import sys


def gflops(threads: int) -> float:
    """GFLOP/s in float32 of multiply-adds on registers alone, on this many threads.

    In a process of its own: once Numba is imported, the kernel cache stands in the environment for all that follow.
    """
    program = f"from nnctl.commands.peak_gflops import peak_gflops; print(peak_gflops('float32', {threads}))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return float(done.stdout)
