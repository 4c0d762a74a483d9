"""Seconds of whole training steps: batch, forward, loss, backward, update."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from nnctl.config.load import load_config
from nnctl.kernels import cpu
from nnctl.preparation import prepare
from nnctl.training.observer import Observer
from nnctl.training.run_folder import RunFolder
from nnctl.training.stop_signal import StopSignal
from nnctl.training.trainer import Trainer

CONFIGS = Path(__file__).parents[1] / "configs"
EXAMPLES = ("xor", "function", "mnist_mlp", "mnist_cnn")


class _Stopwatch(Observer):
    """Notes when each step is done."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        self.times.append(perf_counter())


def step_times() -> dict[str, dict[str, Any]]:
    """For each example the median and the least seconds of a step, over two epochs or 500 steps."""
    return {name: _times(name) for name in EXAMPLES}


def _times(name: str) -> dict[str, Any]:
    prepared = prepare(
        load_config(CONFIGS / f"{name}.yaml", ["epochs=2" if name.startswith("mnist") else "epochs=500"])
    )
    watch = _Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder(Path(folder) / name)
        trainer = Trainer(prepared, run, cpu, watch)
        trainer.warm_up()
        trainer.run(StopSignal())
        run.close()
    steps = [after - before for before, after in zip(watch.times, watch.times[1:], strict=False)]
    return {
        "parameters": prepared.plan.parameters,
        "batch": prepared.config.batch_size,
        "median": median(steps),
        "least": min(steps),
    }
