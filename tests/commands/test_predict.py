"""`nnctl predict`: tables, arrays and images; what it writes, refuses and tells; its memory; how it is stopped."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from nnctl.model.checkpoint import read_checkpoint, write_checkpoint
from tests.support.command import COMMAND, DATA, nnctl, report_of, surroundings
from tests.support.kills import killed_before
from tests.support.refusal import refusal_of
from tests.support.terminal import run_on_terminal

CLASSES = """
data:
  source: birds.csv
  target: kind
  id: ring
  features: {exclude: [note]}
  test: 0.2
  numbers: {missing: mean}
layers: [{type: linear, out_features: 3}]
loss: cross_entropy
learning_rate: 0.05
epochs: 20
"""
VALUES = """
data: {source: birds.csv, target: [weight, length], id: ring, features: [wing, island, when, note],
  target_transform: TRANSFORM}
layers: [{type: linear, out_features: 2}]
loss: mse
epochs: 5
"""
BINARY = """
data: {source: birds.csv, target: male, features: [wing, island]}
layers: [{type: linear, out_features: 1}]
loss: binary_cross_entropy
epochs: 2
"""
DIGITS = f"""
data: {{source: {DATA}/mnist, standardize: true}}
layers: [flatten, {{type: linear, out_features: 10}}]
loss: cross_entropy
batch_size: 100
epochs: 1
"""
IMAGES = DATA / "mnist" / "t10k-images-idx3-ubyte.gz"


def birds(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Rows with missing numbers and words, ids and texts that need quoting, and dates."""
    stream = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        kind, wing = "abc"[number % 3], stream.normal(20 + 5 * (number % 3), 2)
        rows.append(
            {
                "ring": f'R{seed}-{number:03}, "new"',
                "wing": "" if number % 11 == 0 else f"{wing:.3f}",
                "island": ("", "north", "south, far", 'the "west"')[stream.integers(4)],
                "when": f"2024-01-{1 + number % 28:02}",
                "male": "yes" if wing > 25 else "no",
                "weight": f"{np.exp(wing / 10):.4f}",
                "length": f"{wing * 2 + stream.normal():.4f}",
                "kind": f"kind, {kind}",
                "note": "ab"[number % 2],
            }
        )
    return rows


def write(path: Path, rows: list[dict[str, Any]], delimiter: str = ",") -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def predicted(folder: Path, *arguments: str | Path) -> list[dict[str, str]]:
    """The rows that the command prints, which must have ended well."""
    done = nnctl("predict", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return read(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("birds")
    write(made / "birds.csv", birds(300))
    configs = {"classes": CLASSES, "binary": BINARY, "digits": DIGITS}
    configs |= {name: VALUES.replace("TRANSFORM", name) for name in ("log", "none")}
    for name, text in configs.items():
        (made / f"{name}.yaml").write_text(text)
        report_of("train", f"{name}.yaml", "--run", name, cwd=made)
    return made


def test_classes_come_with_the_probabilities_of_all(folder: Path) -> None:
    rows = predicted(folder, "classes", "birds.csv")
    assert list(rows[0]) == ["ring", "prediction", *(f"probability_kind, {kind}" for kind in "abc")]
    assert [row["ring"] for row in rows] == [row["ring"] for row in birds(300)]
    for row in rows:
        shares = {name.removeprefix("probability_"): float(row[name]) for name in list(row)[2:]}
        assert sum(shares.values()) == pytest.approx(1, abs=1e-8)
        assert row["prediction"] == max(shares, key=lambda name: shares[name])


@pytest.fixture(scope="module")
def other(folder: Path) -> list[dict[str, Any]]:
    """The training rows shuffled, some of them with a category that training never saw or without one."""
    rows = [dict(row) for row in birds(300)]
    for number in range(0, 300, 7):
        rows[number]["island"] = "atlantis"
    for number in range(3, 300, 10):
        rows[number] |= {"island": "NA", "wing": "null"}
    order = np.random.default_rng(5).permutation(300)
    chosen = [rows[number] for number in order]
    write(folder / "other.csv", chosen)
    return chosen


@pytest.mark.parametrize("file", ["birds.csv", "other.csv"])
def test_the_round_trip_of_classes(folder: Path, other: list[dict[str, Any]], file: str) -> None:
    truth = {row["ring"]: row["kind"] for row in other}
    rows = predicted(folder, "classes", file)
    right = np.mean([row["prediction"] == truth[row["ring"]] for row in rows])
    report = report_of("eval", "classes", "--data", file, cwd=folder)
    assert report["samples"] == len(rows) == 300
    assert right == pytest.approx(report["metrics"]["accuracy"], abs=1e-6)
    assert right > 0.6
    names = [f"probability_{truth[row['ring']]}" for row in rows]
    loss = -np.mean([np.log(float(row[name])) for row, name in zip(rows, names, strict=True)])
    assert loss == pytest.approx(report["metrics"]["loss"], abs=1e-6)


@pytest.mark.parametrize("file", ["birds.csv", "other.csv"])
@pytest.mark.parametrize("run", ["log", "none"])
def test_the_round_trip_of_values_in_their_own_units(
    folder: Path, other: list[dict[str, Any]], run: str, file: str
) -> None:
    truth = {row["ring"]: (float(row["weight"]), float(row["length"])) for row in other}
    rows = predicted(folder, run, file)
    assert list(rows[0]) == ["ring", "weight", "length"]
    found = np.array([(float(row["weight"]), float(row["length"])) for row in rows])
    wanted = np.array([truth[row["ring"]] for row in rows])
    metrics = report_of("eval", run, "--data", file, cwd=folder)["metrics"]
    assert np.abs(found - wanted).mean() == pytest.approx(metrics["mae"], rel=1e-6)
    r2 = 1 - ((found - wanted) ** 2).sum(axis=0) / ((wanted - wanted.mean(axis=0)) ** 2).sum(axis=0)
    assert r2.mean() == pytest.approx(metrics["r2"], abs=1e-6)


def test_the_order_and_the_other_rows_of_a_file_change_no_prediction(folder: Path) -> None:
    straight = {row["ring"]: row for row in predicted(folder, "classes", "birds.csv")}
    turned = [{name: row[name] for name in reversed(row)} for row in reversed(birds(300)[5:50])]
    rows = predicted(folder, "classes", write(folder / "turned.tsv", turned, "\t"))
    assert [row["ring"] for row in rows] == [row["ring"] for row in turned]
    assert rows == [straight[row["ring"]] for row in rows]


def test_binary_targets(folder: Path) -> None:
    rows = predicted(folder, "binary", "birds.csv")
    assert list(rows[0]) == ["row", "male", "probability_male"]
    assert [row["row"] for row in rows] == [str(number) for number in range(1, 301)]
    assert {row["male"] for row in rows} <= {"0", "1"}
    assert all(row["male"] == str(int(float(row["probability_male"]) > 0.5)) for row in rows)
    right = np.mean(
        [(row["male"] == "1") == (bird["male"] == "yes") for row, bird in zip(rows, birds(300), strict=True)]
    )
    accuracy = report_of("eval", "binary", "--data", "birds.csv", cwd=folder)["metrics"]["accuracy"]
    assert right == pytest.approx(accuracy, abs=1e-6)


def test_targets_need_not_be_there_and_extra_columns_are_told(folder: Path) -> None:
    rows = [{name: row[name] for name in ("island", "wing", "when", "male", "ring")} for row in birds(300)]
    write(folder / "bare.csv", [row | {"colour": "red"} for row in rows])
    done = nnctl("predict", "none", "bare.csv", cwd=folder)
    assert done.returncode == 3
    assert done.stderr.startswith("error: bare.csv: has no column note; it has island, wing, when, male, ring")
    write(folder / "bare.csv", [row | {"colour": "red", "note": "a"} for row in rows])
    done = nnctl("predict", "none", "bare.csv", cwd=folder)
    assert done.returncode == 0
    assert len(read(done.stdout)) == 300
    assert done.stderr.splitlines() == ["note: columns that are not inputs are ignored: male, colour"]


def test_categories_that_training_never_saw_are_counted(folder: Path, other: list[dict[str, Any]]) -> None:
    done = nnctl("predict", "classes", "other.csv", "-o", "unseen.csv", cwd=folder)
    count = sum(row["island"] == "atlantis" for row in other)
    assert f"note: column island: {count} of the 300 rows have a value that training never saw" in done.stderr
    assert done.stdout.startswith("wrote unseen.csv: 300 rows in ")


def test_missing_values_where_none_may_be(folder: Path) -> None:
    (folder / "strict.yaml").write_text(BINARY.replace("island]", "when], columns: {when: {missing: refuse}}"))
    report_of("train", "strict.yaml", "--run", "strict", cwd=folder)
    rows = birds(20)
    rows[7]["when"] = ""
    write(folder / "gap.csv", rows)
    refusal = refusal_of("predict", "strict", "gap.csv", "-o", "gap_out.csv", cwd=folder, code=3)
    refusal.says("error: gap.csv:9: column when: a value is missing")


def test_ids(folder: Path) -> None:
    rows = birds(300)
    assert [row["note"] for row in predicted(folder, "classes", "birds.csv", "--id", "note")] == ["a", "b"] * 150
    assert next(iter(predicted(folder, "binary", "birds.csv", "--id", "kind")[4])) == "kind"
    texts = ["NA", "007", "null", "1e3", "", *(row["ring"] for row in rows[5:])]
    write(folder / "ids.csv", [row | {"ring": text} for row, text in zip(rows, texts, strict=True)])
    assert [row["ring"] for row in predicted(folder, "classes", "ids.csv")] == texts
    write(folder / "noid.csv", [{name: row[name] for name in row if name != "ring"} for row in rows])
    done = nnctl("predict", "classes", "noid.csv", cwd=folder)
    assert done.stdout.startswith("row,prediction,")
    assert "note: noid.csv has no column ring, the id; its rows are numbered" in done.stderr


# row: (the arguments, the exit code, what is said)
REFUSED: dict[str, tuple[list[str], int, tuple[str, ...]]] = {
    "json without a file": (["classes", "birds.csv"], 2, ("--json prints on stdout", "add -o FILE")),
    "no checkpoint": (["nothing", "birds.csv", "-o", "x.csv"], 4, ("nothing: does not exist",)),
    "no source": (["classes", "brids.csv", "-o", "x.csv"], 3, ("brids.csv: does not exist", "did you mean birds.csv?")),
    "a pipe": (["classes", "-", "-o", "x.csv"], 3, ("-: does not exist", "data come from files alone: write them to")),
    "there already": (["classes", "birds.csv", "-o", "birds.csv"], 2, ("is there already; nothing is overwritten",)),
    "no folder": (["classes", "birds.csv", "-o", "no/x.csv"], 8, ("no/x.csv: cannot be written", "`-o FILE`")),
    "an id that is not there": (["classes", "birds.csv", "-o", "x.csv", "--id", "rign"], 3, ("did you mean ring?",)),
    "an id that is an input": (
        ["classes", "birds.csv", "-o", "x.csv", "--id", "island"],
        2,
        ("--id island is an input of the network",),
    ),
    "an id that is predicted": (
        ["none", "birds.csv", "-o", "x.csv", "--id", "weight"],
        2,
        ("weight would name two columns", "another column with --id"),
    ),
    "an id of images": (["digits", str(IMAGES), "-o", "x.csv", "--id", "a"], 2, ("--id names a column",)),
    "images for a table": (
        ["classes", str(DATA / "mnist"), "-o", "x.csv"],
        3,
        ("holds arrays, the training samples are a table", "give a .csv, .tsv or .parquet file"),
    ),
    "a table for images": (
        ["digits", "birds.csv", "-o", "x.csv"],
        3,
        ("birds.csv: holds a table, the training samples are arrays of 28×28×1", "give an .npy, .npz or IDX file"),
    ),
    "several sets of images": (
        ["digits", str(DATA / "mnist"), "-o", "x.csv"],
        3,
        ("holds several sets of images: t10k, train", "name the images file"),
    ),
    "labels": (
        ["digits", str(DATA / "mnist" / "t10k-labels-idx1-ubyte.gz"), "-o", "x.csv"],
        3,
        ("has 1 axis, images have two or more",),
    ),
}


@pytest.mark.parametrize("row", REFUSED)
def test_what_is_refused_before_any_work(folder: Path, row: str) -> None:
    arguments, code, parts = REFUSED[row]
    refusal_of("predict", *arguments, cwd=folder, code=code).says(*parts)


def test_a_mistake_far_down_leaves_no_file(folder: Path) -> None:
    rows = birds(10_000)
    for row in rows[9_500:]:  # too many to be taken for missing
        row["wing"] = "abc"
    write(folder / "late.csv", rows)
    refusal = refusal_of("predict", "classes", "late.csv", "-o", "late_out.csv", cwd=folder, code=3)
    refusal.says("error: late.csv:9502: column wing: 'abc' is not a number")


def test_json_and_the_file(folder: Path) -> None:
    report = report_of("predict", "classes", "birds.csv", "-o", "out.csv", cwd=folder)
    assert list(report) == ["checkpoint", "rows", "output", "columns", "seconds", "notes"]
    assert report["checkpoint"] == "classes/checkpoints/best.safetensors"
    assert (report["rows"], report["output"]) == (300, "out.csv")
    assert report["seconds"] > 0
    content = (folder / "out.csv").read_bytes().decode()
    assert list(read(content)[0]) == report["columns"]
    assert content == nnctl("predict", "classes", "birds.csv", cwd=folder).stdout
    assert "\r" not in content


def test_parquet_in_the_place_of_csv(folder: Path) -> None:
    rows = birds(300)
    table: dict[str, list[Any]] = {name: [row[name] or None for row in rows] for name in ("island", "when", "ring")}
    table |= {name: [float(row[name] or "nan") for row in rows] for name in ("wing", "weight", "length")}
    table["male"] = [row["male"] == "yes" for row in rows]
    columns = {name: pyarrow.array(values, from_pandas=True) for name, values in table.items()}
    pyarrow.parquet.write_table(pyarrow.table(columns), folder / "birds.parquet")
    assert predicted(folder, "classes", "birds.parquet") == predicted(folder, "classes", "birds.csv")


@pytest.fixture(scope="module")
def images(folder: Path) -> np.ndarray[Any, Any]:
    from nnctl.data.formats.idx import read_idx

    return read_idx(IMAGES)


def test_images_and_arrays(folder: Path, images: np.ndarray[Any, Any]) -> None:
    done = nnctl("predict", "digits", IMAGES, "-o", "digits.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    text = (folder / "digits.csv").read_text()
    rows = read(text)
    assert list(rows[0]) == ["row", "prediction", *(f"probability_{digit}" for digit in range(10))]
    from nnctl.data.formats.idx import read_idx

    labels = read_idx(DATA / "mnist" / "t10k-labels-idx1-ubyte.gz")
    right = np.mean([int(row["prediction"]) == label for row, label in zip(rows, labels, strict=True)])
    accuracy = report_of("eval", "digits", "--split", "test", cwd=folder)["metrics"]["accuracy"]
    assert right == pytest.approx(accuracy, abs=1e-6)
    np.save(folder / "images.npy", images)
    np.save(folder / "turned.npy", np.asfortranarray(images))
    np.savez_compressed(folder / "images.npz", x=images.astype(">f4"), unrelated=np.zeros(3))
    (folder / "alone").mkdir()
    (folder / "alone" / IMAGES.name).write_bytes(IMAGES.read_bytes())
    for file in ("images.npy", "turned.npy", "images.npz", "alone"):
        assert nnctl("predict", "digits", file, cwd=folder).stdout == text


def test_arrays_that_are_wrong(folder: Path, images: np.ndarray[Any, Any]) -> None:
    np.save(folder / "small.npy", images[:, :20])
    refusal = refusal_of("predict", "digits", "small.npy", "-o", "x.csv", cwd=folder, code=3)
    refusal.says("small.npy: expected samples of 28×28×1, got 20×28")
    wrong = np.zeros((9_000, 28, 28), np.float32)
    wrong[8_000, 3, 4] = np.nan
    np.save(folder / "wrong.npy", wrong)
    refusal = refusal_of("predict", "digits", "wrong.npy", "-o", "x.csv", cwd=folder, code=3)
    refusal.says("wrong.npy: sample 8,001: input [3, 4] is NaN")


def test_weights_that_are_nan_are_told(folder: Path) -> None:
    checkpoint = read_checkpoint(folder / "classes" / "checkpoints" / "best.safetensors")
    for tensor in checkpoint.tensors.values():
        if tensor.dtype.kind == "f":
            tensor.flat[0] = np.nan
    write_checkpoint(folder / "broken.safetensors", checkpoint)
    done = nnctl("predict", "broken.safetensors", "birds.csv", cwd=folder)
    assert done.returncode == 0
    assert "this network has diverged, its predictions mean nothing" in done.stderr
    assert "note: all 300 predictions are NaN or infinite" in done.stderr
    assert {row["prediction"] for row in read(done.stdout)} == {""}


@pytest.mark.slow
def test_a_bar_on_a_terminal_and_nothing_elsewhere(folder: Path) -> None:
    done, told = run_on_terminal(
        [*COMMAND, "predict", "digits", str(IMAGES), "-o", "bar.csv"],
        cwd=folder,
        env=surroundings(TERM="xterm", COLUMNS="100"),
    )
    assert done.returncode == 0
    assert "2,000 rows" in told
    assert "rows/s" in told
    assert nnctl("predict", "digits", IMAGES, cwd=folder).stderr == ""


@pytest.fixture(scope="module")
def large(folder: Path) -> Path:
    """Rows for some seconds."""
    rows = birds(1_000)
    with (folder / "large.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        for _ in range(250):
            writer.writerows(rows)
    return folder / "large.csv"


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_no_half_file(folder: Path, number: signal.Signals, code: int) -> None:
    """It comes when all rows are written beside the file, and the last ones are not yet on the disk."""
    before = set(folder.iterdir())
    command = [*COMMAND[:-1], f"{killed_before(('fsync', 1), number)}\n{COMMAND[-1]}"]
    done = subprocess.run(
        [*command, "predict", "classes", "birds.csv", "-o", "half.csv"],
        cwd=folder,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == code
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert set(folder.iterdir()) == before


@pytest.mark.slow
def test_it_ends_when_nobody_reads_on(folder: Path, large: Path) -> None:
    running = subprocess.Popen(
        [*COMMAND, "predict", "classes", large.name],
        cwd=folder,
        env=surroundings(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    assert running.stdout.readline().startswith("ring,prediction,")
    running.stdout.close()
    assert running.wait(timeout=60) == 0
    assert running.stderr.read() == ""
    running.stderr.close()


@pytest.mark.slow
def test_a_full_disk(folder: Path) -> None:
    with Path("/dev/full").open("wb") as disk:
        done = subprocess.run(
            [*COMMAND, "predict", "classes", "birds.csv"],
            cwd=folder,
            env=surroundings(),
            stdout=disk,
            stderr=subprocess.PIPE,
            text=True,
            timeout=120,
        )
    assert done.returncode == 8
    assert done.stderr.startswith("error: stdout cannot be written: No space left on device")
    full = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); {COMMAND[-1]}"
    before = set(folder.iterdir())
    done = subprocess.run(
        [*COMMAND[:-1], full, "predict", "classes", "birds.csv", "-o", "full.csv"],
        cwd=folder,
        env=surroundings(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 8
    assert "full.csv: cannot be written: File too large" in done.stderr
    assert set(folder.iterdir()) == before


PEAK = """
import sys
from pathlib import Path
from nnctl.commands.predict import predict
predict("classes", sys.argv[1], output=sys.argv[2])
# not ru_maxrss, in which the parent's peak counts as well
print(next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:")).split()[1])
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(folder: Path, large: Path) -> None:
    header, *lines = large.read_text().splitlines(keepends=True)
    peaks = []
    for count in (500_000, 800_000):  # either has several of the chunks that are read at once
        (folder / f"{count}.csv").write_text(header + "".join((lines * 4)[:count]))
        done = subprocess.run(
            [sys.executable, "-c", PEAK, f"{count}.csv", f"{count}_out.csv"],
            cwd=folder,
            env=surroundings(),
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
        peaks.append(int(done.stdout))
        assert len((folder / f"{count}_out.csv").read_text().splitlines()) == count + 1
    assert peaks[1] < peaks[0] + 8 * 1024, peaks  # KiB; the larger file has 24 MiB more than the smaller one


def test_the_json_of_a_refusal_is_the_only_thing_on_stdout(folder: Path) -> None:
    done = nnctl("predict", "classes", "nothing.csv", "-o", "x.csv", "--json", cwd=folder)
    assert json.loads(done.stdout)["error"]["exit_code"] == 3


def test_values_that_do_not_fit_are_counted_over_the_whole_file(folder: Path) -> None:
    rows = [row for _ in range(60) for row in birds(300)]
    for number in range(7, len(rows), 2_000):
        rows[number] |= {"wing": "call us", "when": "2024-02-30"}
    write(folder / "odd.csv", rows)
    done = nnctl("predict", "log", "odd.csv", "-o", "odd_out.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    (note,) = (line for line in done.stderr.splitlines() if "do not fit" in line)
    assert note.startswith("note: of the 18,000 rows some have values that do not fit, and are taken for missing: ")
    assert "wing in 9" in note
    assert "when in 9" in note


@pytest.mark.parametrize(
    ("written", "pattern"),
    [("%Y-%m-%d", r"2024-\d\d-\d\d \d\d:\d\d:\d\d"), ("%d.%m.%Y", r"\d\d\.\d\d\.2024")],
)
def test_a_date_is_predicted_as_a_date(tmp_path: Path, written: str, pattern: str) -> None:
    days = [datetime(2024, 1, 1) + timedelta(days=day) for day in range(60)]
    lines = [f"{number + 0.5},{day.strftime(written)}" for number, day in enumerate(days)]
    (tmp_path / "data.csv").write_text("\n".join(["x,when", *lines]) + "\n")
    drafted = report_of("init", "data.csv", "--target", "when", "-o", "run.yaml", cwd=tmp_path)
    assert drafted["columns"][1]["why"] == "2024-01-01 to 2024-02-29"
    report = report_of("train", "run.yaml", "epochs=20", "--run", "run", cwd=tmp_path)
    note = "the target is a date (when): it is learnt as days since 1970-01-01, and errors are in days"
    assert note in report["notes"]
    assert note in report_of("eval", "run", cwd=tmp_path)["notes"]
    rows = predicted(tmp_path, "run", "data.csv")
    assert all(re.fullmatch(pattern, row["when"]) for row in rows)
