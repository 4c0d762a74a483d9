"""The schedule that depends on what was measured: resumed, killed, with folds, in a sweep, and its mistakes."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from nnctl.schedules.reduce_on_plateau import ReduceOnPlateau
from tests.support.command import COMMAND, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.configs import SINE, problems_in
from tests.support.kills import SAVE_ALWAYS, killed_before

PLATEAU = "schedule: {type: reduce_on_plateau, factor: 0.7, patience: 1, threshold: 0.1, warmup: 1.5}\n"
CONFIG = f"name: sine\n{SINE}learning_rate: 0.02\nmetrics: [r2]\n{PLATEAU}"


def write(folder: Path, rest: str) -> Path:
    (folder / "run.yaml").write_text(CONFIG + rest)
    return folder / "runs" / "sine"


def assert_same(run: Path, other: Path) -> None:
    assert rows_of(run) == rows_of(other)
    assert checkpoints_of(run) == checkpoints_of(other)


def rates_of(run: Path) -> list[float]:
    return [row["learning_rate"] for row in rows_of(run)]


def test_a_run_in_parts_has_the_bits_of_one_go(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 12\n")
    first = report_of("train", "run.yaml", cwd=tmp_path)
    assert len(set(rates_of(run))) > 3
    reduced = [epoch for epoch, (a, b) in enumerate(zip(rates_of(run), rates_of(run)[1:], strict=False), 1) if a > b]
    (note,) = (text for text in first["notes"] if text.startswith("reduce_on_plateau"))
    epochs = ", ".join(map(str, reduced))
    assert note.endswith(f" {len(reduced)} times, from 2.0e-02 to {rates_of(run)[-1]:.1e}: after epochs {epochs}")
    again = report_of("train", "run.yaml", "epochs=25", "--resume", cwd=tmp_path)
    assert again["notes"][0] == "epochs is 25 now, was 12: the bits are those of a run with these settings in one go"
    whole = report_of("train", "run.yaml", "epochs=25", "--run", "whole", cwd=tmp_path)
    assert whole["notes"] == again["notes"][1:]
    assert_same(run, tmp_path / "whole")


def test_the_rates_follow_from_the_rows(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 20\n")
    report_of("train", "run.yaml", "schedule.monitor=val_r2", "schedule.warmup=0", cwd=tmp_path)
    tracker = ReduceOnPlateau(factor=0.7, patience=1, threshold=0.1).tracker()
    expected = []
    for row in rows_of(run):
        expected.append(0.02 * tracker.share)
        tracker.update(-row["val_r2"], row["epoch"])
    assert len(set(expected)) > 2
    np.testing.assert_array_equal(rates_of(run), expected)


def test_it_does_not_go_on_without_its_rows(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 4\n")
    report_of("train", "run.yaml", cwd=tmp_path)
    rows = (run / "metrics.jsonl").read_text().splitlines(keepends=True)
    (run / "metrics.jsonl").write_text("".join(rows[:1] + rows[3:]))
    before = checkpoints_of(run)
    refused = nnctl("train", "run.yaml", "epochs=6", "--resume", cwd=tmp_path)
    assert refused.returncode == 4
    assert "metrics.jsonl: has no val_loss of epochs 2, 3, from which reduce_on_plateau goes on" in refused.stderr
    assert checkpoints_of(run) == before
    assert "or go on with schedule=constant and a learning_rate of your choice" in refused.stderr
    settings = ("schedule=constant", "learning_rate=0.001", "epochs=6")
    assert report_of("train", "run.yaml", *settings, "--resume", cwd=tmp_path)["epochs"] == 6


def test_its_monitor_is_checked_before_the_training(tmp_path: Path) -> None:
    for settings, what, help in (
        (["schedule.monitor=val_rmse"], "is val_rmse, which is not measured", "did you mean val_r2?"),
        (
            ["schedule.monitor=val_loss", "monitor=loss", "data.validation=null"],
            "is val_loss, but there are no validation samples",
            "set data.validation: 0.1",
        ),
    ):
        (problem,) = problems_in(tmp_path, CONFIG, *settings)
        assert (problem.path, problem.what) == ("schedule.monitor", what)
        assert problem.help.startswith(help.split("?")[0])
    assert problems_in(tmp_path, CONFIG, "data.validation=null") == []  # then it is the loss


def test_a_misspelt_list_of_metrics_is_told_alone(tmp_path: Path) -> None:
    text = CONFIG.replace("metrics:", "metric:").replace("patience: 1", "monitor: val_r2")
    (problem,) = problems_in(tmp_path, text)
    assert problem.path == "metric"


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    write(tmp_path, "epochs: 40\n")
    report_of("train", "run.yaml", "--run", "whole", cwd=tmp_path)
    for moment in (("fsync", 9), ("replace", 27)):
        code = f"{SAVE_ALWAYS}\n{killed_before(moment)}\n{COMMAND[-1]}"
        command = [*COMMAND[:-1], code, "train", "run.yaml", "--run", "run", "--resume", "-q"]
        killed = subprocess.run(command, cwd=tmp_path, env=surroundings(), capture_output=True, timeout=60)
        assert killed.returncode == -signal.SIGKILL
    assert 0 < len(rows_of(tmp_path / "run")) < 40
    report_of("train", "run.yaml", "--run", "run", "--resume", cwd=tmp_path)
    assert_same(tmp_path / "run", tmp_path / "whole")


@pytest.mark.slow
def test_another_factor_before_the_first_reduction_has_the_bits_of_one_go(tmp_path: Path) -> None:
    run = write(tmp_path, "epochs: 3\n")
    report_of("train", "run.yaml", "learning_rate=0.001", cwd=tmp_path)
    assert len(set(rates_of(run)[2:])) == 1
    settings = ("learning_rate=0.001", "schedule.factor=0.25", "epochs=30")
    told = report_of("train", "run.yaml", *settings, "--resume", cwd=tmp_path)["notes"]
    assert "the bits are those of a run with these settings in one go" in told[0]
    report_of("train", "run.yaml", *settings, "--run", "whole", cwd=tmp_path)
    assert_same(run, tmp_path / "whole")
    told = report_of("train", "run.yaml", *settings[:1], "epochs=31", "--resume", cwd=tmp_path)["notes"]
    assert "schedule.factor is 0.7 now, was 0.25; a run with these settings in one go has other bits" in told[0]


@pytest.mark.slow
def test_each_fold_and_each_trial_has_its_own(tmp_path: Path) -> None:
    write(tmp_path, "epochs: 12\n")
    report_of("train", "run.yaml", "--folds", "2", "--run", "folds", cwd=tmp_path)
    rates = [rates_of(tmp_path / "folds" / f"fold-{number}") for number in (1, 2)]
    assert all(len(set(own)) > 2 for own in rates)
    assert rates[0] != rates[1]
    plateau = "{type: reduce_on_plateau, patience: 0, threshold: 0.1}"
    (tmp_path / "sweep.yaml").write_text(
        f"base: run.yaml\nparameters:\n  schedule: [one_cycle, {{type: cosine, period: 3}}, {plateau}]\n"
    )
    report = report_of("sweep", "sweep.yaml", "--run", "swept", cwd=tmp_path)
    assert [trial["status"] for trial in report["trials"]] == ["finished"] * 3
    for trial in report["trials"]:
        assert len(set(rates_of(tmp_path / trial["run"]))) > 2, json.dumps(trial)
