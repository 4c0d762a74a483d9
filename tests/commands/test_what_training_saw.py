"""What eval and predict say of rows that are unlike those of training, and of targets that are not there."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.support.command import nnctl, report_of, rows_of
from tests.support.refusal import refusal_of

PRICES = """
data: {source: areas.csv, target: price, target_transform: [log, standard], validation: 0.1}
layers: [{type: linear, out_features: 16, activation: silu}, {type: linear, out_features: 1}]
loss: mse
optimizer: adam
learning_rate: 0.02
batch_size: 20
epochs: 40
"""
STORES = """
data: {source: stores.csv, target: sales, columns: {store: category}}
layers: [{type: linear, out_features: 1}]
loss: mse
optimizer: adam
learning_rate: 0.3
batch_size: 20
epochs: 40
"""


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def notes_of(stderr: str) -> list[str]:
    return [line.removeprefix("note: ") for line in stderr.splitlines() if line.startswith("note: ")]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    random = np.random.default_rng(0)
    areas = [31.0, 200.0, *random.uniform(31, 200, 198)]
    lines = [f"{area:.1f},{area * 1000 * np.exp(random.normal(0, 0.05)):.0f}" for area in areas]
    (folder / "areas.csv").write_text("\n".join(["area,price", *lines]) + "\n")
    lines = [f"{row % 6 + 1},{row % 5},{10 * (row % 6 + 1) ** 2 + row % 5}" for row in range(200)]
    (folder / "stores.csv").write_text("\n".join(["store,day,sales", *lines]) + "\n")
    for name, config in (("prices", PRICES), ("stores", STORES)):
        (folder / f"{name}.yaml").write_text(config)
        report_of("train", f"{name}.yaml", "--run", name, "-q", cwd=folder)
    return folder


FAR = "area,price\n100,100000\n1000,1000000\n2000,2000000\n10000,10000000\n"
OUTSIDE = "column area: 3 of the 4 {} are outside 31 … 200, what training saw"
CLIPPED = "3 of the 4 predictions lie far beyond the targets that training saw and are clipped: price to "


def test_a_log_target_is_not_undone_beyond_what_training_saw_in_silence(runs: Path) -> None:
    (runs / "far.csv").write_text(FAR)
    done = nnctl("predict", "prices", "far.csv", cwd=runs)
    outside, clipped = notes_of(done.stderr)
    assert outside == OUTSIDE.format("rows")
    assert clipped.startswith(CLIPPED)
    known, *far = (float(row["price"]) for row in read(done.stdout))
    assert known == pytest.approx(100_000, rel=0.1)
    assert all(200_000 < price < 1_000_000 for price in far)
    report = report_of("predict", "prices", "far.csv", "-o", "far_out.csv", cwd=runs)
    assert report["notes"] == [outside, clipped]


def test_eval_measures_the_predictions_that_predict_makes(runs: Path) -> None:
    (runs / "far.csv").write_text(FAR)
    report = report_of("eval", "prices", "--data", "far.csv", cwd=runs)
    outside, clipped = report["notes"]
    assert outside == OUTSIDE.format("given samples")
    assert clipped.startswith(CLIPPED)
    found = np.array([float(row["price"]) for row in read(nnctl("predict", "prices", "far.csv", cwd=runs).stdout)])
    wanted = np.array([1e5, 1e6, 2e6, 1e7])
    assert report["metrics"]["mae"] == pytest.approx(np.abs(found - wanted).mean(), rel=1e-6)
    again = report_of("eval", "prices", "--data", "far.csv", "--importance", "--repeats", "2", cwd=runs)
    assert again["metrics"] == report["metrics"]
    assert again["notes"] == report["notes"]


def test_rows_like_those_of_training_are_nothing_to_tell(runs: Path) -> None:
    (runs / "near.csv").write_text("area\n31\n200\n77.7\n")
    assert report_of("predict", "prices", "near.csv", "-o", "near_out.csv", cwd=runs)["notes"] == []
    (runs / "one.csv").write_text("area\n20\n")
    done = nnctl("predict", "prices", "one.csv", cwd=runs)
    assert notes_of(done.stderr)[0] == "column area: the only row is outside 31 … 200, what training saw"


@pytest.mark.slow
@pytest.mark.parametrize("labels", ["ABCDEF", "789", ["store 1", "store 2"], ["7"]])
def test_a_column_of_unseen_categories_alone_is_refused(runs: Path, labels: Any) -> None:
    (runs / "other.csv").write_text("store,day,sales\n" + "".join(f"{label},1,11\n" for label in labels))
    for command in (("predict", "stores", "other.csv", "-o", "out.csv"), ("eval", "stores", "--data", "other.csv")):
        refusal = refusal_of(*command, cwd=runs, code=3)
        refusal.says("other.csv: column store: no row has a value that training saw: the first is ", "--allow-unseen")
    done = nnctl("predict", "stores", "other.csv", cwd=runs)
    assert (done.returncode, done.stdout) == (3, "")
    rows = "the only row has" if len(labels) == 1 else f"all {len(labels)} rows have"
    note = f"column store: {rows} a value that training never saw"
    done = nnctl("predict", "stores", "other.csv", "--allow-unseen", cwd=runs)
    assert len(read(done.stdout)) == len(labels)
    assert note in notes_of(done.stderr)
    report = report_of("eval", "stores", "--data", "other.csv", "--allow-unseen", cwd=runs)
    assert note.replace("row", "given sample") in report["notes"]


def test_a_missing_category_alone_is_no_mismatch(runs: Path) -> None:
    (runs / "gap.csv").write_text("store,day,sales\n,1,11\n")
    report = report_of("predict", "stores", "gap.csv", "-o", "gap_out.csv", cwd=runs)
    assert report["notes"] == ["column store: the only row has no value, and training missed none"]
    assert report_of("eval", "stores", "--data", "gap.csv", cwd=runs)["samples"] == 1


def test_a_test_file_of_unseen_categories_alone_is_told_in_training_and_refused_by_eval(runs: Path) -> None:
    (runs / "new.csv").write_text("store,day,sales\na,1,11\nb,1,11\n")
    report_of("train", "stores.yaml", "data.test=new.csv", "data.validation=0.1", "--run", "new", "-q", cwd=runs)
    refusal_of("eval", "new", cwd=runs, code=3).says("new.csv: column store: no row has a value that training saw")
    assert report_of("eval", "new", "--allow-unseen", cwd=runs)["samples"] == 2
    assert report_of("eval", "new", "--split", "validation", cwd=runs)["samples"] == 20


@pytest.mark.parametrize("spelling", ["{}", "{}.0", "{}.00", " {} "])
def test_a_store_is_the_same_however_its_number_is_written(runs: Path, spelling: str) -> None:
    lines = [f"{spelling.format(row % 6 + 1)},{row % 5},{10 * (row % 6 + 1) ** 2 + row % 5}" for row in range(200)]
    (runs / "again.csv").write_text("\n".join(["store,day,sales", *lines]) + "\n")
    first, again = (report_of("eval", "stores", "--data", name, cwd=runs) for name in ("stores.csv", "again.csv"))
    assert first["metrics"] == again["metrics"]
    assert first["notes"] == again["notes"] == []
    assert again["metrics"]["r2"] > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("spelling", ["{}", "{}.0", "{}.00"])
@pytest.mark.parametrize("kind", ["category", "number"])
def test_a_class_is_the_same_however_its_number_is_written(tmp_path: Path, kind: str, spelling: str) -> None:
    lines = ["x,grade", *(f"{row % 3},{row % 3 + 1}" for row in range(30))]
    (tmp_path / "data.csv").write_text("\n".join(lines) + "\n")
    config = VALUES.replace("mse", "cross_entropy").replace("features: 1", "features: 3")
    config = config.replace("target: price", f"target: grade, columns: {{grade: {kind}}}")
    (tmp_path / "run.yaml").write_text(config)
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    again = ["x,grade", *(f"{row % 3},{spelling.format(row % 3 + 1)}" for row in range(30))]
    (tmp_path / "again.csv").write_text("\n".join(again) + "\n")
    first, second = (report_of("eval", "run", "--data", name, cwd=tmp_path) for name in ("data.csv", "again.csv"))
    assert first["metrics"] == second["metrics"]
    assert first["classes"] == second["classes"] == ["1", "2", "3"]


def test_a_known_category_far_down_is_enough(runs: Path) -> None:
    lines = "x,1\n" * 20_000 + "3,1\n"
    (runs / "late.csv").write_text(f"store,day\n{lines}")
    done = nnctl("predict", "stores", "late.csv", cwd=runs)
    assert done.returncode == 0
    assert len(read(done.stdout)) == 20_001
    assert notes_of(done.stderr) == ["column store: 20,000 of the 20,001 rows have a value that training never saw"]


def test_validation_and_test_samples_are_compared_too(runs: Path, tmp_path: Path) -> None:
    (tmp_path / "v.csv").write_text("area,price\n500,400000\n100,90000\n")
    done = nnctl("check", runs / "prices.yaml", f"data.validation={tmp_path}/v.csv", "--json", cwd=tmp_path)
    note = "column area: 1 of the 2 validation samples is outside 31 … 200, what training saw"
    assert json.loads(done.stdout)["notes"] == [note]
    lines = [f"{row},{row % 7},{row % 5}" for row in range(40)]
    (tmp_path / "time.csv").write_text("\n".join(["time,day,price", *lines, "40,9,2", "41,-1,2", "42,3,3"]) + "\n")
    rule = ["data.source=time.csv", "data.target_transform=none", "data.test={column: time, from: 40}"]
    report = report_of(
        "check", runs / "prices.yaml", *(key.replace("=time", f"={tmp_path}/time") for key in rule), cwd=tmp_path
    )
    assert "column day: 2 of the 3 test samples are outside 0 … 6, what training saw" in report["notes"]


def test_samples_that_are_drawn_at_random_are_not_for_chance_alone_puts_some_outside(runs: Path) -> None:
    for part in ("validation", "test"):
        notes = report_of("check", "prices.yaml", f"data.{part}=0.4", "seed=3", cwd=runs)["notes"]
        assert not any("outside" in note for note in notes), notes
    assert report_of("eval", "prices", "--split", "validation", cwd=runs)["notes"] == []


MISSING = "x,k,price\n1,a,2\n2,b,NA\n3,a,6\n4,b,\n5,a,10\n6,b,12\n"
LEFT_OUT = "2 of the 6 rows have no price and are left out, the first in line 3"
VALUES = """
data: {source: data.csv, target: price}
layers: [{type: linear, out_features: 1}]
loss: mse
batch_size: 2
epochs: 2
"""


def test_rows_without_a_target_are_left_out_of_training_and_evaluation(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(MISSING)
    (tmp_path / "run.yaml").write_text(VALUES)
    checked = report_of("check", "run.yaml", cwd=tmp_path)
    assert checked["notes"] == [LEFT_OUT]
    assert checked["data"]["splits"]["train"]["samples"] == 4
    done = nnctl("train", "run.yaml", "--run", "run", cwd=tmp_path)
    assert f"note: {LEFT_OUT}" in done.stderr
    report = report_of("eval", "run", cwd=tmp_path)
    assert (report["samples"], report["notes"]) == (4, [LEFT_OUT])
    (tmp_path / "other.csv").write_text("k,x,price\na,3,\nb,2,4\na,1,2\n")
    report = report_of("eval", "run", "--data", "other.csv", cwd=tmp_path)
    assert (report["samples"], report["notes"]) == (2, ["1 of the 3 rows has no price and is left out, in line 2"])
    (tmp_path / "dropped.csv").write_text("x,k,price\n1,a,2\n3,a,6\n5,a,10\n6,b,12\n")
    report_of("train", "run.yaml", "data.source=dropped.csv", "--run", "dropped", cwd=tmp_path)
    same = [report_of("eval", run, "--data", "dropped.csv", cwd=tmp_path)["metrics"] for run in ("run", "dropped")]
    assert same[0] == same[1]


def test_another_file_is_named_in_the_note_on_it(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text(MISSING)
    (tmp_path / "v.csv").write_text("x,k,price\n1,a,2\n2,b,\n")
    (tmp_path / "run.yaml").write_text(VALUES)
    notes = report_of("check", "run.yaml", "data.validation=v.csv", cwd=tmp_path)["notes"]
    assert notes[0] == LEFT_OUT
    assert "v.csv: 1 of the 2 rows has no price and is left out, in line 3" in notes


@pytest.mark.parametrize(
    ("keys", "content", "says"),
    [
        ("missing_target=refuse", MISSING, "data.csv:3: column price: the target is missing, in 2 of the 6 rows"),
        ("missing_target=drop", "x,price\n1,\n2,NA\n", "data.csv: column price: the target is missing in all 2 rows"),
        ("missing_target=refuse", "x,price\n1,\n2,NA\n", "column price: the target is missing in all 2 rows"),
        ("missing_target=skip", MISSING, "data.missing_target: expected drop or refuse, got 'skip'"),
    ],
)
def test_missing_targets_are_refused_where_that_is_wanted_or_all_are(
    tmp_path: Path, keys: str, content: str, says: str
) -> None:
    (tmp_path / "data.csv").write_text(content)
    (tmp_path / "run.yaml").write_text(VALUES)
    code = 2 if "skip" in keys else 3
    refusal_of("check", "run.yaml", f"data.{keys}", cwd=tmp_path, code=code).says(says)


@pytest.mark.parametrize(
    "values", [("-1", "1"), ("1", "-1"), ("-1.0", "1.0"), ("Y", "N"), ("FALSE", "TRUE"), ("0", "1"), ("+", "-")]
)
@pytest.mark.parametrize(("loss", "outputs"), [("hinge", 1), ("binary_cross_entropy", 1), ("cross_entropy", 2)])
def test_two_classes_in_any_spelling_for_any_loss(
    tmp_path: Path, values: tuple[str, str], loss: str, outputs: int
) -> None:
    lines = [f"{x / 10},{values[x > 3]}" for x in range(-20, 20)]
    (tmp_path / "data.csv").write_text("\n".join(["x,price", *lines]) + "\n")
    (tmp_path / "run.yaml").write_text(VALUES.replace("mse", loss).replace("features: 1", f"features: {outputs}"))
    report = report_of("check", "run.yaml", cwd=tmp_path)
    signed = loss != "cross_entropy" and {"-1", "-1.0"} & {*values}
    assert report["notes"] == (["column price: -1 and 1 are taken for 0 and 1"] if signed else [])
    assert report["data"]["splits"]["train"]["samples"] == 40


def hours(folder: Path) -> Path:
    """Bicycles by the hour: commuters on weekdays, trips on weekends, more where it is warm."""
    random = np.random.default_rng(0)
    lines = ["datetime,temp,count"]
    for hour in range(24 * 120):
        at = datetime(2011, 1, 1) + timedelta(hours=hour)
        week = at.weekday() < 5
        peaks = ((8, 1.5, 300, week), (17.5, 2, 350, week), (14, 4, 250, not week))
        count = 20 + sum(
            size * np.exp(-(((at.hour - peak) / width) ** 2)) for peak, width, size, is_on in peaks if is_on
        )
        temp = 15 + random.normal(0, 5)
        lines.append(f"{at:%Y-%m-%d %H:%M:%S},{temp:.1f},{max(0, count * (1 + temp / 40) + random.normal(0, 10)):.0f}")
    (folder / "hours.csv").write_text("\n".join(lines) + "\n")
    return folder / "hours.csv"


@pytest.mark.slow
def test_dates_enter_with_their_cycles(tmp_path: Path) -> None:
    hours(tmp_path)
    report_of("init", "hours.csv", "--target", "count", "-o", "hours.yaml", cwd=tmp_path)
    report = report_of("check", "hours.yaml", cwd=tmp_path)
    (when,) = (column for column in report["data"]["columns"] if column["name"] == "datetime")
    assert when["enters"] == "standardized, weekday, hour"
    for setting, enters in (
        ("data.dates={cyclic: false}", "standardized"),
        ("data.columns={datetime: {type: date, cyclic: [month]}}", "standardized, month"),
    ):
        columns = report_of("check", "hours.yaml", setting, cwd=tmp_path)["data"]["columns"]
        assert enters in [column["enters"] for column in columns]


@pytest.mark.slow
def test_hourly_counts_are_learnt(tmp_path: Path) -> None:
    hours(tmp_path)
    report_of("init", "hours.csv", "--target", "count", "-o", "hours.yaml", cwd=tmp_path)
    report_of("train", "hours.yaml", "--run", "run", "-q", cwd=tmp_path)
    assert report_of("eval", "run", cwd=tmp_path)["metrics"]["r2"] > 0.95
    resolved = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"]
    assert resolved["columns"]["datetime"]["cyclic"] == ["weekday", "hour"]
    assert resolved["dates"] == {"cyclic": True}
    report_of("train", "run/config.yaml", "epochs=2", "--run", "again", "-q", cwd=tmp_path)
    report_of("train", "hours.yaml", "epochs=2", "--run", "same", "-q", cwd=tmp_path)
    assert rows_of(tmp_path / "again") == rows_of(tmp_path / "same")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("{column: x, from_: 0}", "data.test.from_: unknown key help: did you mean from?"),
        ("{column: x, form: 0}", "data.test.form: unknown key help: did you mean from?"),
        ("{colum: x, from: 0}", "data.test.colum: unknown key help: did you mean column?"),
        (
            "{column: x, since: 0}",
            "data.test.since: unknown key help: the keys here are: column, equals, from, to, last",
        ),
    ],
)
def test_a_key_is_suggested_as_a_config_has_it(tmp_path: Path, rule: str, says: str) -> None:
    (tmp_path / "data.csv").write_text(MISSING)
    (tmp_path / "run.yaml").write_text(VALUES)
    refusal_of("check", "run.yaml", f"data.test={rule}", cwd=tmp_path, code=2).says(says)
