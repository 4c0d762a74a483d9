"""nnctl as a contestant: `python -m bench.nnctl_worker FOLDER` trains the folder's config, an epoch when asked."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.serve import answer, wanted
from nnctl.commands.train import train
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer


class NothingMoreWantedError(Exception):
    """Ends the run."""


class _Worker(Observer):
    """Tells about each epoch, and holds the run until the next one is asked for."""

    def __init__(self) -> None:
        self._steps = 0

    def finished_epoch(self, row: Row, best: bool) -> None:
        answer(row["seconds"], row["step"] - self._steps, row["loss"])
        self._steps = row["step"]
        if not wanted():
            raise NothingMoreWantedError


def main(folder: Path) -> None:
    try:
        train(folder / "config.yaml", run=folder / "run", observers=[_Worker()])
    except NothingMoreWantedError:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
