"""What is shown while a run trains, where nobody sees a bar move."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from nnctl.cli import output, progress
from nnctl.cli.progress import LineProgress, Notes, TerminalProgress, progress_for
from nnctl.commands.train import train
from nnctl.training.metrics_file import Row
from tests.cli.conftest import Told
from tests.support.command import CONFIGS


def row(epoch: int) -> Row:
    return {"epoch": epoch, "loss": 1 / epoch, "seconds": 0.1, "samples_per_second": 1000.0}


def test_which_one_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "is_terminal", lambda: False)
    assert [type(each) for each in progress_for(quiet=False)] == [LineProgress]
    assert [type(each) for each in progress_for(quiet=True)] == [Notes]
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    assert [type(each) for each in progress_for(quiet=False)] == [TerminalProgress]


def test_three_thousand_quick_epochs_are_a_few_lines(told: Told) -> None:
    lines = LineProgress(count(0.0, 0.001).__next__)
    for epoch in range(1, 3_001):
        lines.stepped(epoch, 1, 32, 0.5)
        lines.finished_epoch(row(epoch), True)
    lines.finished()
    assert told()[0].startswith("epoch 1/")
    assert told()[-1].startswith("epoch 3000/")
    assert len(told()) < 10


def test_slow_epochs_have_a_line_each(told: Told) -> None:
    lines = LineProgress(count(0.0, 10.0).__next__)
    for epoch in range(1, 6):
        lines.finished_epoch(row(epoch), epoch == 3)
    lines.finished()
    assert [line.split("/")[0] for line in told()] == [f"epoch {epoch}" for epoch in range(1, 6)]
    assert "(best)" in told()[2]


@pytest.mark.slow
def test_the_last_line_is_that_of_the_last_epoch_however_it_ends(tmp_path: Path, told: Told) -> None:
    lines = LineProgress(lambda: 0.0)
    early = ["epochs=50", "early_stopping={patience: 2, min_delta: 10.0}"]
    report = train(CONFIGS / "xor.yaml", early, run=tmp_path / "run", observers=[lines]).report
    assert report["stopped"] == "early"
    epochs = [line for line in told() if line.startswith("epoch")]
    assert [line.partition(":")[0] for line in epochs] == ["epoch 1/50", f"epoch {report['epochs']}/50"]


@pytest.mark.parametrize("kept", [True, False])
def test_compiling_is_said_once_and_truly(told: Told, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    monkeypatch.setattr("nnctl.kernels.compiler.cache.keeps", lambda folder: kept)
    lines = LineProgress()
    for number in range(3):
        lines.compiling(number)
    assert told() == [f"compiling kernels ({'once on this machine' if kept else 'for this command alone'})"]
    assert progress.compiling_kernels() == told()[0]
