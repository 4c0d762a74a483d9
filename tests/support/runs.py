"""Whole runs in this process: what they leave, and that stopping them changes nothing."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

import nnctl
from nnctl.model.checkpoint import read_checkpoint
from nnctl.training import trainer
from nnctl.training.observers.observer import Observer
from tests.support.command import checkpoints_of, rows_of


@dataclass(frozen=True)
class Ran:
    """rows: of metrics.jsonl, without times. last, best: the tensors of both checkpoints."""

    folder: Path
    report: dict[str, Any]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return rows_of(self.folder)

    @property
    def last(self) -> dict[str, NDArray[Any]]:
        return read_checkpoint(self.folder / "checkpoints" / "last.safetensors").tensors

    @property
    def best(self) -> dict[str, NDArray[Any]]:
        return read_checkpoint(self.folder / "checkpoints" / "best.safetensors").tensors


def ran(folder: Path, name: str, config: str, *overrides: str, threads: int = 1) -> Ran:
    """The run of a config's text, which is written into the folder, under a name."""
    file = folder / "config.yaml"
    file.write_text(config)
    return Ran(folder / name, nnctl.train(file, overrides, run=folder / name, threads=threads).report)


class _Interrupted(Observer):
    """Stops the run as Ctrl-C does, behind a step of an epoch; both count from 1."""

    def __init__(self, moment: tuple[int, int]) -> None:
        self._moment = moment

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        if (epoch, step) == self._moment:
            signal.raise_signal(signal.SIGINT)


def assert_resumes(
    folder: Path,
    moments: Sequence[tuple[int, int]],
    monkeypatch: pytest.MonkeyPatch,
    config: str,
    *overrides: str,
) -> Ran:
    """A run that is stopped behind each of these steps, (epoch, step in it), and resumed, ends in the bytes of one in
    one go, which is returned, and of one on two threads.
    """
    monkeypatch.setattr(trainer, "CHECK_INTERVAL", 0.0)  # signals are looked at behind every step
    whole = ran(folder, "whole", config, *overrides)
    pair = ran(folder, "pair", config, *overrides, threads=2)
    file, run = folder / "config.yaml", folder / "stopped"
    for number, moment in enumerate(moments):
        observers = [_Interrupted(moment)]
        stopped = nnctl.train(file, overrides, run=run, resume=number > 0, threads=1, observers=observers)
        assert stopped.signal == signal.SIGINT
    assert nnctl.train(file, overrides, run=run, resume=True, threads=1).report["stopped"] == "finished"
    for other in (run, pair.folder):
        assert rows_of(other) == whole.rows
        assert checkpoints_of(other) == checkpoints_of(whole.folder)
    return whole
