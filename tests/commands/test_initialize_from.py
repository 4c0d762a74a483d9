"""Runs that start with the weights of a checkpoint, with frozen layers, by the real command."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from nnctl.model.checkpoint import read_checkpoint
from tests.support.command import COMMAND, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.kills import SAVE_ALWAYS, killed_before
from tests.support.refusal import refusal_of
from tests.support.transfer import CHECKPOINT, CONFIG, OF, write_run, write_runs

START = "{checkpoint: runs/old, layers: {layers.0: layers.0, layers.1: layers.1, layers.3: layers.2}}"
TUNED = CONFIG.replace("epochs: 2", f"initialize_from: {START}\nepochs: 3").replace(
    "- batch_norm\n", "- {type: batch_norm, freeze: true}\n  - {type: dropout, p: 0.2}\n"
)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained run `old`, and configs; `tuned` is to start with its weights."""
    folder = tmp_path_factory.mktemp("old")
    write_runs(folder)
    write_run(folder, "tuned", [0, 1, 2], TUNED)
    return folder


@pytest.fixture
def folder(old: Path, tmp_path: Path) -> Path:
    shutil.copytree(old, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture(scope="module")
def tuned(old: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run `tuned`, in one go."""
    folder = tmp_path_factory.mktemp("tuned") / "project"
    shutil.copytree(old, folder)
    report_of("train", "tuned.yaml", "-q", cwd=folder)
    return folder / "runs" / "tuned"


def test_what_is_said_and_kept(folder: Path) -> None:
    done = nnctl("train", "tuned.yaml", cwd=folder)
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stderr.split())
    note = f"note: takes the weights of 3 of 4 layers from {CHECKPOINT}"
    assert said.count(note) == 1
    assert "starts new: layers.4 (linear, not named)" in said
    assert "tuned: 112 parameters, 100 of them trained;" in said
    run = folder / "runs" / "tuned"
    result = json.loads((run / "result.json").read_text())
    assert (result["parameters"], result["trainable"]) == (112, 100)
    assert len(result["notes"]) == 1
    kept, first = load_file(run / "checkpoints" / "last.safetensors"), load_file(folder / CHECKPOINT)
    assert all(kept[name].tobytes() == first[name].tobytes() for name in OF["layers.1"])
    assert not any(kept[name].tobytes() == first[name].tobytes() for name in OF["layers.0"])
    origin = read_checkpoint(run / "checkpoints" / "last.safetensors").description["initialized_from"]
    assert origin["layers"] == {
        "layers.0": "layers.0",
        "layers.1": "layers.1",
        "layers.3.layers.0": "layers.2.layers.0",
    }
    assert json.loads((run / "environment.json").read_text())["initialized_from"] == origin


def test_the_run_s_config_trains_again_to_the_same_bits(tuned: Path) -> None:
    report_of("train", tuned / "config.yaml", "--run", "again", "-q", cwd=tuned.parents[1])
    assert checkpoints_of(tuned.parents[1] / "again") == checkpoints_of(tuned)


def test_moved_elsewhere_the_bits_are_the_same(folder: Path, tuned: Path) -> None:
    (folder / "models").mkdir()
    shutil.copy(folder / CHECKPOINT, folder / "models" / "digits.safetensors")
    report_of("train", "tuned.yaml", "initialize_from.checkpoint=models/digits.safetensors", "-q", cwd=folder)
    assert rows_of(folder / "runs" / "tuned") == rows_of(tuned)
    kept, other = (load_file(run / "checkpoints" / "last.safetensors") for run in (folder / "runs" / "tuned", tuned))
    assert {name: array.tobytes() for name, array in kept.items()} == {
        name: array.tobytes() for name, array in other.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("moment", [("fsync", 5), ("replace", 4), ("replace", 6)], ids=str)
def test_killed_and_resumed_without_the_old_checkpoint(folder: Path, tuned: Path, moment: tuple[str, int]) -> None:
    statements = f"{SAVE_ALWAYS}\n{killed_before(moment)}\n{COMMAND[-1]}"
    killed = subprocess.run(
        [*COMMAND[:-1], statements, "train", "tuned.yaml", "-q"],
        cwd=folder,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
    )
    assert killed.returncode == -signal.SIGKILL
    run = folder / "runs" / "tuned"
    has_own = (run / "checkpoints" / "last.safetensors").exists()
    if has_own:
        shutil.rmtree(folder / "runs" / "old")
    report = report_of("train", "tuned.yaml", "--resume", "-q", cwd=folder)
    assert any("takes the weights" in note for note in report["notes"]) != has_own
    assert rows_of(run) == rows_of(tuned)
    assert checkpoints_of(run) == checkpoints_of(tuned)
    assert "initialized_from" in json.loads((run / "environment.json").read_text())


def test_without_the_old_checkpoint_all_else_goes_on(tuned: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(tuned.parents[1], folder)
    shutil.rmtree(folder / "runs" / "old")
    assert report_of("eval", "runs/tuned", "--split", "validation", cwd=folder)["samples"] == 12
    assert nnctl("predict", "runs/tuned", "tuned.npz", cwd=folder).returncode == 0
    again = report_of("train", "tuned.yaml", "--resume", cwd=folder)
    assert "nothing to do" in again["notes"][0]
    refusal_of("train", "tuned.yaml", cwd=folder, code=4).says("runs/old", "initialize_from: does not exist")


def test_what_may_not_change_when_a_run_is_resumed(folder: Path) -> None:
    report_of("train", "tuned.yaml", "-q", cwd=folder)
    for change in ("layers.0.freeze=true", "initialize_from=", "initialize_from.layers=[layers.0]"):
        refused = refusal_of("train", "tuned.yaml", change, "epochs=4", "--resume", cwd=folder, code=4)
        assert refused.problems[0]["path"].startswith(change.partition("=")[0].split(".layers")[0])


def test_folds_start_with_the_same_weights(folder: Path) -> None:
    changed = ["data.validation=", "layers.0.freeze=true", "--folds", "2", "-q"]
    report = report_of("train", "tuned.yaml", *changed, cwd=folder)
    first = load_file(folder / CHECKPOINT)
    for fold in report["folds"]:
        kept = load_file(folder / fold["checkpoint"])
        assert all(kept[name].tobytes() == first[name].tobytes() for name in OF["layers.0"])
    assert sum("takes the weights" in note for note in report["notes"]) == 1
    shutil.rmtree(folder / "runs" / "old")
    resumed = report_of("train", "tuned.yaml", *changed, "--resume", cwd=folder)
    assert resumed["mean"] == report["mean"]


@pytest.mark.slow
def test_a_sweep_over_checkpoints_and_frozen_layers(folder: Path) -> None:
    shutil.copytree(folder / "runs" / "old", folder / "runs" / "other")
    report_of("train", "old.yaml", "seed=7", "--run", "runs/unlike", "-q", cwd=folder)
    parameters = "{initialize_from.checkpoint: [runs/old, runs/other, runs/unlike], layers.0.freeze: [false, true]}"
    (folder / "sweep.yaml").write_text(f"name: s\nbase: tuned.yaml\nmethod: grid\nparameters: {parameters}\n")
    report = report_of("sweep", "sweep.yaml", "--workers", "1", cwd=folder)
    assert report["counts"]["finished"] == 4  # two checkpoints hold the same weights
    values = {trial["value"] for trial in report["trials"]}
    assert len(values) == 4
    assert sum("takes the weights of 3 of 4 layers" in note for note in report["notes"]) >= 2
    again = report_of("sweep", "sweep.yaml", "--workers", "1", cwd=folder)
    assert [trial["run"] for trial in again["trials"]] == [trial["run"] for trial in report["trials"]]


def test_check_shows_what_is_frozen(folder: Path) -> None:
    report = report_of("check", "tuned.yaml", cwd=folder)
    assert (report["parameters"], report["trainable"]) == (112, 100)
    counts = {layer["name"]: (layer["parameters"], layer["trainable"]) for layer in report["layers"]}
    assert counts["layers.1"] == (12, 0)
    assert counts["layers.4"] == (21, 21)
    assert "takes the weights of 3 of 4 layers" in report["notes"][0]
    shown = nnctl("check", "tuned.yaml", cwd=folder).stdout
    row = next(line for line in shown.splitlines() if "batch_norm" in line)
    assert row.split()[-3:] == ["12", "frozen", "12"]
    assert "trainable" in shown
    assert "trainable" not in nnctl("check", "old.yaml", cwd=folder).stdout


def test_all_layers_frozen(folder: Path) -> None:
    freeze = [f"layers.{position}.freeze=true" for position in (0, 1, 3, 4)]
    refusal_of("train", "tuned.yaml", *freeze, cwd=folder, code=2).says(
        "layers: all layers with weights are frozen: nothing would train", "leave `freeze` out in the last layer"
    )


@pytest.mark.parametrize(
    ("change", "path", "help"),
    [
        ("layers.2.freeze=true", "layers.2.freeze", "leave it out: `freeze: true` is for layers that have weights"),
        ("freeze=true", "freeze", "leave it out: `freeze: true` is for layers that have weights"),
        ("layers.0.trainable=false", "layers.0.trainable", "write `freeze: true` for false"),
        ("layers.0.freeze=yes", "layers.0.freeze", "use true"),
        ("initialize_from=3", "initialize_from", "the keys here are: checkpoint, layers, exclude"),
        ("initialize_from={layers: [layers.0]}", "initialize_from.checkpoint", "add `checkpoint:`"),
        ("initialize_from.layers=[]", "initialize_from.layers", "give at least 1 item"),
        ("initialize_from.layers=layers.0", "initialize_from.layers", "give a list or a mapping"),
        ("initialize_from.layer=[layers.0]", "initialize_from.layer", "did you mean layers?"),
        ("pretrained=runs/old", "pretrained", "did you mean initialize_from?"),
    ],
)
def test_mistakes_in_the_config(folder: Path, change: str, path: str, help: str) -> None:
    problem = refusal_of("check", "new.yaml" if "layers.2" not in change else "tuned.yaml", change, cwd=folder, code=2)
    found = {problem["path"]: problem["help"] for problem in problem.problems}
    assert help in found[path]


def test_files_that_are_no_checkpoints(folder: Path) -> None:
    (folder / "empty").mkdir()
    (folder / "torch.pt").write_bytes(b"PK\x03\x04" + bytes(100))
    whole = (folder / CHECKPOINT).read_bytes()
    (folder / "cut.safetensors").write_bytes(whole[:-1])
    (folder / "bits.safetensors").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    for file, what in (
        ("nowhere", "does not exist"),
        ("empty", "holds no checkpoint"),
        ("torch.pt", "is a pickle"),
        ("cut.safetensors", "is damaged"),
        ("bits.safetensors", "does not match its hash"),
        ("new.npz", ""),
    ):
        refused = refusal_of("train", "new.yaml", f"initialize_from={file}", cwd=folder, code=4)
        refused.says(f"{file}: initialize_from: ", what)


def test_paths_start_from_the_config(folder: Path) -> None:
    (folder / "configs").mkdir()
    text = (folder / "new.yaml").read_text().replace("source: ", "source: ../")
    (folder / "configs" / "new.yaml").write_text(f"{text}initialize_from: runs/old\n")
    refusal_of("check", "configs/new.yaml", cwd=folder, code=4).says(
        "paths start from the config's folder: write ../runs/old"
    )
    (folder / "configs" / "new.yaml").write_text(f"{text}initialize_from: ../runs/old\n")
    assert "3 of 4 layers" in report_of("check", "configs/new.yaml", cwd=folder)["notes"][0]
