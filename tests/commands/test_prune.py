"""Pruning of a finished run, by the real command."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnctl
from nnctl.model.trained_model import read_trained_model
from tests.support.command import checkpoints_of, report_of
from tests.support.command import nnctl as command
from tests.support.refusal import refusal_of

CONFIG = """name: old
data: {source: rows.npz, validation: 0.2, test: 0.2}
layers:
  - {type: linear, out_features: 24, activation: {type: prelu, per_channel: true}}
  - batch_norm
  - {type: dropout, p: 0.1}
  - {type: linear, out_features: 16, activation: relu}
  - {type: linear, out_features: 3}
loss: cross_entropy
epochs: 4
batch_size: 16
learning_rate: 0.01
"""


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a trained run `old`, and `runs/old-pruned` made of it, whose report is prune.json."""
    folder = tmp_path_factory.mktemp("old")
    generator = np.random.default_rng(0)
    centres = generator.normal(size=(3, 6)) * 2
    targets = np.resize(np.arange(3), 150)
    np.savez(folder / "rows.npz", x=generator.normal(size=(150, 6)) + centres[targets], y=targets)
    (folder / "old.yaml").write_text(CONFIG)
    report_of("train", "old.yaml", "-q", cwd=folder)
    (folder / "report.json").write_text(json.dumps(report_of("prune", "runs/old", "--keep", "0.4", cwd=folder)))
    return folder


@pytest.fixture
def folder(old: Path, tmp_path: Path) -> Path:
    shutil.copytree(old, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def report(old: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((old / "report.json").read_text())
    return found


def test_what_is_reported(old: Path, report: dict[str, Any]) -> None:
    assert report["run"] == "runs/old-pruned"
    assert report["pruned"] == "runs/old/checkpoints/best.safetensors"
    assert (report["epochs"], report["stopped"], report["by"], report["keep"]) == (8, "finished", "effect", 0.4)
    before, after = (read_trained_model(old / run) for run in ("runs/old", "runs/old-pruned"))
    assert report["parameters"] == {"before": before.plan.parameters, "after": after.plan.parameters}
    assert after.plan.parameters <= 0.4 * before.plan.parameters
    assert report["multiply_adds"] == {"before": before.plan.multiply_adds, "after": after.plan.multiply_adds}
    assert report["bytes"] == {"before": before.path.stat().st_size, "after": after.path.stat().st_size}
    assert [(layer["layer"], layer["channels"]["before"]) for layer in report["layers"]] == [
        ("layers.0", 24),
        ("layers.0.activation", 24),
        ("layers.1", 24),
        ("layers.3", 16),
        ("layers.4", 3),
    ]
    assert report["bound"] == {"layers.4": "its outputs are the network's"}
    for layer, of_plan in zip(report["layers"], [own for own in after.plan.layers if own.parameters], strict=True):
        assert layer["channels"]["after"] == of_plan.operation.outputs[-1]
        assert layer["parameters"]["after"] == of_plan.parameters
    assert report == json.loads((old / "runs/old-pruned/prune.json").read_text())


def test_it_is_measured_as_eval_does(old: Path, report: dict[str, Any]) -> None:
    assert report["split"] == "test"
    for when, run in (("before", "runs/old"), ("cut", "runs/old-pruned/checkpoints/cut.safetensors")):
        assert report["metrics"][when] == report_of("eval", run, cwd=old)["metrics"]
    assert report["metrics"]["tuned"] == report_of("eval", "runs/old-pruned", cwd=old)["metrics"]


def test_it_predicts_as_any_network(old: Path) -> None:
    np.savez(old / "new.npz", x=np.ones((2, 6)))
    done = command("predict", "runs/old-pruned", "new.npz", cwd=old)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 3


def test_the_run_s_config_tunes_again_to_the_same_bits(folder: Path) -> None:
    report_of("train", "runs/old-pruned/config.yaml", "--run", "again", "-q", cwd=folder)
    tuned = checkpoints_of(folder / "runs/old-pruned")
    assert checkpoints_of(folder / "again") == {name: own for name, own in tuned.items() if name != "cut.safetensors"}


def test_the_function_makes_the_same_bits_on_two_threads(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    again = nnctl.prune("runs/old", keep=0.4, threads=2, run=Path("again"))
    assert again.report["parameters"] == json.loads((folder / "report.json").read_text())["parameters"]
    first, second = (checkpoints_of(folder / run) for run in ("runs/old-pruned", "again"))
    assert first == second


def test_settings_steps_and_magnitudes(folder: Path) -> None:
    arguments = ["--keep", "0.4", "--by", "magnitude", "--steps", "2", "--run", "small", "epochs=1", "layers.2.p=0"]
    report = report_of("prune", "runs/old", *arguments, cwd=folder)
    assert (report["run"], report["epochs"], report["steps"], report["by"]) == ("small", 1, 2, "magnitude")
    assert report["parameters"]["after"] <= 0.4 * report["parameters"]["before"]
    config = read_trained_model(folder / "small").config
    assert config.name == "old-pruned"
    assert config.layers[2].model_dump()["p"] == 0


def test_what_people_read(folder: Path) -> None:
    done = command("prune", "runs/old", "--keep", "0.5", "-q", "epochs=1", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    done = command("prune", "runs/old", "--keep", "0.5", "epochs=1", cwd=folder)
    assert done.returncode == 0, done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert any(re.fullmatch(r"layers\.3 linear 16 8 400 \d+", line) for line in lines), done.stdout
    assert any(re.fullmatch(r"total 691 \d+ \(\d+\.\d%\)", line) for line in lines), done.stdout
    assert [line.split()[0] for line in lines if re.match(r"(before|cut|tuned) \d", line)] == ["before", "cut", "tuned"]
    assert lines[-1] == "next: nnctl eval runs/old-pruned-3"


TABLE = """name: table
data: {source: rows.csv, target: y, validation: 0.2, test: 0.2, categories: {encoding: embedding}}
layers: [{type: linear, out_features: 16, activation: relu}, {type: linear, out_features: 1}]
loss: mse
learning_rate: 0.02
batch_size: 16
epochs: 8
"""


def test_columns_that_matter_least_are_left_out(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x, noise = generator.normal(size=(200, 2)), generator.normal(size=200)
    words, other = (generator.choice(["red", "blue", "green"], 200) for _ in range(2))
    y = 3 * x[:, 0] + x[:, 1] + 2 * (words == "red")
    rows = zip(x[:, 0], noise, words, other, x[:, 1], y, strict=True)
    (tmp_path / "rows.csv").write_text(
        "a,noise,word,other,b,y\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows)
    )
    (tmp_path / "table.yaml").write_text(TABLE)
    report_of("train", "table.yaml", cwd=tmp_path)
    done = command("prune", "runs/table", "--inputs", "0.6", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "runs/table-pruned/prune.json").read_text())
    assert {column["column"]: column["kept"] for column in report["inputs"]} == {
        "a": True,
        "b": True,
        "word": True,
        "other": False,
        "noise": False,
    }
    assert [column["effect"] for column in report["inputs"]] == sorted(
        (column["effect"] for column in report["inputs"]), reverse=True
    )
    assert report["keep"] is None
    assert [layer["channels"]["after"] for layer in report["layers"]][1:] == [16, 1]
    assert report["metrics"]["tuned"]["r2"] > 0.9
    assert report["metrics"]["tuned"] == report_of("eval", "runs/table-pruned", cwd=tmp_path)["metrics"]
    cut = report_of("eval", "runs/table-pruned/checkpoints/cut.safetensors", cwd=tmp_path)
    assert report["metrics"]["cut"] == cut["metrics"]
    (tmp_path / "new.csv").write_text("b,a,word\n1,2,red\n")
    done = command("predict", "runs/table-pruned", "new.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    both = report_of("prune", "runs/table", "--inputs", "0.6", "--keep", "0.5", "epochs=1", cwd=tmp_path)
    assert both["parameters"]["after"] <= 0.5 * both["parameters"]["before"]


def test_columns_of_a_network_that_has_none(old: Path) -> None:
    refusal = refusal_of("prune", "runs/old", "--inputs", "0.5", cwd=old, code=2)
    refusal.says("--inputs is of the columns of a table", "leave --inputs out")


def typed_in(help: str) -> list[str]:
    """The command that a remedy names, without its first word."""
    (found,) = re.findall(r"`nnctl ([^`]+)`", help)
    return shlex.split(found)


@pytest.mark.parametrize("keep", ["0", "1", "-0.5", "10", "nan"])
def test_a_share_that_is_none(old: Path, keep: str) -> None:
    refusal = refusal_of("prune", "runs/old", "--keep", keep, cwd=old, code=2)
    refusal.says(f"--keep: expected a share of the parameters between 0 and 1, got {keep}", "write --keep 0.1")


def test_a_budget_that_is_too_small_and_what_it_needs(folder: Path) -> None:
    refusal = refusal_of("prune", "runs/old", "--keep", "0.01", cwd=folder, code=2)
    refusal.says("--keep 0.01 leaves 6 of 691 parameters, and this network needs 35, with 2 channels in each layer")
    (share,) = re.findall(r"write --keep (\S+), or more", refusal.text)
    report = report_of("prune", "runs/old", "--keep", share, "epochs=1", cwd=folder)
    assert report["parameters"]["after"] == 35


def test_a_network_that_cannot_be_smaller(folder: Path) -> None:
    report_of("train", "old.yaml", "layers=[{type: linear, out_features: 3}]", "name=one", "-q", cwd=folder)
    refusal = refusal_of("prune", "runs/one", "--keep", "0.5", cwd=folder, code=2)
    refusal.says("no layer has channels that may go; layers.0 (linear): its outputs are the network's")


def test_a_run_that_is_not_finished_can_be(folder: Path) -> None:
    (folder / "runs/old/result.json").unlink()
    refusal = refusal_of("prune", "runs/old", "--keep", "0.5", cwd=folder, code=2)
    refusal.says("runs/old: this run is not finished", "give the checkpoint that it has, runs/old/checkpoints/best")
    report_of(*typed_in(refusal.problems[0]["help"]), cwd=folder)
    report_of("prune", "runs/old", "--keep", "0.5", "epochs=1", cwd=folder)


def test_a_checkpoint_that_is_not_there(folder: Path) -> None:
    refusal_of("prune", "runs/none", "--keep", "0.5", cwd=folder, code=4)
    shutil.rmtree(folder / "runs/old/checkpoints")
    refusal_of("prune", "runs/old", "--keep", "0.5", cwd=folder, code=4).says("holds no checkpoint")


def test_weights_that_are_no_numbers(folder: Path) -> None:
    from nnctl.model.checkpoint import read_checkpoint, write_checkpoint

    path = folder / "runs/old/checkpoints/best.safetensors"
    checkpoint = read_checkpoint(path)
    checkpoint.tensors["layers.0.weight"][:] = np.nan
    write_checkpoint(path, checkpoint)
    refusal = refusal_of("prune", "runs/old", "--keep", "0.5", cwd=folder, code=4)
    refusal.says("NaN or infinite numbers in layers.0.weight: this network has diverged")


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        (["data.test=0.5"], "data.test is the run's"),
        (["seed=3"], "seed is the run's"),
        (["layers.0.out_features=5"], "layers.0.out_features=5 makes another network"),
        (["epochs=0"], "expected a number of at least 1, got 0"),
        (["epoch=1"], "did you mean epochs?"),
        (["--steps", "0"], "--steps"),
    ],
)
def test_settings_that_cannot_be(old: Path, settings: list[str], what: str) -> None:
    if settings[0] == "--steps":
        done = command("prune", "runs/old", "--keep", "0.5", *settings, cwd=old)
        assert done.returncode == 2
        assert what in done.stderr
        return
    refusal_of("prune", "runs/old", "--keep", "0.5", *settings, cwd=old, code=2).says(what)


def test_the_share_must_be_told(old: Path) -> None:
    refusal_of("prune", "runs/old", cwd=old, code=2).says("--keep is missing", "write --keep 0.1")


def test_data_that_have_gone(folder: Path) -> None:
    (folder / "rows.npz").unlink()
    (folder / "runs/old/environment.json").unlink()  # which knows where they were when the run was trained
    refusal_of("prune", "runs/old", "--keep", "0.5", cwd=folder, code=3).says("does not exist")
