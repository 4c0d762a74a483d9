"""A run whose network grows, or is pruned, and which is killed over and over, ends with the bytes of one left alone."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.commands.test_resume import assert_same, preceded, start
from tests.support.command import nnctl, report_of, rows_of
from tests.support.configs import SINE
from tests.support.kills import SAVE_ALWAYS, killed_before

COMMON = f"name: changing\nseed: 5\n{SINE}learning_rate: 0.01\nschedule: {{type: cosine, warmup: 2}}\nepochs: 36\n"
CONFIGS = {
    "grows": COMMON + "dynamics: [{type: widen, layer: layers.0, by: 3, limit: 50, every: 3}]\n",
    "is pruned": COMMON
    + "dynamics: [{type: prune, keep: 0.2, every: 4, begin: 5, end: 30},"
    + " {type: disable, share: 0.5, at: [31], epochs: 2, by: effect}]\n",
}
INSIDE = ("change", 1)  # the process is killed when its first change is half made
# a process that is killed before the call of so large a number has made some epochs
MOMENTS = [INSIDE, ("replace", 9)]
ENDS = [("replace", 7), ("fsync", 14), ("replace", 6), ("fsync", 9)]
MANY_MOMENTS = [*ENDS, INSIDE, ("fsync", 16), ("change", 2), *ENDS[:2], ("replace", 11)]


def killed_at(moment: tuple[str, int]) -> str:
    function, number = moment
    if function != "change":
        return killed_before(moment)
    return f"""
import os
import nnctl.training.changed_run as made
def counted(structure, usual=made.tensors_of, calls=iter(range(1, 1_000_000))):
    if next(calls) == {number}:
        os.kill(os.getpid(), {int(signal.SIGKILL)})
    return usual(structure)
made.tensors_of = counted
"""


@pytest.mark.parametrize(
    ("name", "moments"),
    [
        ("grows", MOMENTS),
        pytest.param("grows", MANY_MOMENTS, marks=pytest.mark.slow),
        pytest.param("is pruned", MANY_MOMENTS, marks=pytest.mark.slow),
    ],
    ids=["grows, few", "grows, ten", "is pruned, ten"],
)
def test_killed(name: str, moments: list[tuple[str, int]], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIGS[name])
    whole = report_of("train", "config.yaml", "--run", "whole", cwd=tmp_path)
    assert len(whole["changes"]) > 5
    for moment in moments:
        process = start(preceded(f"{SAVE_ALWAYS}\n{killed_at(moment)}"), tmp_path, "--resume")
        assert process.wait(60) == -signal.SIGKILL, moment
    assert 0 < len(rows_of(tmp_path / "run")) < 36
    report = report_of("train", "config.yaml", "--run", "run", "--resume", cwd=tmp_path)
    assert report["changes"] == whole["changes"]
    assert_same(tmp_path / "run", tmp_path / "whole")


def test_settings_that_may_not_change(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIGS["grows"])
    report_of("train", "config.yaml", "epochs=9", "--run", "run", cwd=tmp_path)
    done = nnctl("train", "config.yaml", "--run", "run", "--resume", "dynamics.0.by=4", cwd=tmp_path)
    assert done.returncode == 4
    assert "dynamics.0.by: was 3 when the run began, is 4 now" in done.stderr
    longer = report_of(
        "train", "config.yaml", "epochs=12", "schedule=constant", "--run", "run", "--resume", cwd=tmp_path
    )
    assert longer["parameters"] == longer["changes"][-1]["parameters"][1]


def test_rows_that_a_rule_goes_on_from(tmp_path: Path) -> None:
    text = CONFIGS["grows"].replace("every: 3", "patience: 1")
    (tmp_path / "config.yaml").write_text(text)
    report_of("train", "config.yaml", "epochs=4", "--run", "run", cwd=tmp_path)
    rows = tmp_path / "run" / "metrics.jsonl"
    rows.write_text("".join(rows.read_text().splitlines(keepends=True)[1:]))
    done = nnctl("train", "config.yaml", "--run", "run", "--resume", cwd=tmp_path)
    assert done.returncode == 4
    assert "run/metrics.jsonl: has no val_loss of epoch 1, from which dynamics.0 goes on" in done.stderr


def test_what_a_changed_network_is_good_for(tmp_path: Path) -> None:
    """eval, predict, runs, diagnose and a sweep take it as any other."""
    (tmp_path / "config.yaml").write_text(CONFIGS["is pruned"])
    report = report_of("train", "config.yaml", "--run", "run", cwd=tmp_path)
    scores = report_of("eval", "run", cwd=tmp_path)["metrics"]
    assert scores["loss"] == pytest.approx(report["metrics"]["val_loss"], rel=1e-6)
    (tmp_path / "more.csv").write_text("x\n0.5\n1.5\n")
    done = nnctl("predict", "run", "more.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (shown,) = report_of("runs", "run", cwd=tmp_path)["runs"]
    assert shown["changes"] == len(report["changes"])
    assert shown["parameters"] == report["parameters"] == report["changes"][-1]["parameters"][1]
    pruned = report_of("prune", "run", "--keep", "0.8", "epochs=2", "--run", "pruned", cwd=tmp_path)
    assert any("fine-tuning has none" in note for note in pruned["notes"])
    found = [diagnosis["name"] for diagnosis in report["diagnoses"]]
    assert [diagnosis["name"] for diagnosis in report_of("diagnose", "run", cwd=tmp_path)["diagnoses"]] == found


@pytest.mark.slow
def test_a_sweep_over_rules(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIGS["is pruned"])
    sweep = "name: kept\nbase: config.yaml\nmetric: val_loss\nparameters: {dynamics.0.keep: [0.3, 0.6], seed: [1, 2]}\n"
    (tmp_path / "sweep.yaml").write_text(sweep)
    trials = report_of("sweep", "sweep.yaml", cwd=tmp_path)["trials"]
    assert len(trials) == 4
    assert {trial["parameters"]["dynamics.0.keep"] for trial in trials} == {0.3, 0.6}
