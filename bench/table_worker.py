"""`python -m bench.table_worker FOLDER`: nnctl reads the folder's table, prepares it and trains for an epoch."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter

import nnctl.kernels.kernel  # noqa: F401  # imports are not counted
from bench.serve import peak_bytes
from nnctl.commands.train import train
from nnctl.config.load import load_config
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer, Run


class _Clock(Observer):
    """When the data was ready, and how long the epoch took."""

    ready = epoch = 0.0

    def started(self, run: Run) -> None:
        self.ready = perf_counter()

    def finished_epoch(self, row: Row, best: bool) -> None:
        self.epoch = row["seconds"]


def main(folder: Path) -> None:
    source = load_config(folder / "config.yaml").config.data
    began = perf_counter()
    source.read(Path(source.source))
    read, read_peak = perf_counter() - began, peak_bytes()
    clock, began = _Clock(), perf_counter()
    train(folder / "config.yaml", run=folder / "run", observers=[clock])  # which reads it again
    preprocess = clock.ready - began - read
    seconds = {"read": read, "preprocess": preprocess, "epoch": clock.epoch}
    print(json.dumps({**seconds, "read_peak_bytes": read_peak, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
