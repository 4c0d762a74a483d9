"""A project that is moved, renamed or mounted elsewhere goes on as if it had stayed."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnctl.model.checkpoint import read_checkpoint, write_checkpoint
from nnctl.training.metrics_file import read_rows
from tests.support.command import DATA, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.processes import wait_until
from tests.support.sweeps import SLOW_COMMAND, bytes_of, runs_in

pytestmark = pytest.mark.slow

REST = """layers: [{type: linear, out_features: 6, activation: tanh}, {type: linear, out_features: 1}]
loss: mse
learning_rate: 0.01
epochs: 2
"""
SWEEP = "base: sine.yaml\nparameters: {learning_rate: [0.01, 0.003]}\n"


def project(folder: Path, data: str = "{source: ../data/sine.csv, target: y, validation: 0.2}") -> Path:
    """configs/, data/ and a sweep, as a clone has them."""
    (folder / "configs").mkdir(parents=True)
    (folder / "data").mkdir()
    shutil.copy(DATA / "function" / "sine.csv", folder / "data" / "sine.csv")
    rows = (DATA / "function" / "sine.csv").read_text().splitlines()
    (folder / "data" / "more.csv").write_text("\n".join([rows[0], *rows[1::5]]) + "\n")
    inputs = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    np.save(folder / "data" / "x.npy", inputs)
    np.save(folder / "data" / "y.npy", np.sin(3 * inputs))
    (folder / "configs" / "sine.yaml").write_text(f"data: {data}\n{REST}")
    (folder / "configs" / "sweep.yaml").write_text(SWEEP)
    return folder


def renamed(folder: Path) -> Path:
    return folder.rename(folder.with_name("other name"))


def moved_deeper(folder: Path) -> Path:
    (folder.parent / "a" / "b").mkdir(parents=True)
    return folder.rename(folder.parent / "a" / "b" / folder.name)


def copied(folder: Path) -> Path:
    """And the old one is gone, as where another machine mounts it."""
    shutil.copytree(folder, folder.parent / "copy")
    shutil.rmtree(folder)
    return folder.parent / "copy"


def mounted(folder: Path) -> Path:
    """Reached by another path, while the old one is still there."""
    (folder.parent / "mount").symlink_to(folder)
    return folder.parent / "mount"


MOVES: list[Any] = [renamed, moved_deeper, copied, mounted]
SOURCES = {
    "a fraction": "{source: ../data/sine.csv, target: y, validation: 0.2}",
    "a validation file": "{source: ../data/sine.csv, target: y, validation: ../data/more.csv, test: ../data/more.csv}",
    "a targets file": "{source: ../data/x.npy, targets: ../data/y.npy, validation: 0.2}",
}


def assert_same(run: Path, other: Path) -> None:
    assert rows_of(run) == rows_of(other)
    assert checkpoints_of(run) == checkpoints_of(other)


@pytest.mark.parametrize("move", MOVES)
def test_between_train_and_resume(tmp_path: Path, move: Callable[[Path], Path]) -> None:
    report_of("train", "configs/sine.yaml", cwd=project(tmp_path / "project"))
    here = move(tmp_path / "project")
    report_of("train", "configs/sine.yaml", "epochs=4", "--resume", cwd=here)
    there = project(tmp_path / "left" / "alone")
    report_of("train", "configs/sine.yaml", "epochs=4", cwd=there)
    assert_same(here / "runs" / "sine", there / "runs" / "sine")
    assert (here / "runs/sine/config.yaml").read_bytes() == (there / "runs/sine/config.yaml").read_bytes()


@pytest.mark.parametrize("source", SOURCES)
def test_eval_finds_the_data_and_says_where(tmp_path: Path, source: str) -> None:
    here = project(tmp_path / "project", SOURCES[source])
    report_of("train", "configs/sine.yaml", cwd=here)
    before = report_of("eval", "runs/sine", cwd=here)
    assert before["notes"] == []
    here = renamed(here)
    after = report_of("eval", "runs/sine", cwd=here)
    assert after["metrics"] == before["metrics"]
    first, *_ = after["notes"]
    assert first.startswith("the project has moved: the data are read from data/")
    assert f"they were at {tmp_path}/project/data/" in first
    assert report_of("eval", here / "runs" / "sine", cwd=tmp_path)["metrics"] == before["metrics"]


def test_a_copy_of_a_checkpoint_alone(tmp_path: Path) -> None:
    """Its data are looked for by their names."""
    here = project(tmp_path / "project")
    report_of("train", "configs/sine.yaml", cwd=here)
    for place in ("data", "data/models/deep"):
        (here / place).mkdir(exist_ok=True, parents=True)
        copy = shutil.copy(here / "runs/sine/checkpoints/best.safetensors", here / place / "model.safetensors")
        assert report_of("eval", copy, cwd=tmp_path)["notes"] == ["the data are read from project/data/sine.csv"]
    copy = shutil.copy(copy, tmp_path / "model.safetensors")
    assert report_of("eval", copy, cwd=here / "data")["samples"]
    lost = nnctl("eval", copy, cwd=tmp_path)
    assert lost.returncode == 3
    assert "sine.csv: does not exist" in lost.stderr
    assert "or name the data with --data" in lost.stderr
    assert nnctl("eval", copy, "--data", here / "data" / "sine.csv", cwd=tmp_path).returncode == 0


def test_files_of_one_name_are_not_mistaken(tmp_path: Path) -> None:
    here = project(tmp_path / "project", "{source: ../data/sine.csv, target: y, validation: ../more/sine.csv}")
    (here / "more").mkdir()
    (here / "data" / "more.csv").rename(here / "more" / "sine.csv")
    report_of("train", "configs/sine.yaml", cwd=here)
    before = report_of("eval", "runs/sine", "--split", "validation", cwd=here)
    after = report_of("eval", "runs/sine", "--split", "validation", cwd=renamed(here))
    assert after["samples"] == before["samples"] == 40
    assert after["metrics"] == before["metrics"]
    assert len(after["notes"]) == 2


def test_a_run_that_left_its_project(tmp_path: Path) -> None:
    """From the working folder, or where the data were at the training; at last by --data."""
    here = project(tmp_path / "project")
    report_of("train", "configs/sine.yaml", cwd=here)
    metrics = report_of("eval", "runs/sine", cwd=here)["metrics"]
    (tmp_path / "models").mkdir()
    run = (here / "runs" / "sine").rename(tmp_path / "models" / "sine")
    assert report_of("eval", run, cwd=here)["metrics"] == metrics
    assert report_of("eval", run, cwd=tmp_path)["metrics"] == metrics
    here = renamed(here)
    assert report_of("eval", run, cwd=here)["metrics"] == metrics
    lost = nnctl("eval", run, cwd=tmp_path)
    assert lost.returncode == 3
    assert f"error: project/data/sine.csv: does not exist\n  help: the folder {tmp_path} exists" in lost.stderr
    assert "or name the data with --data" in lost.stderr
    assert nnctl("eval", run, "--data", here / "data" / "sine.csv", cwd=tmp_path).returncode == 0
    assert nnctl("predict", run, here / "data" / "sine.csv", cwd=tmp_path).returncode == 0


@pytest.mark.parametrize("move", MOVES)
def test_the_resolved_config_trains_there(tmp_path: Path, move: Callable[[Path], Path]) -> None:
    report_of("train", "configs/sine.yaml", cwd=project(tmp_path / "project"))
    here = move(tmp_path / "project")
    report_of("train", "runs/sine/config.yaml", "--run", "runs/again", cwd=here)
    assert_same(here / "runs" / "sine", here / "runs" / "again")


def test_data_outside_the_project_stay_where_they_are(tmp_path: Path) -> None:
    source = f"{{source: {DATA}/function/sine.csv, target: y, validation: 0.2}}"
    report_of("train", "configs/sine.yaml", cwd=project(tmp_path / "project", source))
    here = renamed(tmp_path / "project")
    assert report_of("eval", "runs/sine", cwd=here)["notes"] == []
    report_of("train", "configs/sine.yaml", "epochs=3", "--resume", cwd=here)


@pytest.mark.slow
@pytest.mark.parametrize("move", MOVES)
def test_between_the_halves_of_a_sweep(tmp_path: Path, move: Callable[[Path], Path]) -> None:
    report_of("sweep", "configs/sweep.yaml", cwd=project(tmp_path / "project"))
    here = move(tmp_path / "project")
    sweep = here / "runs" / "sweep"
    times = {run: (run / "result.json").stat().st_mtime_ns for run in runs_in(sweep)}
    again = report_of("sweep", "configs/sweep.yaml", cwd=here)
    assert again["counts"]["finished"] == len(times) == 2
    values = "learning_rate=0.01,0.003,0.001,0.03"
    assert report_of("sweep", "configs/sweep.yaml", values, cwd=here)["counts"]["finished"] == 4
    assert {run: (run / "result.json").stat().st_mtime_ns for run in times} == times, "nothing runs twice"
    there = project(tmp_path / "left" / "alone")
    report_of("sweep", "configs/sweep.yaml", values, cwd=there)
    assert bytes_of(sweep) == bytes_of(there / "runs" / "sweep")


@pytest.mark.slow
def test_while_a_sweep_is_stopped(tmp_path: Path) -> None:
    """With trials that are half done: they go on in the other place, to the bytes of a sweep that was left alone."""
    here, there = project(tmp_path / "project"), project(tmp_path / "left" / "alone")
    for folder in (here, there):
        config = folder / "configs" / "sine.yaml"
        config.write_text(config.read_text().replace("epochs: 2", "epochs: 60"))
    report_of("sweep", "configs/sweep.yaml", cwd=there)
    process = subprocess.Popen(
        [*SLOW_COMMAND, "sweep", "configs/sweep.yaml", "-q"],
        cwd=here,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: any(len(read_rows(run)) > 5 for run in here.glob("runs/sweep/*")) or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    assert any(0 < len(rows_of(run)) < 60 for run in runs_in(here / "runs" / "sweep"))
    here = moved_deeper(here)
    assert report_of("sweep", "configs/sweep.yaml", cwd=here)["counts"]["finished"] == 2
    assert bytes_of(here / "runs" / "sweep") == bytes_of(there / "runs" / "sweep")


@pytest.mark.slow
def test_the_best_config_of_a_sweep_trains_from_its_own_folder(tmp_path: Path) -> None:
    here = project(tmp_path / "project")
    report = report_of("sweep", "configs/sweep.yaml", "--best", "configs/best.yaml", cwd=here)
    assert "source: ../data/sine.csv" in (here / "configs" / "best.yaml").read_text()
    here = renamed(here)
    report_of("train", "configs/best.yaml", "--run", "runs/best", cwd=here)
    assert_same(here / "runs" / "best", here / report["best"]["run"])


@pytest.mark.slow
def test_a_renamed_file_is_the_same_data(tmp_path: Path) -> None:
    here = project(tmp_path / "project", SOURCES["a validation file"])
    report_of("train", "configs/sine.yaml", cwd=here)
    report_of("sweep", "configs/sweep.yaml", cwd=here)
    times = {run: (run / "result.json").stat().st_mtime_ns for run in runs_in(here / "runs" / "sweep")}
    (here / "data" / "sine.csv").rename(here / "data" / "waves.csv")
    config = here / "configs" / "sine.yaml"
    config.write_text(config.read_text().replace("sine.csv", "waves.csv"))
    report_of("train", "configs/sine.yaml", "epochs=3", "--resume", cwd=here)
    report_of("sweep", "configs/sweep.yaml", cwd=here)
    assert {run: (run / "result.json").stat().st_mtime_ns for run in runs_in(here / "runs" / "sweep")} == times


def test_files_that_swapped_their_parts_are_other_data(tmp_path: Path) -> None:
    here = project(tmp_path / "project", "{source: ../data/sine.csv, target: y, validation: ../data/more.csv}")
    report_of("train", "configs/sine.yaml", cwd=here)
    config = here / "configs" / "sine.yaml"
    config.write_text("data: {source: ../data/more.csv, target: y, validation: ../data/sine.csv}\n" + REST)
    refused = nnctl("train", "configs/sine.yaml", "epochs=3", "--resume", cwd=here)
    assert refused.returncode == 3
    assert "the data changed since the run began: more.csv, sine.csv" in refused.stderr


@pytest.mark.slow
def test_a_sweep_over_data_sets_runs_each(tmp_path: Path) -> None:
    here = project(tmp_path / "project")
    (here / "configs" / "sweep.yaml").write_text(
        "base: sine.yaml\nparameters: {data.source: [../data/sine.csv, ../data/more.csv]}\n"
    )
    assert len(report_of("sweep", "configs/sweep.yaml", cwd=here)["trials"]) == 2
    sweep = here / "runs" / "sweep"
    assert len(runs_in(sweep)) == 2
    times = {run.name: (run / "result.json").stat().st_mtime_ns for run in runs_in(sweep)}
    here = renamed(here)
    report_of("sweep", "configs/sweep.yaml", cwd=here)
    sweep = here / "runs" / "sweep"
    assert {run.name: (run / "result.json").stat().st_mtime_ns for run in runs_in(sweep)} == times


def as_it_was(run: Path, data: Path) -> None:
    """A run folder of a version that kept absolute paths in checkpoints, and hashes by the names of files alone."""
    for name in ("best", "last"):
        file = run / "checkpoints" / f"{name}.safetensors"
        checkpoint = read_checkpoint(file)
        checkpoint.description["config"]["data"]["source"] = str(data)
        hashes = checkpoint.description["data"]
        checkpoint.description["data"] = {key.partition("/")[2]: digest for key, digest in hashes.items()}
        write_checkpoint(file, checkpoint)
    environment = json.loads((run / "environment.json").read_text())
    del environment["paths"]
    environment["data"] = checkpoint.description["data"]
    (run / "environment.json").write_text(json.dumps(environment))


@pytest.mark.slow
def test_an_older_run_goes_on(tmp_path: Path) -> None:
    here = project(tmp_path / "project")
    report_of("train", "configs/sine.yaml", cwd=here)
    as_it_was(here / "runs" / "sine", here / "data" / "sine.csv")
    assert report_of("eval", "runs/sine", cwd=here)["samples"] == 40
    assert "nothing to do" in report_of("train", "configs/sine.yaml", "--resume", cwd=here)["notes"][0]
    here = renamed(here)
    lost = nnctl("eval", "runs/sine", cwd=here)
    assert lost.returncode == 3
    assert "or name the data with --data" in lost.stderr
    report_of("train", "configs/sine.yaml", "epochs=3", "--resume", cwd=here)
    assert report_of("eval", "runs/sine", "--split", "train", cwd=here)["samples"] == 160
    refused = nnctl("train", "configs/sine.yaml", "data.source=data/more.csv", "epochs=4", "--resume", cwd=here)
    assert refused.returncode == 3


def test_a_fold_is_measured_on_its_own_data_after_a_move(tmp_path: Path) -> None:
    here = project(tmp_path / "project")
    report = report_of("train", "configs/sine.yaml", "--folds", "2", cwd=here)
    here = renamed(here)
    assert report_of("eval", "runs/sine/fold-2", cwd=here)["metrics"] == report["folds"][1]["metrics"]
