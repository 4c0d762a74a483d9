"""Every example config, stopped between two steps and resumed, ends with the bytes of a run in one go."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

import nnctl
from nnctl.training import trainer
from nnctl.training.observers.observer import Observer
from tests.support.command import RUN_CONFIGS, checkpoints_of, rows_of
from tests.support.examples import by_speed, shortened

EPOCHS = 2


class Interrupted(Observer):
    """Stops the run as Ctrl-C does, behind a step of an epoch; both count from 1."""

    def __init__(self, epoch: int, step: int) -> None:
        self._moment = epoch, step

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        if (epoch, step) == self._moment:
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("example", by_speed(RUN_CONFIGS))
def test_stopped_and_resumed(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its two epochs, and again in the middle of the second."""
    run, whole, overrides = tmp_path / "run", tmp_path / "whole", shortened(example, tmp_path, EPOCHS)
    report = nnctl.train(example, overrides, run=whole).report
    steps = report["steps"] // report["epochs"]
    monkeypatch.setattr(trainer, "CHECK_INTERVAL", 0.0)  # signals are looked at behind every step
    for epoch, step in ((1, steps), (2, steps // 2)):
        if step:  # an epoch of one step has no middle
            interrupted = nnctl.train(
                example, overrides, run=run, resume=epoch > 1, observers=[Interrupted(epoch, step)]
            )
            assert interrupted.signal == signal.SIGINT
            assert interrupted.report["steps"] == (epoch - 1) * steps + step
    assert nnctl.train(example, overrides, run=run, resume=True).report["stopped"] == "finished"
    assert rows_of(run) == rows_of(whole)
    assert checkpoints_of(run) == checkpoints_of(whole)
