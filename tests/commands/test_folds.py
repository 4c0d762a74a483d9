"""`nnctl train --folds`: cross-validation."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from nnctl.commands.train import train
from nnctl.config.load import load_config
from nnctl.errors import UsageError
from nnctl.model.preparation import Prepared, prepare
from tests.support.command import COMMAND, DATA, checkpoints_of, nnctl, report_of, rows_of, surroundings
from tests.support.kills import SLOW_EPOCHS
from tests.support.processes import wait_until
from tests.support.refusal import refusal_of

# the inputs are as the file has them, so that a row is known again; 103 rows give folds of unequal sizes
CONFIG = """
name: flowers
seed: 3
data:
  source: flowers.csv
  target: kind
  numbers: {scale: none}
  validation: 0.2
  test: 0.1
layers:
  - {type: linear, out_features: 8, activation: tanh}
  - {type: dropout, p: 0.2}
  - {type: linear, out_features: 3}
loss: cross_entropy
optimizer: adam
learning_rate: 0.01
batch_size: 16
epochs: 4
"""
CLASSES = {"a": 50, "b": 40, "c": 13}


def write(folder: Path, config: str = CONFIG) -> None:
    stream = np.random.default_rng(7)
    kinds = stream.permutation([kind for kind, count in CLASSES.items() for _ in range(count)])
    lines = [f"{stream.normal('abc'.index(kind), 0.7):.6f},{stream.normal():.6f},{kind}" for kind in kinds]
    (folder / "flowers.csv").write_text("\n".join(["width,height,kind", *lines]) + "\n")
    (folder / "flowers.yaml").write_text(config)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Has the outer folder in runs/flowers, and what was printed in printed.json."""
    folder = tmp_path_factory.mktemp("folds")
    write(folder)
    done = nnctl("train", "flowers.yaml", "--folds", "5", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "printed.json").write_text(done.stdout)
    (folder / "told.txt").write_text(done.stderr)
    return folder


def prepared(trained: Path, number: int) -> Prepared:
    return prepare(load_config(trained / "runs" / "flowers" / f"fold-{number}" / "config.yaml"))


def test_the_report(trained: Path) -> None:
    report = json.loads((trained / "printed.json").read_text())
    assert json.loads((trained / "runs" / "flowers" / "result.json").read_text()) == report
    assert list(report) == ["run", "folds", "mean", "deviation", "stopped", "seconds", "notes", "version"]
    assert report["run"] == "runs/flowers"
    assert report["stopped"] == "finished"
    assert [fold["run"] for fold in report["folds"]] == [f"runs/flowers/fold-{number}" for number in range(1, 6)]
    assert sorted(fold["samples"] for fold in report["folds"]) == [20, 20, 21, 21, 21]
    for name in ("loss", "accuracy", "precision", "recall", "f1"):
        values = [fold["metrics"][name] for fold in report["folds"]]
        assert report["mean"][name] == pytest.approx(np.mean(values))
        assert report["deviation"][name] == pytest.approx(np.std(values, ddof=1))
    assert report["deviation"]["loss"] > 0


def test_each_sample_is_tested_on_once_and_classes_are_even(trained: Path) -> None:
    tested = []
    for number in range(1, 6):
        dataset = prepared(trained, number).dataset
        assert dataset.validation is not None
        assert dataset.test is not None
        own = [split.inputs for split in (dataset.train, dataset.validation, dataset.test)]
        assert len(np.unique(np.concatenate(own), axis=0)) == 103
        assert len(dataset.validation) == round(0.2 * (103 - len(dataset.test)))
        counts = np.bincount(dataset.test.targets)
        assert all(abs(counts - np.array(list(CLASSES.values())) / 5) < 1)
        tested.append(dataset.test.inputs)
    assert len(np.unique(np.concatenate(tested), axis=0)) == 103 == sum(map(len, tested))


@pytest.mark.parametrize("number", [1, 4])
def test_a_fold_is_an_ordinary_run_with_its_very_samples(trained: Path, number: int) -> None:
    fold = json.loads((trained / "printed.json").read_text())["folds"][number - 1]
    report = report_of("eval", fold["run"], cwd=trained)
    assert report["checkpoint"] == fold["checkpoint"] == f"{fold['run']}/checkpoints/best.safetensors"
    assert (report["split"], report["samples"], report["metrics"]) == ("test", fold["samples"], fold["metrics"])
    assert f"runs/flowers/fold-{number}" in (trained / "told.txt").read_text()


def test_one_fold_alone_gives_the_same_bits(trained: Path, tmp_path: Path) -> None:
    setting = "data.fold={number: 2, folds: 5}"
    report_of("train", trained / "flowers.yaml", setting, "data.test=null", "--run", "alone", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "alone") == checkpoints_of(trained / "runs" / "flowers" / "fold-2")
    report_of("train", trained / "runs" / "flowers" / "fold-3" / "config.yaml", "--run", "again", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "again") == checkpoints_of(trained / "runs" / "flowers" / "fold-3")


def test_the_table(trained: Path, tmp_path: Path) -> None:
    done = nnctl("train", trained / "flowers.yaml", "--folds", "5", "--run", "there", cwd=tmp_path)
    assert done.returncode == 0
    report = json.loads((trained / "printed.json").read_text())
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["fold", "samples", *report["mean"]] in rows
    for number, fold in enumerate(report["folds"], 1):
        assert [str(number), str(fold["samples"]), *(f"{value:.4f}" for value in fold["metrics"].values())] in rows
    for name in ("mean", "deviation"):
        assert [name, *(f"{value:.4f}" for value in report[name].values())] in rows
    assert rows[-1] == ["next:", "nnctl", "eval", "there/fold-1"]
    assert done.stderr.count("test: loss ") == 5


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.slow)]
)
def test_interrupted_and_resumed_it_ends_with_the_same_bits(tmp_path: Path, number: int, code: int) -> None:
    write(tmp_path, CONFIG.replace("epochs: 4", "epochs: 60"))
    command = ["train", "flowers.yaml", "--folds", "3"]
    process = subprocess.Popen(
        [*COMMAND[:-1], f"{SLOW_EPOCHS}\n{COMMAND[-1]}", *command, "--run", "run"],
        cwd=tmp_path,
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    second = tmp_path / "run" / "fold-2" / "checkpoints" / "last.safetensors"
    wait_until(lambda: second.exists() or process.poll() is not None)
    process.send_signal(number)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert "interrupted after 1 fold" in told
    assert "to continue: run the same command with --resume --run run" in told
    report = json.loads((tmp_path / "run" / "result.json").read_text())
    assert report["stopped"] == "signal"
    assert (len(report["folds"]), report["mean"], report["deviation"]) == (1, {}, {})
    assert 0 < len(rows_of(tmp_path / "run" / "fold-2")) < 60

    done = nnctl(*command, "--run", "run", "--resume", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "nothing to do: run/fold-1 finished after 60 epochs" in done.stderr
    resumed = json.loads(done.stdout)
    whole = report_of(*command, "-q", cwd=tmp_path)
    assert [fold["metrics"] for fold in resumed["folds"]] == [fold["metrics"] for fold in whole["folds"]]
    assert resumed["mean"] == whole["mean"]
    for fold in ("fold-1", "fold-2", "fold-3"):
        assert checkpoints_of(tmp_path / "run" / fold) == checkpoints_of(tmp_path / "runs" / "flowers" / fold)


def test_another_number_of_folds_is_no_resumption(trained: Path) -> None:
    refused = refusal_of("train", "flowers.yaml", "--folds", "4", "--resume", cwd=trained, code=4)
    refused.says("data.fold.folds: was 5 when the run began, is 4 now")


def test_runs_with_and_without_folds_are_not_mistaken(trained: Path, tmp_path: Path) -> None:
    refused = refusal_of("train", "flowers.yaml", "--resume", cwd=trained, code=2)
    refused.says("runs/flowers: holds the folds of a cross-validation", "--run runs/flowers/fold-1")
    refused = refusal_of("eval", "runs/flowers", cwd=trained, code=4)
    refused.says("give one of its folds, such as runs/flowers/fold-1")
    refused = refusal_of("train", "flowers.yaml", "--folds", "5", "--run", "runs/flowers", cwd=trained, code=2)
    refused.says("runs/flowers: is not empty")
    write(tmp_path)
    report_of("train", "flowers.yaml", "epochs=1", cwd=tmp_path)
    refused = refusal_of("train", "flowers.yaml", "epochs=1", "--folds", "5", "--resume", cwd=tmp_path, code=2)
    refused.says("runs/flowers: is a run without folds")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--folds", "1"], 2, "greater than or equal to 2"),
        (["--folds", "104"], 3, "data.fold: 104 folds of 103 samples: some would be empty"),
        (["--folds", "5", "data.test=flowers.csv"], 2, "data.test: says which samples are for testing"),
        (["--folds", "5", "data.test={column: width, last: 0.1}"], 2, "leave `test` out, or leave --folds out"),
        (["data.fold={number: 1, folds: 5}"], 2, "data.fold: is set, and `test` is set as well"),
        (["data.test=null", "data.fold={number: 6, folds: 5}"], 2, "is fold 6 of 5"),
        (
            ["data.test=null", "data.fold={number: 0, folds: 5}"],
            2,
            "data.fold.number: expected a number of at least 1, got 0",
        ),
        (
            ["data.test=null", "data.fold={number: 1, folds: 1}"],
            2,
            "data.fold.folds: expected a number of at least 2, got 1",
        ),
    ],
)
def test_what_cannot_be_folded_is_refused(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    write(tmp_path)
    refusal_of("train", "flowers.yaml", *arguments, cwd=tmp_path, code=code).says(said)


@pytest.mark.parametrize("folds", [0, 1])
def test_too_few_folds_are_refused_as_a_function_too(tmp_path: Path, folds: int) -> None:
    write(tmp_path)
    with pytest.raises(UsageError, match="at least 2"):
        train(tmp_path / "flowers.yaml", folds=folds)


def test_data_with_test_samples_of_its_own_is_refused(tmp_path: Path) -> None:
    (tmp_path / "digits.yaml").write_text(
        f"data: {DATA}/mnist\nlayers: [flatten, {{type: linear, out_features: 10}}]\nloss: cross_entropy\n"
    )
    refused = refusal_of("train", "digits.yaml", "--folds", "5", cwd=tmp_path, code=3)
    refused.says("data.fold: is set, and", "holds 2,000 test samples of its own")


def test_as_many_folds_as_samples(tmp_path: Path) -> None:
    """Leave one out: what needs several samples is not known of a fold, and that is told."""
    (tmp_path / "line.csv").write_text("x,y\n" + "".join(f"{x},{2 * x}\n" for x in range(4)))
    (tmp_path / "line.yaml").write_text(
        "data: {source: line.csv, target: y}\nlayers: [{type: linear, out_features: 1}]\nloss: mse\n"
        "batch_size: 3\nepochs: 2\n"
    )
    done = nnctl("train", "line.yaml", "--folds", "4", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "runs" / "line" / "result.json").read_text())
    assert [fold["samples"] for fold in report["folds"]] == [1] * 4
    assert report["mean"]["r2"] is None
    assert report["mean"]["rmse"] > 0
    assert "–" in done.stdout
