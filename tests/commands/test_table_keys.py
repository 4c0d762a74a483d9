"""What a config can say of a table, kept in the run: other files are read as the training file was."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.support.command import nnctl, report_of
from tests.support.refusal import refusal_of

VALUES = """
data: {source: data.csv, target: y}
layers: [{type: linear, out_features: 1}]
loss: mse
batch_size: 10
epochs: 2
"""
CLASSES = VALUES.replace("features: 1", "features: 3").replace("mse", "cross_entropy")


def write(folder: Path, header: str, rows: list[str], config: str = VALUES, name: str = "data.csv") -> None:
    (folder / name).write_text("\n".join([header, *rows]) + "\n")
    (folder / "run.yaml").write_text(config)


def checked(folder: Path, *overrides: str) -> dict[str, Any]:
    """By column, its type and how many of its training cells are missing."""
    report = report_of("check", "run.yaml", *overrides, cwd=folder)
    return {column["name"]: (column["type"], column["missing"]["train"]) for column in report["data"]["columns"]}


def tree(config: Path) -> dict[str, Any]:
    """The keys of its data."""
    keys: dict[str, Any] = yaml.safe_load(config.read_text())["data"]
    return keys


@pytest.mark.parametrize(
    ("missing", "count"),
    [
        ("[]", 1),
        ("-999", 3),
        ("[-999, -99.5]", 4),
        ("[-999, unbekannt]", 4),
    ],
)
def test_words_that_mean_missing_in_every_column(tmp_path: Path, missing: str, count: int) -> None:
    others = [f"{row},{row}" for row in range(60)]
    odd = ["-999,1", "-999.0,1", "NULL,1", "-99.5,1"] if "unbekannt" not in missing else ["-999,1", "-999,1", "NULL,1"]
    odd += ["unbekannt,1"] if "unbekannt" in missing else []
    write(tmp_path, "x,y", [*others, *odd])
    assert checked(tmp_path, f"data.missing={missing}") == {"x": ("number", count)}
    report_of("train", "run.yaml", f"data.missing={missing}", "--run", "run", cwd=tmp_path)
    resolved = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"]
    assert resolved["missing"] == [word for word in missing.strip("[]").split(", ") if word]
    if missing != "[]":
        (tmp_path / "new.csv").write_text("x\n-999\n3\n-999.00\n")
        done = nnctl("predict", "run", "new.csv", cwd=tmp_path)
        first, third, last = (row["y"] for row in csv.DictReader(io.StringIO(done.stdout)))
        assert first == last != third
        assert "note" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("words", ["[]", "[unknown]", "[-, '?']"])
def test_a_class_may_be_called_like_a_missing_word(tmp_path: Path, words: str) -> None:
    rows = [f"{row % 3 + row / 100},{('NA', 'EU', 'AS')[row % 3]}" for row in range(60)]
    write(tmp_path, "x,y", rows, CLASSES)
    setting = f"data.columns={{y: {{missing_words: {words}}}}}"
    assert report_of("check", "run.yaml", setting, cwd=tmp_path)["data"]["classes"] == ["AS", "EU", "NA"]
    report_of("train", "run.yaml", setting, "--run", "run", cwd=tmp_path)
    assert report_of("eval", "run", "--data", "data.csv", cwd=tmp_path)["samples"] == 60
    notes = report_of("check", "run.yaml", "layers.0.out_features=2", cwd=tmp_path)[
        "notes"
    ]  # as words that are missing
    assert any("20 of the 60 rows have no y" in note for note in notes), notes


def test_what_training_told_of_missing_words_is_not_told_again(tmp_path: Path) -> None:
    write(tmp_path, "x,k,y", [f"{row},{('NA', 'a', 'n/a', '')[row % 4]},{row}" for row in range(40)])
    done = nnctl("train", "run.yaml", "--run", "run", cwd=tmp_path)
    assert "10 'NA'" in done.stderr
    for command in (("eval", "run"), ("eval", "run", "--data", "data.csv"), ("predict", "run", "data.csv")):
        done = nnctl(*command, cwd=tmp_path)
        assert done.returncode == 0
        assert "'NA'" not in done.stderr, command
    same = [report_of("eval", "run", *data, cwd=tmp_path)["metrics"] for data in ((), ("--data", "data.csv"))]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    ("kind", "cell", "word"),
    [("number", "1.5", "k. A."), ("yes_no", "yes", "unknown"), ("date", "2024-01-31", "on request")],
)
def test_the_remedy_for_a_word_that_means_missing_works(tmp_path: Path, kind: str, cell: str, word: str) -> None:
    write(tmp_path, "x,z,y", [f"{word if row % 5 == 1 else cell},{row},{row}" for row in range(40)])
    own = f"data.columns={{x: {kind}}}"
    refusal = refusal_of("check", "run.yaml", own, cwd=tmp_path, code=3)
    refusal.says(f"data.csv:3: column x: '{word}' is ")
    (remedy,) = set(re.findall(r"where it means missing, leave it empty or set `missing: (.+?)`", refusal.text))
    assert checked(tmp_path, own, f"data.missing={remedy}") == {"x": (kind, 8), "z": ("number", 0)}


def test_a_word_that_repeats_among_numbers_means_missing_in_other_files_too(tmp_path: Path) -> None:
    write(tmp_path, "x,y", [f"{'n.v.' if row % 5 == 1 else row / 2},{row}" for row in range(60)])
    note = "a word that is taken for missing: x (12 'n.v.'; to keep it as a label set `columns: {x: category}`)"
    drafted = nnctl("init", "data.csv", "--target", "y", "-o", "drafted.yaml", cwd=tmp_path)
    assert note in drafted.stderr
    assert tree(tmp_path / "drafted.yaml")["columns"]["x"] == "number"
    done = nnctl("train", "run.yaml", "--run", "run", cwd=tmp_path)
    assert note in done.stderr
    (tmp_path / "new.csv").write_text("x\nn.v.\n3\nN.V.\n")
    done = nnctl("predict", "run", "new.csv", cwd=tmp_path)
    first, second, third = (row["y"] for row in csv.DictReader(io.StringIO(done.stdout)))
    assert first == third != second
    assert "note" not in done.stderr
    assert checked(tmp_path, "data.columns={x: category}") == {"x": ("category", 0)}


def test_times_of_day_are_inputs_with_their_hour(tmp_path: Path) -> None:
    write(tmp_path, "t,y", [f"{row % 23}:{row * 7 % 60:02},{row}" for row in range(60)])
    report = report_of("check", "run.yaml", cwd=tmp_path)
    assert report["notes"] == ["a column holds times of day: t (%H:%M)"]
    (column,) = report["data"]["columns"]
    assert (column["type"], column["enters"].rpartition(", ")[2]) == ("date", "hour")
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    (tmp_path / "new.csv").write_text("t\n23:59\n12:00\n")
    told = nnctl("predict", "run", "new.csv", cwd=tmp_path).stderr
    assert told == "note: column t: 1 of the 2 rows is outside 00:00:00 … 22:34:00, what training saw\n"


def test_a_column_has_its_own_missing_words(tmp_path: Path) -> None:
    rows = [f"{row},{'NA' if row % 2 else 'k'},{row}" for row in range(40)]
    write(tmp_path, "x,k,y", [*rows, "0,none of these,1"])
    assert checked(tmp_path) == {"x": ("number", 0), "k": ("category", 20)}
    own = "data.columns={k: {missing_words: [none of these]}, x: {missing_words: 0}}"
    assert checked(tmp_path, own) == {"x": ("number", 2), "k": ("category", 1)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "settings", "other"),
    [
        (["1.255,50 €", "900,00 €"], "", ["1.255,50 €", "900,00 €"]),
        (["1.255,50", "900,00"], "decimal: ','", ["1.255,5", "900"]),
        (["1,255", "2,750"], "decimal: '.'", ["1255", "2750"]),
        (["$1,255", "$900"], "unit: $", ["1255", "$900"]),
        (["7%", "12 %"], "unit: '%'", ["7", "12"]),
    ],
)
def test_numbers_of_other_files_are_read_as_in_training(
    tmp_path: Path, cells: list[str], settings: str, other: list[str]
) -> None:
    rows = [f'"{cells[row % 2]}",{row % 2}' for row in range(40)]
    write(tmp_path, "x,y", rows)
    own = [f"data.columns={{x: {{{settings}}}}}"] if settings else []
    report_of("train", "run.yaml", *own, "--run", "run", cwd=tmp_path)
    same, others = (
        [row["y"] for row in csv.DictReader(io.StringIO(predicted(tmp_path, texts)))] for texts in (cells, other)
    )
    assert same == others
    assert same[0] != same[1]


def predicted(folder: Path, cells: list[str]) -> str:
    (folder / "new.csv").write_text("x,extra\n" + "".join(f'"{cell}",\n' for cell in cells))
    done = nnctl("predict", "run", "new.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == ["note: columns that are not inputs are ignored: extra"]
    return done.stdout


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """10,500 names, some of which come often, and as many texts that occur once."""
    folder = tmp_path_factory.mktemp("names")
    random = np.random.default_rng(0)
    often = random.integers(0, 20, 500)
    every = [*(f"n{number}" for number in range(10_500)), *(f"n{number}" for number in often)]
    rows = [f"{name},t{row},{row % 7},{row % 2}" for row, name in enumerate(every)]
    write(folder, 'name,"odd, text",x,y', rows, VALUES)
    return folder


def test_too_many_categories_are_refused_and_each_remedy_works(names: Path) -> None:
    refusal = refusal_of("check", "run.yaml", cwd=names, code=3)
    refusal.says(
        "data.csv: column name has 10,500 different texts in the training samples, at most 10,000 can be inputs",
        "join the rare ones: `columns: {name: {rare: 2}}`; or leave the column out: `features: {exclude: [name]}`",
        "column odd, text has 11,000 different texts",
        'an id or free text? leave the column out: `features: {exclude: ["odd, text"]}`',
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "enters"),
    [
        ("data.columns={name: {rare: 2}}", ["one-hot of 21", "standardized"]),
        ("data.columns.name.rare=12", None),
        ("data.categories={rare: 50}", ["one-hot of 1", "standardized"]),
        ('data.features={exclude: [name, "odd*"]}', ["standardized"]),
        ("data.features=[x]", ["standardized"]),
    ],
)
def test_each_remedy_for_too_many_categories_works(names: Path, setting: str, enters: list[str] | None) -> None:
    exclude = [] if "features" in setting else ['data.features={exclude: ["odd, text"]}']
    columns = report_of("check", "run.yaml", *exclude, setting, cwd=names)["data"]["columns"]
    assert enters in (None, [column["enters"] for column in columns])


def test_a_column_that_nobody_uses_is_no_reason_to_refuse(names: Path) -> None:
    report_of("train", "run.yaml", "data.features=[x]", "epochs=1", "--run", "run", cwd=names)
    done = nnctl("predict", "run", "data.csv", "-o", "out.csv", cwd=names)
    assert done.returncode == 0
    assert "note: columns that are not inputs are ignored: name, odd, text" in done.stderr
    rows = ['"first line\nsecond line",é\x01,3', f"{'z' * 5_000},\t,4", "$5,??,5"]
    (names / "odd.csv").write_text("name,other,x\n" + "\n".join(rows) + "\n")
    assert nnctl("predict", "run", "odd.csv", cwd=names).returncode == 0


def test_odd_labels_are_inputs_and_are_escaped_in_notes(tmp_path: Path) -> None:
    labels = ('"first line\nsecond line"', "z" * 300)
    rows = [f"{labels[row % 2]},{row},{row % 2}" for row in range(20)]
    write(tmp_path, "note,x,y", [*rows, "\x1b[31mred,1,1"])
    done = nnctl("train", "run.yaml", "--run", "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stderr
    done = nnctl("predict", "run", "data.csv", cwd=tmp_path)
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 22


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("Area,rooms", "new.csv: has no column area; it has Area, rooms help: did you mean Area?"),
        ("aera,rooms", "new.csv: has no column area; it has aera, rooms help: did you mean aera?"),
        (
            "AREA,Rooms",
            "new.csv: has no columns area, rooms; it has AREA, Rooms help: did you mean AREA for area, Rooms",
        ),
        ("q,rooms", "new.csv: has no column area; it has q, rooms help: give it the columns of the training samples"),
    ],
)
def test_columns_that_are_not_there_are_named_with_a_suggestion(tmp_path: Path, header: str, says: str) -> None:
    write(tmp_path, "area,rooms,y", [f"{row},{row % 3},{row}" for row in range(30)])
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    (tmp_path / "new.csv").write_text(f"{header}\n1,2\n")
    refusal_of("predict", "run", "new.csv", "-o", "out.csv", cwd=tmp_path, code=3).says(says)
    (tmp_path / "new.csv").write_text(f"{header},y\n1,2,3\n")
    refusal_of("eval", "run", "--data", "new.csv", cwd=tmp_path, code=3).says(says.partition("; it has")[0])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on columns of each kind."""
    folder = tmp_path_factory.mktemp("trained")
    rows = [f'{row / 2},"{row},5",{row + 1} kg,{1 + row % 28:02}.01.2024,{"ny"[row % 2]},{row}' for row in range(40)]
    write(folder, "x,comma,mass,date,flag,y", rows)
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "cell", "remedy"),
    [
        (0, '"1,5"', "numbers like 1.5"),
        (0, "lots", "numbers like 1.5"),
        (1, "2.5", "numbers like 1,5"),
        (2, "3 g", "numbers like 1.5 with the unit kg"),
        (3, "2024-01-31", "dates like 31.01.2024"),
        (3, "unknown", "dates like 31.01.2024"),
        (4, "perhaps", "yes or no"),
        (5, "many", "numbers like 1.5"),
    ],
)
def test_a_trained_network_is_given_values_as_in_training_for_there_are_no_keys(
    trained: Path, column: int, cell: str, remedy: str
) -> None:
    cells = ["1.5", '"1,5"', "2 kg", "31.01.2024", "n", "1"]
    cells[column] = cell
    (trained / "new.csv").write_text(f"x,comma,mass,date,flag,y\n{','.join(cells)}\n")
    says = f"help: write {remedy}, as in training, or leave the value out where it is missing"
    refused = [("eval", "run", "--data", "new.csv"), ("predict", "run", "new.csv", "-o", "out.csv")]
    for command in refused[: 1 if column == 5 else 2]:
        refusal = refusal_of(*command, cwd=trained, code=3)
        refusal.says(says)
        assert "`" not in refusal.text


def test_eval_asks_for_the_target_and_not_for_another_key(trained: Path) -> None:
    (trained / "bare.csv").write_text("x,comma,mass,date,flag\n1,2,3 kg,31.01.2024,n\n")
    refusal = refusal_of("eval", "run", "--data", "bare.csv", cwd=trained, code=3)
    refusal.says("has no column y; it has x, comma, mass, date, flag help: give it the columns of the training samples")


@pytest.mark.parametrize(("delimiter", "skip"), [(",", "2"), (";", "0"), (";", "1")])
def test_another_file_may_be_laid_out_otherwise_than_the_keys_say(tmp_path: Path, delimiter: str, skip: str) -> None:
    rows = [f"{n % 7}.5,k{n % 3},{n % 7 + n % 3}" for n in range(60)]
    write(tmp_path, "by hand\n\nx,k,y", rows)
    report_of("train", "run.yaml", "data.skip=2", "data.delimiter=','", "--run", "run", cwd=tmp_path)
    above = "".join(f"line {n}\n" for n in range(int(skip)))
    content = above + "\n".join(["x,k,y", *rows[:5]]).replace(",", delimiter) + "\n"
    (tmp_path / "new.csv").write_text(content)
    note = "new.csv is not laid out as the config's skip and delimiter say: read as its rows tell"
    is_alike = (delimiter, skip) == (",", "2")
    predicted = nnctl("predict", "run", "new.csv", cwd=tmp_path)
    assert (predicted.returncode, predicted.stdout.count("\n")) == (0, 6)
    assert (note in predicted.stderr) != is_alike
    measured = report_of("eval", "run", "--data", "new.csv", cwd=tmp_path)
    assert measured["samples"] == 5
    assert any(note in told for told in measured["notes"]) != is_alike


def test_a_file_without_the_columns_is_refused_as_the_keys_read_it(tmp_path: Path) -> None:
    write(tmp_path, "x,y", [f"{n % 7}.5,{n % 7}" for n in range(60)])
    report_of("train", "run.yaml", "data.delimiter=','", "--run", "run", cwd=tmp_path)
    (tmp_path / "new.csv").write_text("q;k\n1;2\n3;4\n")
    refusal_of("predict", "run", "new.csv", "-o", "o.csv", cwd=tmp_path, code=3).says("has no column x; it has q;k")
