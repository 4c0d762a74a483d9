"""How much this machine can compute at most."""

from __future__ import annotations

from itertools import cycle
from time import perf_counter

SECONDS = 0.3  # of measuring
LOOPS = 250  # for each thread, some 15 us each
RUNS = (1, 6)  # times all loops: short enough to fall between other programs' turns; long beside the start of threads


def peak_gflops(dtype: str, threads: int, seconds: float = SECONDS) -> float:
    """GFLOP/s of multiply-adds on registers, the best of several short runs. dtype: float32 or float64.

    A multiply-add counts as two operations.
    """
    import numpy as np

    from nnctl.kernels.cpu import peak
    from nnctl.kernels.runtime.program import record
    from nnctl.kernels.runtime.workers import set_threads
    from nnctl.kernels.runtime.workers import threads as threads_now

    totals = np.zeros(LOOPS * threads, dtype)
    iterations = 50_000 // peak.SUMS
    with record() as program:
        peak.multiply_add(totals, 1.0, iterations)
    usual = threads_now()
    set_threads(threads)
    try:
        least, end = float("inf"), perf_counter() + seconds
        for steps in cycle(RUNS):
            began = perf_counter()
            if began > end:
                break
            program.run(steps)
            least = min(least, (perf_counter() - began) / steps)
    finally:
        set_threads(usual)
    return 2e-9 * totals.size * iterations * peak.multiply_adds(totals.itemsize) / least
