"""`python -m bench.peers.read_worker pandas|pyarrow FILE`: one of these reads a CSV file."""

from __future__ import annotations

import json
import sys
from time import perf_counter

from bench.serve import peak_bytes


def main(library: str, path: str) -> None:
    if library == "pandas":
        import pandas as pd

        read = pd.read_csv
    else:
        from pyarrow import csv

        read = csv.read_csv
    began = perf_counter()
    read(path)
    print(json.dumps({"seconds": perf_counter() - began, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
