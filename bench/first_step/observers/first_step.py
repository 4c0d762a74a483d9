"""Says on stdout that steps are done, and ends the run."""

from __future__ import annotations

from nnctl.training.observers.observer import Observer


class FirstStep(Observer):
    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        print(step, flush=True)
        raise SystemExit
