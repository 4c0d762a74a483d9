"""Samples per second are of the samples that were trained on, whatever batches they come in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnctl.commands.train import train
from nnctl.training.metrics_file import Row
from nnctl.training.observers.observer import Observer, Run
from tests.support.command import DATA, report_of

REST = "layers: [{type: linear, out_features: 1}]\nloss: mse\n"


def config(folder: Path, samples: int) -> Path:
    rows = (DATA / "function" / "sine.csv").read_text().splitlines()[: 1 + samples]
    (folder / "sine.csv").write_text("\n".join(rows) + "\n")
    (folder / "run.yaml").write_text(f"data: {{source: sine.csv, target: y}}\n{REST}")
    return folder / "run.yaml"


class Seen(Observer):
    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.samples = 0

    def started(self, run: Run) -> None:
        self.samples = 0

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        self.samples += samples

    def finished_epoch(self, row: Row, best: bool) -> None:
        self.rows.append(row)


@pytest.mark.parametrize(
    ("samples", "batch_size", "drop_last", "trained"),
    [(65, 64, "false", 65), (65, 64, "true", 64), (64, 64, "false", 64), (33, 32, "false", 33), (10, 3, "false", 10)],
)
def test_they_are_those_of_an_epoch(
    tmp_path: Path, samples: int, batch_size: int, drop_last: str, trained: int
) -> None:
    seen = Seen()
    settings = [f"batch_size={batch_size}", f"data.drop_last={drop_last}", "epochs=3"]
    report = train(config(tmp_path, samples), settings, run=tmp_path / "run", observers=[seen]).report
    assert seen.samples == 3 * trained
    for row in seen.rows:
        assert row["samples_per_second"] * row["seconds"] == pytest.approx(trained, rel=0.02)
    # seconds of the whole are rounded to milliseconds, and hold more than the steps
    assert report["samples_per_second"] * report["seconds"]["train"] == pytest.approx(3 * trained, rel=0.3)


def test_they_are_those_of_an_epoch_by_command(tmp_path: Path) -> None:
    """65 samples in batches of 64: not 128."""
    config(tmp_path, 65)
    report_of("train", "run.yaml", "batch_size=64", "epochs=2", "--run", "run", cwd=tmp_path)
    for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines():
        row = json.loads(line)
        assert row["samples_per_second"] * row["seconds"] == pytest.approx(65, rel=0.02)
