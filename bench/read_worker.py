"""`python -m bench.read_worker FILE`: nnctl reads a CSV file."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import nnctl.kernels.kernel  # noqa: F401  # imports are not counted
from bench.serve import peak_bytes
from nnctl.data.table.delimited import read_delimited


def main(path: Path) -> None:
    began = perf_counter()
    read_delimited(path)
    print(json.dumps({"seconds": perf_counter() - began, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
