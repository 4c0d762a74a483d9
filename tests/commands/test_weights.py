"""`class_weight` and `data.weight` by the real command: what is said, kept, measured, and what is refused."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

import nnctl as face
from nnctl.model.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from nnctl.training import trainer
from nnctl.training.observers.observer import Observer
from tests.support.command import checkpoints_of, nnctl, report_of, rows_of
from tests.support.refusal import refusal_of

CONFIG = """name: ill
data: {source: ill.csv, target: state, weight: hours, validation: 0.2, test: 0.2}
class_weight: balanced
layers:
  - {type: linear, out_features: 4, activation: tanh}
  - {type: dropout, p: 0.2}
  - {type: linear, out_features: 2}
loss: cross_entropy
learning_rate: 0.01
batch_size: 16
epochs: 3
metrics: [accuracy, f1]
"""
NOTE = "rows are weighted by hours, from 0 to 7.5; it is no input"


def write(folder: Path, config: str = CONFIG) -> None:
    """120 rows, a sixth of them sick."""
    stream = np.random.default_rng(4)
    rows = ["a,b,hours,state"]
    for number in range(120):
        a, b, hours = stream.normal(), stream.normal(), stream.integers(0, 16) / 2
        state = "sick" if a + stream.normal() > 1.4 else "well"
        rows.append(f"{a:.3f},{b:.3f},{7.5 if number == 3 else 0 if number == 4 else hours},{state}")
    (folder / "ill.csv").write_text("\n".join(rows) + "\n")
    (folder / "ill.yaml").write_text(config)


def without_weights(folder: Path) -> Path:
    """The same rows in a file without their weights."""
    rows = [line.split(",") for line in (folder / "ill.csv").read_text().splitlines()]
    path = folder / "bare.csv"
    path.write_text("\n".join(",".join(row[:2] + row[3:]) for row in rows) + "\n")
    return path


def config_of(run: Path) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((run / "config.yaml").read_text())
    return config


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with the run runs/ill, and its report."""
    folder = tmp_path_factory.mktemp("weights")
    write(folder)
    return folder, report_of("train", "ill.yaml", cwd=folder)


def test_what_weighs_is_told_once(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, report = trained
    weights = config_of(folder / "runs" / "ill")["class_weight"]
    told = f"class_weight: sick {weights['sick']:.3g}, well {weights['well']:.3g}"
    assert [note for note in report["notes"] if "weigh" in note] == [NOTE, told]


def test_balanced_is_kept_as_the_weights_that_it_was(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """And the run's own config gives the run again, without a word."""
    folder, _ = trained
    weights = config_of(folder / "runs" / "ill")["class_weight"]
    assert weights["sick"] > 2 > 1 > weights["well"]
    assert 1 / weights["sick"] + 1 / weights["well"] == pytest.approx(2)
    again = report_of("train", "runs/ill/config.yaml", "--run", tmp_path / "again", cwd=folder)
    assert [note for note in again["notes"] if "weigh" in note] == [NOTE]
    assert checkpoints_of(tmp_path / "again") == checkpoints_of(folder / "runs" / "ill")


def test_the_weight_is_no_input(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = trained
    report = report_of("check", "ill.yaml", cwd=folder)
    assert report["inputs"] == [2]
    assert [column["name"] for column in report["data"]["columns"]] == ["a", "b"]
    assert NOTE in report["notes"]


def test_eval_measures_with_the_weights(trained: tuple[Path, dict[str, Any]]) -> None:
    """The loss with those of rows and classes, as in training; all else with those of rows."""
    folder, report = trained
    found = report_of("eval", "runs/ill", "--split", "validation", cwd=folder)
    best = next(row for row in rows_of(folder / "runs" / "ill") if row["epoch"] == report["best_epoch"])
    for name in ("loss", "accuracy", "f1"):
        assert found["metrics"][name] == pytest.approx(best[f"val_{name}"], rel=1e-9)
    assert found["weight"] == "hours"
    confusion = np.array(found["confusion_matrix"])
    assert found["metrics"]["accuracy"] == pytest.approx(np.trace(confusion) / confusion.sum(), rel=1e-12)
    assert [row["samples"] for row in found["by_class"]] == pytest.approx(confusion.sum(axis=1))
    printed = nnctl("eval", "runs/ill", cwd=folder)
    assert "on 24 test samples, weighted by hours" in printed.stdout


def test_other_files_may_have_no_weights(trained: tuple[Path, dict[str, Any]]) -> None:
    """Which is told; then rows count alike. Those that have some are measured with them."""
    folder, _ = trained
    bare = report_of("eval", "runs/ill", "--data", without_weights(folder), cwd=folder)
    assert any(
        note.endswith("bare.csv has no column hours, the weight; its rows count alike") for note in bare["notes"]
    )
    assert "weight" not in bare
    assert np.array(bare["confusion_matrix"]).dtype.kind == "i"
    assert np.sum(bare["confusion_matrix"]) == 120
    weighted = report_of("eval", "runs/ill", "--data", "ill.csv", cwd=folder)
    assert weighted["weight"] == "hours"
    assert weighted["metrics"]["accuracy"] != bare["metrics"]["accuracy"]
    rows = (folder / "bare.csv").read_text().splitlines()
    (folder / "ones.csv").write_text("\n".join([f"{rows[0]},hours", *(f"{row},2" for row in rows[1:])]) + "\n")
    alike = report_of("eval", "runs/ill", "--data", "ones.csv", cwd=folder)
    assert alike["metrics"] == pytest.approx(bare["metrics"], rel=1e-12)


def test_predict_needs_no_weights(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = trained
    written = [nnctl("predict", "runs/ill", file, cwd=folder) for file in ("ill.csv", without_weights(folder))]
    assert written[0].stdout == written[1].stdout
    assert "hours" not in written[0].stderr


def test_a_weight_of_2_is_the_row_twice(tmp_path: Path) -> None:
    """Also for `balanced`, and in what is measured of the training samples. A batch is the whole file."""
    rows = [f"{number % 7},{number % 5 % 2},{1 + number % 3}" for number in range(20)]
    twice = [row for row in rows for _ in range(int(row[-1]))]
    settings = "batch_size={}", "epochs=5", "metrics=[f1, accuracy]"
    config = "class_weight: balanced\nlayers: [{type: linear, out_features: 2}]\nloss: cross_entropy\n"
    (tmp_path / "weighted.yaml").write_text(f"data: {{source: weighted.csv, target: y, {{}}}}\n{config}")
    losses = []
    for name, lines, key in (("weighted", rows, "weight: w"), ("twice", twice, "features: [x]")):
        (tmp_path / f"{name}.csv").write_text("\n".join(["x,y,w", *lines]) + "\n")
        # not scaled: the mean of the inputs is that of the file's rows
        (tmp_path / f"{name}.yaml").write_text(
            f"data: {{source: {name}.csv, target: y, numbers: {{scale: none}}, {key}}}\n{config}"
        )
        report_of("train", f"{name}.yaml", settings[0].format(len(lines)), *settings[1:], cwd=tmp_path)
        kept = ("loss", "f1", "accuracy", "grad_norm")
        losses += [[row[key] for row in rows_of(tmp_path / "runs" / name) for key in kept]]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_each_fold_balances_its_own_training_samples(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    write(tmp_path)
    report = report_of("train", "ill.yaml", "epochs=1", "--folds", "3", cwd=tmp_path)
    weights = [config_of(tmp_path / fold["run"])["class_weight"] for fold in report["folds"]]
    assert len({own["sick"] for own in weights}) == 3
    for own in weights:
        assert sum(1 / weight for weight in own.values()) == pytest.approx(2)


@pytest.mark.slow
def test_a_sweep_over_class_weights(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "sweep.yaml").write_text(
        "base: ill.yaml\nmetric: val_f1\nparameters:\n  class_weight: [null, balanced, {sick: 20}]\n  epochs: [1]\n"
    )
    report = report_of("sweep", "sweep.yaml", cwd=tmp_path)
    kept = [config_of(tmp_path / trial["run"])["class_weight"] for trial in report["trials"]]
    assert kept[0] is None
    assert kept[1]["sick"] > 2
    assert kept[2] == {"sick": 20.0, "well": 1.0}
    assert len({trial["value"] for trial in report["trials"]}) > 1


class Interrupted(Observer):
    """Stops the run as Ctrl-C does, in the middle of the second epoch."""

    def stepped(self, epoch: int, step: int, samples: int, loss: float) -> None:
        if (epoch, step) == (2, 2):
            signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("threads", [1, 2])
def test_resumed_in_the_middle_of_an_epoch(
    trained: tuple[Path, dict[str, Any]], threads: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On any number of threads it ends with the bytes of a run in one go."""
    folder, _ = trained
    monkeypatch.setattr(trainer, "CHECK_INTERVAL", 0.0)
    run = tmp_path / "run"
    stopped = face.train(folder / "ill.yaml", run=run, threads=threads, observers=[Interrupted()])
    assert stopped.signal == signal.SIGINT
    assert stopped.report["epochs"] == 1
    face.train(folder / "ill.yaml", run=run, threads=threads, resume=True)
    assert rows_of(run) == rows_of(folder / "runs" / "ill")
    assert checkpoints_of(run) == checkpoints_of(folder / "runs" / "ill")


def test_other_class_weights_are_another_run(trained: tuple[Path, dict[str, Any]]) -> None:
    folder, _ = trained
    refused = refusal_of("train", "ill.yaml", "class_weight.sick=3", "--resume", cwd=folder, code=2)
    refused.says("class_weight has no keys", "give the value itself, or one with keys: class_weight={sick: …}")
    refused = refusal_of("train", "ill.yaml", "class_weight={sick: 3}", "--resume", cwd=folder, code=4)
    refused.says("class_weight.sick: was", "is 3.0 now", "set it back, or start a new run without --resume")


def measured_by_hand(
    outputs: NDArray[np.float64], targets: NDArray[np.int64], weights: NDArray[np.float64]
) -> tuple[float, float]:
    """Mean -log p and accuracy, each with weights of its own: those of the loss, and 1."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(targets)), targets]
    return float((weights * losses).sum() / weights.sum()), float((outputs.argmax(axis=1) == targets).mean())


def test_arrays_have_classes_with_weights_too(tmp_path: Path) -> None:
    """Named by their numbers; a class that is not named counts 1."""
    stream = np.random.default_rng(0)
    inputs, targets = stream.normal(size=(60, 3)).astype(np.float32), stream.integers(0, 3, 60)
    np.savez(tmp_path / "a.npz", x=inputs, y=targets)
    (tmp_path / "a.yaml").write_text(
        'data: a.npz\nclass_weight: {"2": 5, "0": 0.5}\nlayers: [{type: linear, out_features: 3}]\n'
        "loss: cross_entropy\nbatch_size: 60\nepochs: 1\n"
    )
    report_of("train", "a.yaml", cwd=tmp_path)
    assert config_of(tmp_path / "runs" / "a")["class_weight"] == {"0": 0.5, "1": 1.0, "2": 5.0}
    found = report_of("eval", "runs/a", cwd=tmp_path)
    report_of("predict", "runs/a", "a.npz", "-o", "p.csv", cwd=tmp_path)
    probabilities = np.loadtxt(tmp_path / "p.csv", delimiter=",", skiprows=1)[:, 2:]
    loss, accuracy = measured_by_hand(np.log(probabilities), targets, np.array([0.5, 1.0, 5.0])[targets])
    assert found["metrics"]["loss"] == pytest.approx(loss, rel=1e-5)
    assert found["metrics"]["accuracy"] == accuracy
    assert np.sum(found["confusion_matrix"]) == 60


BINARY = {"loss": "binary_cross_entropy", "layers.2.out_features": "1"}


@pytest.mark.parametrize("keys", ['{"0": 1, "1": 9}', "{yes: 9}", '{"false": 1, "true": 9}'])
def test_targets_of_0_and_1_have_two_classes(tmp_path: Path, keys: str) -> None:
    write(tmp_path)
    text = (tmp_path / "ill.csv").read_text().replace("sick", "yes").replace("well", "no")
    (tmp_path / "ill.csv").write_text(text)
    settings = [f"{key}={value}" for key, value in BINARY.items()]
    report_of("train", "ill.yaml", *settings, f"class_weight={keys}", cwd=tmp_path)
    assert config_of(tmp_path / "runs" / "ill")["class_weight"] == {"0": 1.0, "1": 9.0}
    report = report_of("check", "ill.yaml", *settings, cwd=tmp_path)
    assert any(note.startswith("class_weight: 0 0.") for note in report["notes"])


# name: (settings, the exit code, what is wrong, the remedy)
REFUSED: dict[str, tuple[list[str], int, str, str]] = {
    "no such class": (
        ["class_weight={sik: 3}"],
        2,
        "class_weight.sik: there is no class sik in the data; its classes are sick, well",
        "did you mean sick?",
    ),
    "no class at all like it": (['class_weight={"0": 3}'], 2, "there is no class 0 in the data", "name one of these"),
    "a number as a key": (
        ["class_weight={0: 3}"],
        2,
        "class_weight: expected a word as the key, got `0`",
        'as a name it stands in quotes: "0"',
    ),
    "below 0": (
        ["class_weight={sick: -1}"],
        2,
        "class_weight.sick: expected a number of at least 0, got -1",
        "at least",
    ),
    "no number": (["class_weight={sick: ten}"], 2, "class_weight.sick: expected a number, got 'ten'", "write digits"),
    "misspelt": (
        ["class_weight=balance"],
        2,
        "expected balanced or a mapping, got 'balance'",
        "did you mean balanced?",
    ),
    "nothing left": (
        ["class_weight={sick: 0, well: 0}"],
        2,
        "leaves nothing of the train, validation, test samples: all that they have weighs 0",
        "give weights above 0",
    ),
    "of values": (
        ["loss=mse", "data.target=a", "layers.2.out_features=1", "metrics=[r2]"],
        2,
        "class_weight: is set, and the targets of mse are numbers, not classes",
        "remove it, or use the loss cross_entropy; `data.weight` weighs rows",
    ),
    "several targets": (
        ["loss=binary_cross_entropy", "data.target=[state, b]", "data.columns.b=yes_no"],
        2,
        "class_weight: is set, and a sample has 2 targets, each of them 0 or 1",
        "leave it out, or train a network for each target",
    ),
    "elsewhere": (["data.class_weight=balanced"], 2, "data.class_weight: unknown key", "write class_weight=balanced"),
    "the words of others": (["data.sample_weight=hours"], 2, "unknown key", "did you mean weight?"),
    "no such column": (["data.weight=hour"], 3, "ill.csv: has no column hour", "did you mean hours?"),
    "the target": (["data.weight=state"], 2, "data.weight: is state, which is the target as well", "another column"),
    "the id": (["data.id=hours"], 2, "data.weight: is hours, which is the id as well", "another column"),
    "an input": (
        ["data.features=[a, hours]"],
        2,
        "data.features: has hours, which is the weight of rows and no input",
        "take it out of the list, or leave `weight` out",
    ),
    "of windows": (
        ["data.series={window: 3}", "data.target=a", "loss=mse", "layers.2.out_features=1", "metrics=[r2]"],
        2,
        "data.weight: is set, and with `series` a sample is a window of many rows",
        "leave one of them out",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_settings_that_cannot_be(name: str, tmp_path: Path) -> None:
    settings, code, what, help = REFUSED[name]
    write(tmp_path)
    if name == "several targets":
        text = (tmp_path / "ill.csv").read_text().replace("sick", "yes").replace("well", "no")
        rows = [row.split(",") for row in text.splitlines()]
        lines = [rows[0], *([row[0], "yn"[number % 2], *row[2:]] for number, row in enumerate(rows[1:]))]
        (tmp_path / "ill.csv").write_text("\n".join(map(",".join, lines)) + "\n")
    refusal_of("train", "ill.yaml", *settings, cwd=tmp_path, code=code).says(what, help)


MISSING = "ill.csv:4: column hours: the weight is missing, or no number, in 1 of the 120 rows"
# by what stands in the file's fourth line, what is wrong with it
CELLS = {
    "": MISSING,
    "none": MISSING,
    "much": MISSING,
    "inf": MISSING,
    "-2": "ill.csv:4: column hours: the weight is -2, expected one from 0 to 1e+30, in 1 of the 120 rows",
    "2e30": "ill.csv:4: column hours: the weight is 2e+30, expected one from 0 to 1e+30, in 1 of the 120 rows",
}


@pytest.mark.parametrize("cell", CELLS)
def test_weights_that_are_none(cell: str, tmp_path: Path) -> None:
    write(tmp_path)
    lines = (tmp_path / "ill.csv").read_text().splitlines()
    lines[3] = ",".join([*lines[3].split(",")[:2], cell, "well"])
    (tmp_path / "ill.csv").write_text("\n".join(lines) + "\n")
    refusal_of("train", "ill.yaml", cwd=tmp_path, code=3).says(
        CELLS[cell], "fix it, or remove the row; a weight of 0 leaves it out"
    )
    lines[3] = lines[3].replace(f",{cell},well", ",0,well")
    (tmp_path / "ill.csv").write_text("\n".join(lines) + "\n")
    report_of("check", "ill.yaml", cwd=tmp_path)


@pytest.mark.parametrize(
    ("weights", "what", "help"),
    [
        ("0", "column hours: the weights are all 0", "name another column, or leave `weight` out"),
        ("high low", "the weight is a number, and the column is read as category", "name a column of numbers"),
        ("yes no", "the weight is a number, and the column is read as yes_no", "set `columns: {hours: number}`"),
    ],
)
def test_columns_that_are_no_weights(weights: str, what: str, help: str, tmp_path: Path) -> None:
    write(tmp_path)
    lines = (tmp_path / "ill.csv").read_text().splitlines()
    words = weights.split()
    for number, line in enumerate(lines[1:], 1):
        cells = line.split(",")
        lines[number] = ",".join([*cells[:2], words[number % len(words)], cells[3]])
    (tmp_path / "ill.csv").write_text("\n".join(lines) + "\n")
    refusal_of("train", "ill.yaml", cwd=tmp_path, code=3).says(what, help)


def test_a_split_whose_rows_weigh_nothing(tmp_path: Path) -> None:
    write(tmp_path)
    header, *lines = (tmp_path / "ill.csv").read_text().splitlines()
    cells = [line.split(",") for line in lines]
    numbered = [",".join([*row[:2], "0" if n > 100 else "1", row[3], str(n)]) for n, row in enumerate(cells)]
    (tmp_path / "ill.csv").write_text("\n".join([f"{header},number", *numbered]) + "\n")
    settings = "data.validation={column: number, from: 101}", "data.test=null"
    for class_weight, key in (("null", "data.weight"), ("balanced", "class_weight")):
        refused = refusal_of("train", "ill.yaml", *settings, f"class_weight={class_weight}", cwd=tmp_path, code=2)
        refused.says(f"{key}: leaves nothing of the validation samples", "split the samples in another way")


def test_rows_without_a_target_need_no_weight(tmp_path: Path) -> None:
    write(tmp_path)
    lines = (tmp_path / "ill.csv").read_text().splitlines()
    lines[3] = ",".join([*lines[3].split(",")[:2], "", ""])
    (tmp_path / "ill.csv").write_text("\n".join(lines) + "\n")
    report = report_of("check", "ill.yaml", cwd=tmp_path)
    assert report["data"]["splits"]["train"]["samples"] == 76


def test_a_checkpoint_whose_class_weights_are_none(trained: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """Such as somebody made up."""
    folder, _ = trained
    kept = read_checkpoint(folder / "runs" / "ill" / "checkpoints" / "best.safetensors")
    for wrong in ("balanced", {"sick": 1.0}, {"sick": 1.0, "well": 1.0, "both": 1.0}):
        config = kept.description["config"] | {"class_weight": wrong}
        made = folder / "runs" / "ill" / "checkpoints" / "made.safetensors"
        write_checkpoint(made, Checkpoint(kept.tensors, kept.description | {"config": config}))
        refused = refusal_of("eval", made, cwd=tmp_path, code=4)
        refused.says("class_weight has not a number for each class")
