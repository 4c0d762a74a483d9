"""Groups of rows, and columns that make a score too good, by the real command."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nnctl.config.load import load_config
from nnctl.data.dataset import open_dataset
from tests.support.command import checkpoints_of, nnctl, report_of
from tests.support.patients import patients
from tests.support.refusal import refusal_of

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "group_folds.json").read_text())["accuracy"]
CONFIG = """
name: run
seed: 0
data: {source: FILE, target: label, validation: 0.1, test: 0.2}
layers: [{type: linear, out_features: 32, activation: relu}, {type: linear, out_features: OUTPUTS}]
loss: LOSS
optimizer: adam
learning_rate: 0.01
epochs: 30
"""
WHOLE_ROWS = "which keeps rows of one value together"


def columns(group: str, name: Callable[[int], Any] = int, targets: str = "words") -> dict[str, list[Any]]:
    inputs, labels, of = patients()
    values = np.random.default_rng(1).normal(size=60).round(3)
    label = [("well", "sick")[one] for one in labels] if targets == "words" else values[of].tolist()
    return {group: [name(one) for one in of], **dict(zip("abcde", inputs.T.tolist(), strict=True)), "label": label}


def write(folder: Path, columns: dict[str, list[Any]], file: str = "data.csv") -> None:
    if file.endswith("parquet"):
        pq.write_table(pa.table(columns), folder / file)
    else:
        rows = [",".join(map(str, row)) for row in zip(*columns.values(), strict=True)]
        (folder / file).write_text("\n".join([",".join(columns), *rows]) + "\n")
    words = isinstance(columns["label"][0], str)
    outputs, loss = (len(set(columns["label"])), "cross_entropy") if words else (1, "mse")
    config = CONFIG.replace("FILE", file).replace("OUTPUTS", str(outputs)).replace("LOSS", loss)
    (folder / "run.yaml").write_text(config)


def notes_on(folder: Path, *settings: str) -> list[str]:
    notes: list[str] = report_of("check", "run.yaml", *settings, cwd=folder)["notes"]
    return notes


def test_patients_are_known_again_unless_they_are_set_aside(tmp_path: Path) -> None:
    write(tmp_path, columns("patient"))

    def accuracy(run: str, *settings: str) -> float:
        report_of("train", "run.yaml", *settings, "--run", run, cwd=tmp_path)
        return float(report_of("eval", run, cwd=tmp_path)["metrics"]["accuracy"])

    assert accuracy("by-row") > 0.95
    assert accuracy("by-group", "data.test={column: patient, share: 0.2}") < 0.7


@pytest.mark.slow
def test_patients_score_as_scikit_learn_says(tmp_path: Path) -> None:
    """CASES: 60 patients of 10 rows, labels random by patient: rows at random 1.00, by patient as tossing a coin."""
    write(tmp_path, columns("patient"))
    by_row = report_of("train", "run.yaml", "--folds", "5", cwd=tmp_path)
    by_group = report_of("train", "run.yaml", "--folds", "5", "--group", "patient", cwd=tmp_path)
    assert by_row["mean"]["accuracy"] > 0.95
    assert GOLDEN["by_row"] > 0.95
    assert abs(by_group["mean"]["accuracy"] - GOLDEN["by_group"]) < 0.12
    assert [fold["samples"] for fold in by_group["folds"]] == [120] * 5
    (note,) = [note for note in by_row["notes"] if note.endswith(WHOLE_ROWS)]  # once for all folds
    assert "rows with the same patient have the same label (60 values in 600 rows)" in note
    assert "; add `--group patient` to `--folds 5`, " in note
    assert not [note for note in by_group["notes"] if note.endswith(WHOLE_ROWS)]
    assert "the validation samples are whole groups of column patient, too" in " ".join(by_group["notes"])


def numbered(one: int) -> int:
    return 7_000_000 + 13 * one


def worded(one: int) -> str:
    return f"P-{one:03}"


@pytest.mark.parametrize(
    ("made", "file", "settings"),
    [
        (columns("patient"), "data.csv", []),
        (columns("Subject No", numbered), "data.csv", ["data.validation=null"]),
        (columns("who", worded), "data.csv", ["data.features={exclude: [who]}"]),
        (columns("who", worded), "data.csv", ["data.id=who"]),
        (columns("Probe: 1", worded), "data.parquet", ["data.features=[a, b]"]),
        (columns("machine", numbered), "data.parquet", []),
        (columns("machine", targets="numbers"), "data.csv", []),
        (columns("machine", worded, "numbers"), "data.parquet", ["data.features=[a]"]),
        (columns("patient"), "data.csv", ["data.test=null"]),
    ],
)
def test_the_remedy_of_the_note_is_typed(
    tmp_path: Path, made: dict[str, list[Any]], file: str, settings: list[str]
) -> None:
    name = next(iter(made))
    write(tmp_path, made, file)
    (note,) = [note for note in notes_on(tmp_path, *settings) if note.endswith(WHOLE_ROWS)]
    assert f"rows with the same {name} have the same label (60 values in 600 rows), and " in note
    key, _, value = note.split("`")[1].partition(": ")
    notes = notes_on(tmp_path, *settings, f"data.{key}={value}")
    assert not [note for note in notes if note.endswith(WHOLE_ROWS)]


def test_the_remedy_of_folds_is_typed(tmp_path: Path) -> None:
    write(tmp_path, columns("a patient", worded))
    report = report_of("train", "run.yaml", "--folds", "2", "epochs=1", cwd=tmp_path)
    (note,) = [note for note in report["notes"] if note.endswith(WHOLE_ROWS)]
    group, folds = note.split("`")[1::2]
    report = report_of("train", "run.yaml", *shlex.split(f"{folds} {group}"), "epochs=1", cwd=tmp_path)
    assert not [note for note in report["notes"] if note.endswith(WHOLE_ROWS)]


def test_no_split_at_random_no_note(tmp_path: Path) -> None:
    write(tmp_path, columns("patient"))
    for settings in (
        ["data.test=null", "data.validation=null"],
        ["data.test={column: a, last: 0.2}", "data.validation=null"],
        ["data.test={column: patient, equals: [1, 2]}", "data.validation=null"],
    ):
        assert not [note for note in notes_on(tmp_path, *settings) if note.endswith(WHOLE_ROWS)]


def values_of(folder: Path, split: str, *settings: str) -> set[str]:
    """The patients whose rows are in a split; the first input is their number."""
    data = load_config(folder / "run.yaml", settings).config
    made = open_dataset(data.data, data.loss.targets, data.seed, data.precision)
    return {str(value) for value in made.splits()[split].inputs[:, 0].tolist()}


def test_a_fraction_beside_groups_takes_groups_too(tmp_path: Path) -> None:
    write(tmp_path, columns("patient"))
    for own, other in (("test", "validation"), ("validation", "test")):
        settings = [f"data.{own}={{column: patient, share: 0.2}}", f"data.{other}=0.1", 'data.features=["*"]']
        splits = [values_of(tmp_path, split, *settings) for split in ("train", "validation", "test")]
        assert sum(map(len, splits)) == 60 == len(set.union(*splits))
        notes = notes_on(tmp_path, *settings)
        assert (
            f"the {other} samples are whole groups of column patient, too: a plain fraction would split them" in notes
        )


def test_the_group_is_an_input_only_where_it_is_named(tmp_path: Path) -> None:
    write(tmp_path, columns("patient"))
    part = "data.test={column: patient, share: 0.2}"

    def inputs(*settings: str) -> list[str]:
        report = report_of("check", "run.yaml", part, *settings, cwd=tmp_path)
        return [column["name"] for column in report["data"]["columns"]]

    said = 'column patient keeps groups of rows together, and is not an input: `features: ["*"]` makes it one'
    assert (inputs(), said in notes_on(tmp_path, part)) == (list("abcde"), True)
    for features, expected in (('["*"]', ["patient", *"abcde"]), ("[patient, a]", ["patient", "a"]), ("[a]", ["a"])):
        setting = f"data.features={features}"
        notes = notes_on(tmp_path, part, setting)
        assert (inputs(setting), said in notes) == (expected, False)
        assert not [note for note in notes if "the target" in note]  # it tells it, and the split takes care of that


def test_a_run_by_groups_is_measured_resumed_and_repeated(tmp_path: Path) -> None:
    write(tmp_path, columns("patient", worded))
    settings = ["data.test={column: patient, share: 0.2}", "data.validation={column: patient, share: 0.1}"]
    report_of("train", "run.yaml", *settings, "epochs=2", "--run", "run", cwd=tmp_path)
    assert report_of("eval", "run", cwd=tmp_path)["samples"] == 120
    report_of("train", "run.yaml", *settings, "epochs=4", "--run", "run", "--resume", cwd=tmp_path)
    report_of("train", "run/config.yaml", "--run", "again", "--threads", "1", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "run").keys() == checkpoints_of(tmp_path / "again").keys()
    last = "last.safetensors"
    assert (tmp_path / "run/checkpoints" / last).read_bytes() == (tmp_path / "again/checkpoints" / last).read_bytes()
    refused = refusal_of("train", "run.yaml", "epochs=5", "--run", "run", "--resume", cwd=tmp_path, code=4)
    refused.says("data.test")


def test_folds_keep_the_groups_of_the_test_samples(tmp_path: Path) -> None:
    write(tmp_path, columns("patient"))
    setting = "data.test={column: patient, share: 0.2}"
    own = report_of("train", "run.yaml", setting, "--folds", "3", "epochs=2", "--run", "own", cwd=tmp_path)
    told = report_of(
        "train", "run.yaml", "--folds", "3", "--group", "patient", "epochs=2", "--run", "told", cwd=tmp_path
    )
    assert own["mean"] == told["mean"]
    assert "group: patient" in (tmp_path / "own/fold-1/config.yaml").read_text()
    one = ["data.test=null", "data.fold={number: 2, folds: 3, group: patient}"]
    report_of("train", "run.yaml", *one, "epochs=2", "--run", "alone", cwd=tmp_path)
    assert checkpoints_of(tmp_path / "alone") == checkpoints_of(tmp_path / "own/fold-2")


@pytest.mark.slow
def test_a_sweep_of_a_run_by_groups(tmp_path: Path) -> None:
    write(tmp_path, columns("patient"))
    (tmp_path / "sweep.yaml").write_text("base: run.yaml\nparameters: {learning_rate: [0.1, 0.01]}\n")
    report = report_of("sweep", "sweep.yaml", "data.test={column: patient, share: 0.2}", "epochs=1", cwd=tmp_path)
    assert "the validation samples are whole groups of column patient, too" in " ".join(report["notes"])


def test_a_series_sets_whole_groups_aside(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = [f"{day},s{store},{random.normal():.3f}" for store in range(10) for day in range(40)]
    (tmp_path / "data.csv").write_text("day,store,label\n" + "\n".join(rows) + "\n")
    config = CONFIG.replace("FILE", "data.csv").replace("OUTPUTS", "1").replace("LOSS", "mse")
    series = "{window: 4, time: day, group: store}"
    (tmp_path / "run.yaml").write_text(config.replace("layers: [", "layers: [flatten, "))
    for settings, samples in (
        (["data.test={column: store, share: 0.2}"], 72),
        (["data.test=null", "data.fold={number: 1, folds: 5, group: store}"], 72),
    ):
        report = report_of("check", "run.yaml", f"data.series={series}", *settings, cwd=tmp_path)
        assert report["data"]["splits"]["test"]["samples"] == samples


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--group", "patient"], 2, "add --folds 5, or set aside whole groups in the config"),
        (["--folds", "5", "--group", "patien"], 3, "has no column patien"),
        (["--folds", "61", "--group", "patient"], 3, "61 folds of 60 groups of column patient"),
        (["data.test={column: patien, share: 0.2}"], 3, "did you mean patient?"),
        (["data.test={column: patient, share: 1}"], 2, "data.test.share: expected a number below 1, got 1"),
        (["data.test={column: patient, shares: 0.2}"], 2, "did you mean share?"),
        (
            ["data.test={column: patient, share: 0.2, equals: 3}"],
            2,
            "needs one of equals, from and to, last, and share",
        ),
        (["data.test={column: patient}"], 2, "needs one of equals, from and to, last, and share"),
        (["data.test={column: patient, equals: []}"], 2, "is an empty list; name one value or more"),
        (["data.test={column: patient, equals: [1, 99]}"], 3, "no row has '99' in column patient"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, arguments: list[str], code: int, said: str) -> None:
    write(tmp_path, columns("patient"))
    parts = said.split("; ")
    refusal_of("train", "run.yaml", *arguments, cwd=tmp_path, code=code).says(*parts)


def test_samples_without_columns_have_no_groups(tmp_path: Path) -> None:
    np.savez(tmp_path / "data.npz", x=np.zeros((20, 3)), y=np.arange(20) % 2)
    (tmp_path / "run.yaml").write_text(
        "data: data.npz\nlayers: [{type: linear, out_features: 2}]\nloss: cross_entropy\nbatch_size: 4\n"
    )
    refused = refusal_of("train", "run.yaml", "--folds", "5", "--group", "who", cwd=tmp_path, code=3)
    refused.says("data.fold.group: names the column who, and data.npz has no columns")
    refused = refusal_of("train", "run.yaml", "data.test={column: who, share: 0.2}", cwd=tmp_path, code=3)
    refused.says("data.test.column: names the column who, and data.npz has no columns")
    (tmp_path / "a.txt").write_text("abcde" * 100)
    text = ("data={format: text, source: a.txt, steps: 4}", "--folds", "5", "--group", "who")
    refused = refusal_of("train", "run.yaml", *text, cwd=tmp_path, code=3)
    refused.says("data.fold.group: names the column who, and a.txt has no columns", "leave it out")


@pytest.mark.parametrize(
    ("made", "file", "note"),
    [
        ({"leak": "near words"}, "data.csv", "leak tells the target label in nearly all samples"),
        ({"leak": "near words"}, "data.parquet", "leak tells the target label in nearly all samples"),
        ({"days": "known after"}, "data.csv", "days tells the target label in nearly all samples"),
        ({"price €": "rounded"}, "data.csv", "price € tells the target label in nearly all samples"),
        ({"log": "log"}, "data.parquet", "log tells the target label in nearly all samples"),
        ({"copy": "copy"}, "data.csv", "copy tells the target label exactly in all training samples"),
    ],
)
def test_a_column_that_alone_tells_the_target(tmp_path: Path, made: dict[str, str], file: str, note: str) -> None:
    random = np.random.default_rng(3)
    rows = 400
    sick = random.integers(0, 2, rows)
    value = random.uniform(1, 90, rows).round(4)
    wrong = np.where(random.random(rows) < 0.005, 1 - sick, sick)
    kinds: dict[str, tuple[Any, Any]] = {
        "near words": (np.char.add(np.array(["in", "out"])[wrong], random.integers(0, 2, rows).astype(str)), sick),
        "known after": (np.where(sick, random.uniform(1, 30, rows).round(2), 0), sick),
        "rounded": (value.round(0), value),
        "log": (np.log(value), value),
        "copy": (value * 100, value),
    }
    ((name, kind),) = made.items()
    column, target = kinds[kind]
    label = [("well", "sick")[one] for one in target] if target is sick else target.tolist()
    write(tmp_path, {name: column.tolist(), "x": random.normal(size=rows).tolist(), "label": label}, file)
    told = [one for one in notes_on(tmp_path) if one.startswith(note)]
    assert len(told) == 1
    assert told[0].endswith("is it known before the target is? else exclude it from `features`")
    assert not [one for one in notes_on(tmp_path, f'data.features={{exclude: ["{name}"]}}') if "the target" in one]


@pytest.mark.parametrize(
    ("made", "file"),
    [
        (columns("patient"), "data.csv"),
        (columns("Probe: 1", worded), "data.parquet"),
        (columns("machine", numbered, "numbers"), "data.csv"),
    ],
)
def test_init_splits_by_the_group(tmp_path: Path, made: dict[str, list[Any]], file: str) -> None:
    write(tmp_path, made, file)
    name = next(iter(made))
    report = report_of("init", file, "--target", "label", "-o", "drafted.yaml", cwd=tmp_path)
    roles = {column["name"]: (column["role"], column["why"]) for column in report["columns"]}
    assert roles[name] == ("left out", "names what rows belong to, in 60 groups")
    done = nnctl("check", "drafted.yaml", "--json", cwd=tmp_path)
    splits = json.loads(done.stdout)["data"]["splits"]
    assert [splits[split]["samples"] for split in ("train", "validation", "test")] == [490, 50, 60]
    assert json.loads(done.stdout)["notes"] == []


def test_init_of_a_table_without_groups_splits_by_row(tmp_path: Path) -> None:
    made = columns("patient")
    made["label"] = np.random.default_rng(5).permutation(made["label"]).tolist()
    write(tmp_path, made)
    text = report_of("init", "data.csv", "--target", "label", cwd=tmp_path)["text"]
    assert "validation: 0.1 #" in text
    assert "test: 0.1 #" in text
