"""`python -m bench.first_step CONFIG RUN`: trains until steps are first told of, says so, and leaves."""

from __future__ import annotations

import sys
from pathlib import Path

from nnctl.commands.train import train
from nnctl.training.observers.observer import Observer


class _FirstStep(Observer):
    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        print(step, flush=True)
        raise SystemExit


if __name__ == "__main__":
    train(sys.argv[1], run=Path(sys.argv[2]), observers=[_FirstStep()])
