"""The peak as a contestant: `python -m bench.peak_worker THREADS` tells GFLOP/s of multiply-adds on registers."""

from __future__ import annotations

import sys

from bench.serve import asked, tell
from nnctl.commands.peak_gflops import peak_gflops

SECONDS = 0.03  # a turn


def main(threads: int) -> None:
    tell()
    while asked():
        tell(gflops=peak_gflops("float32", threads, SECONDS))


if __name__ == "__main__":
    main(int(sys.argv[1]))
