"""The rate that shares are told of."""

from __future__ import annotations

import os
import subprocess
import sys

PRODUCT = """
from time import perf_counter
import numpy as np
a = np.ones((512, 512), np.float32)
out = np.empty_like(a)
best = 1e9
for _ in range(300):
    began = perf_counter()
    np.matmul(a, a, out=out)
    best = min(best, perf_counter() - began)
print(2 * 512**3 / best / 1e9)
"""


def gflops(threads: int) -> float:
    """GFLOP/s in float32 of the best of many 512 x 512 x 512 products on this many threads."""
    variables = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    environment = os.environ | dict.fromkeys(variables, str(threads))
    done = subprocess.run([sys.executable, "-c", PRODUCT], env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout)
