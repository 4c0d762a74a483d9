"""`nnctl init`: examples listed and copied, configs drafted for tables."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.csv
import pyarrow.parquet
import pytest

from nnctl.config.document import parse
from tests.support.command import CONFIGS, DATA, nnctl, report_of
from tests.support.refusal import files_in, refusal_of

ROWS = 120


@pytest.fixture
def houses(tmp_path: Path) -> Path:
    """A table of every kind of column."""
    random = np.random.default_rng(0)
    lines = ["Id,area,town,air,sold,price"]
    for row in range(ROWS):
        area = "" if row == 7 else f"{random.uniform(50, 250):.1f}"
        town = random.choice(["Ames", "Nevada", "Story"])
        lines.append(
            f"{row + 1},{area},{town},{'yn'[row % 2]},2010-03-{row % 28 + 1:02},{np.exp(random.normal(12)):.0f}"
        )
    file = tmp_path / "houses.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


def tree_of(text: str) -> Any:
    document = parse(text, "draft.yaml")
    assert document.problems == []
    return document.tree


def test_the_list_of_examples(tmp_path: Path) -> None:
    done = nnctl("init", "--list", cwd=tmp_path)
    assert done.returncode == 0
    rows = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    assert rows.keys() >= {path.stem.replace("_", "-") for path in CONFIGS.glob("*.yaml")}
    assert "Handwritten digits with a convolutional network" in rows["mnist-cnn"]
    assert "data/mnist" in rows["mnist-cnn"]
    report = report_of("init", "--list", cwd=tmp_path)
    by_name = {example["name"]: example for example in report["examples"]}
    assert by_name["xor"]["data"] == ["data/logic/xor.csv"]
    assert files_in(tmp_path) == {}


def test_an_example_is_copied_and_passes_check(tmp_path: Path) -> None:
    report = report_of("init", "function", "-o", "there", cwd=tmp_path)
    assert report == {"config": "there/function.yaml", "data": ["there/data/function/sine.csv"]}
    checked = report_of("check", report["config"], cwd=tmp_path)
    assert checked["data"]["splits"]["train"]["samples"] == 160


def test_a_table_on_stdout(houses: Path) -> None:
    done = nnctl("init", "houses.csv", "--target", "price", cwd=houses.parent)
    assert done.returncode == 0
    config = tree_of(done.stdout)
    assert config["data"]["source"] == "houses.csv"
    assert config["data"]["id"] == "Id"
    kinds = {"area": "number", "town": "category", "air": "yes_no", "sold": "date", "price": "number"}
    assert config["data"]["columns"] == kinds
    assert config["data"]["target_transform"] == ["log", "standard"]
    told = [line.split() for line in done.stderr.splitlines()]
    assert ["town", "category", "3", "input"] in told
    assert ["air", "yes_no", "2", "input"] in told
    assert ["Id", "number", "120", "id", "every", "row", "has", "another", "number"] in told
    assert set(files_in(houses.parent)) == {"houses.csv"}


def test_a_table_into_a_file(houses: Path) -> None:
    (houses.parent / "configs").mkdir()
    done = nnctl("init", "houses.csv", "--target", "town", "-o", "configs/town.yaml", cwd=houses.parent)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["wrote configs/town.yaml", "next: nnctl train configs/town.yaml"]
    config = tree_of((houses.parent / "configs" / "town.yaml").read_text())
    assert config["data"]["source"] == "../houses.csv"
    assert config["layers"][-1]["out_features"] == 3
    refused = refusal_of("init", houses, "--target", "town", "-o", "configs/town.yaml", cwd=houses.parent, code=2)
    refused.says("configs/town.yaml: is there already; nothing is overwritten")


def test_json(houses: Path) -> None:
    report = report_of("init", "houses.csv", "--target", "price", "--target", "Id", cwd=houses.parent)
    assert report["config"] is None
    assert tree_of(report["text"])["data"]["target"] == ["price", "Id"]


def test_json_of_the_columns(houses: Path) -> None:
    report = report_of("init", "houses.csv", "--target", "price", cwd=houses.parent)
    columns = {column["name"]: column for column in report["columns"]}
    assert [columns[name]["role"] for name in columns] == ["id", "input", "input", "input", "input", "target"]
    assert columns["area"] == {
        **{"name": "area", "kind": "number", "missing": 1, "distinct": columns["area"]["distinct"]},
        **{"role": "input", "why": ""},
    }
    assert columns["Id"]["why"] == "every row has another number"


def test_other_files_with_the_same_table(houses: Path) -> None:
    text = houses.read_bytes()
    expected = report_of("init", "houses.csv", "--target", "price", cwd=houses.parent)["columns"]
    (houses.parent / "h.csv.gz").write_bytes(gzip.compress(text))
    (houses.parent / "h.TSV").write_bytes(text.replace(b",", b"\t"))
    for name in ("h.csv.gz", "h.TSV"):
        assert report_of("init", name, "--target", "price", cwd=houses.parent)["columns"] == expected


@pytest.mark.parametrize("name", ["ames.parquet", "ames.pq"])
def test_parquet(tmp_path: Path, name: str) -> None:
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(DATA / "ames.csv"), tmp_path / name)
    config = tree_of(report_of("init", name, "--target", "Sale_Price", cwd=tmp_path)["text"])
    assert config["data"]["source"] == name
    assert config["data"]["columns"]["Gr_Liv_Area"] == "number"
    assert config["data"]["columns"]["Neighborhood"] == "category"


def test_what_a_parquet_file_cannot_give_is_left_out(tmp_path: Path) -> None:
    rows = 60
    columns = {
        "size": [row % 13 for row in range(rows)],
        "tags": [["a", "b"]] * rows,
        "price": [2.5 * row for row in range(rows)],
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "a.parquet")
    report = report_of("init", "a.parquet", "--target", "price", "-o", "c.yaml", cwd=tmp_path)
    data = tree_of(report["text"])["data"]
    assert data["features"] == {"exclude": ["tags"]}
    assert any("tags" in note for note in report["notes"])
    report_of("check", "c.yaml", cwd=tmp_path)


@pytest.mark.parametrize("word", ["NULL", "none", "N/A", "#N/A N/A", "?", "–", "[NULL]"])
def test_a_word_for_missing_changes_no_kind(tmp_path: Path, word: str) -> None:
    rows = [
        [row % 23 + 0.5, f"2024-02-{row % 28 + 1:02}", ("yes", "no")[row % 3 > 1], ("y", "n")[row % 2]]
        for row in range(60)
    ]
    for place in range(4):
        for row in range(place, 60, 10):
            rows[row][place] = word
    lines = ["size,day,garden,sold", *(",".join(map(str, row)) for row in rows)]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n")
    columns = report_of("init", "a.csv", "--target", "sold", cwd=tmp_path)["columns"]
    assert [(column["kind"], column["missing"]) for column in columns] == [
        *(("number", 6), ("date", 6), ("yes_no", 6), ("yes_no", 6))
    ]
    assert columns[-1]["why"] == "2 classes"


@pytest.mark.parametrize("rows", [6, 15, 60])
@pytest.mark.parametrize("two", ["0 1", "-1 1", "1.0 0.0", "true FALSE", "Y N", "- +", "no yes"])
def test_two_classes_at_any_size(tmp_path: Path, rows: int, two: str) -> None:
    lines = [f"{row % 5 + 0.5},{two.split()[row % 2]}" for row in range(rows)]
    (tmp_path / "a.csv").write_text("\n".join(["size,sold", *lines]) + "\n")
    config = tree_of(report_of("init", "a.csv", "--target", "sold", cwd=tmp_path)["text"])
    assert (config["loss"], config["layers"][-1]["out_features"]) == ("cross_entropy", 2)


def test_a_target_that_a_parquet_file_cannot_give(tmp_path: Path) -> None:
    table = pyarrow.table({"size": [row % 13 for row in range(60)], "tags": [["a", "b"]] * 60})
    pyarrow.parquet.write_table(table, tmp_path / "a.parquet")
    refusal = refusal_of("init", "a.parquet", "--target", "tags", cwd=tmp_path, code=3)
    refusal.says("a.parquet: column tags, the target, holds neither numbers, text nor dates")


def test_the_two_real_tables(tmp_path: Path) -> None:
    ames = tree_of(report_of("init", DATA / "ames.csv", "--target", "Sale_Price", cwd=tmp_path)["text"])
    assert ames["data"]["target_transform"] == ["log", "standard"]
    assert len(ames["data"]["columns"]) == 21
    assert "features" not in ames["data"]
    penguins = tree_of(report_of("init", DATA / "penguins.csv", "--target", "species", cwd=tmp_path)["text"])
    assert (penguins["loss"], penguins["layers"][-1]["out_features"]) == ("cross_entropy", 3)


def test_options_of_the_reading(tmp_path: Path) -> None:
    rows = [f"{n % 7}|{'?' if n % 9 == 1 else n / 3}|{n % 2}|{n}" for n in range(60)]
    rows[30:30] = ["% the second half"]
    (tmp_path / "a.csv").write_text("\n".join(["Made by hand", "size|Stück|kind|price", *rows]), encoding="cp1252")
    options = ["--skip", "1", "--delimiter", "|", "--encoding", "cp1252", "--missing", "0", "--column", "kind=category"]
    options += ["--comment", "%", "--decimal", "."]
    report = report_of("init", "a.csv", "--target", "price", *options, "-o", "c.yaml", cwd=tmp_path)
    columns = {column["name"]: (column["kind"], column["missing"]) for column in report["columns"]}
    assert columns == {"size": ("number", 9), "Stück": ("number", 8), "kind": ("category", 30), "price": ("number", 1)}
    data = tree_of((tmp_path / "c.yaml").read_text())["data"]
    assert {key: data[key] for key in ("skip", "delimiter", "encoding", "missing", "comment", "decimal")} == {
        **{"skip": 1, "delimiter": "|", "encoding": "cp1252", "missing": ["0"], "comment": "%", "decimal": "."}
    }
    assert data["columns"]["kind"] == "category"
    report_of("check", "c.yaml", cwd=tmp_path)


def test_a_decimal_comma_in_one_column_tells_of_the_others(tmp_path: Path) -> None:
    rows = [f"{n + 10}.{n:03};{'-' if n % 2 else ''}0,{n:02};{3 * n + 30}.{3 * n % 1000:03}" for n in range(60)]
    (tmp_path / "a.csv").write_text("\n".join(["people;rate;sales", *rows]))
    report = report_of("init", "a.csv", "--target", "sales", "-o", "c.yaml", cwd=tmp_path)
    assert "people ('10.000' is 10000, else set `columns: {people: {decimal: '.'}}`), sales" in report["notes"][0]
    columns = tree_of(report["text"])["data"]["columns"]
    assert columns == {key: {"type": "number", "decimal": ","} for key in ("people", "rate", "sales")}
    report_of("train", "c.yaml", "epochs=1", "--run", "run", cwd=tmp_path)
    (tmp_path / "one.csv").write_text("people;rate\n20.500;0,5\n")
    assert float(nnctl("predict", "run", "one.csv", cwd=tmp_path).stdout.splitlines()[1].split(",")[1]) > 1000


@pytest.mark.parametrize("name", ["houses.txt", "houses.data", "houses"])
def test_a_table_is_known_by_its_content(houses: Path, name: str) -> None:
    houses.rename(houses.parent / name)
    report = report_of("init", name, "--target", "price", "-o", "c.yaml", cwd=houses.parent)
    assert tree_of(report["text"])["data"]["format"] == "csv"
    report_of("train", "c.yaml", "epochs=1", "--run", "run", cwd=houses.parent)
    assert nnctl("predict", "run", name, cwd=houses.parent).stdout.count("\n") == ROWS + 1


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsx", b"PK\x03\x04...", ["a.xlsx: is an Excel workbook or a zip archive", "save the sheet as CSV"]),
        ("a.jsonl", b'{"a": 1}\n', ["a.jsonl: is a JSON file"]),
        ("a.html", b"<html>", ["a.html: is an HTML page"]),
        ("a.arff", b"@relation x\n", ["a.arff: is an ARFF file"]),
        ("a.bin", b"a\x00\x00\x00b", ["a.bin: holds bytes that are no text"]),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, name: str, content: bytes, says: list[str]) -> None:
    (tmp_path / name).write_bytes(content)
    refusal_of("init", name, "--target", "y", cwd=tmp_path, code=3).says(*says)


def test_blanks_around_a_name_are_none_of_its_own(tmp_path: Path) -> None:
    rows = [f"r{n},{n % 7},{2023 + n % 2},{n % 7 + n % 2}" for n in range(60)]
    (tmp_path / "a.csv").write_text("\n".join([" row , Living\u00a0Area ,year, Sale  Price", *rows]), encoding="utf-8")
    options = ["--target", " Sale Price", "--column", "Living  Area=number"]
    report = report_of("init", "a.csv", *options, "-o", "c.yaml", cwd=tmp_path)
    assert tree_of(report["text"])["data"]["target"] == "Sale Price"
    names = ["data.target=' Sale  Price '", "data.features=['Living\u00a0Area ']", "data.id=' row'"]
    names += ["data.columns={' Living Area': number}", "data.test={column: ' year ', equals: 2024}"]
    report_of("train", "c.yaml", "epochs=1", *names, "--run", "run", cwd=tmp_path)
    predicted = nnctl("predict", "run", "a.csv", "--id", "row ", cwd=tmp_path)
    assert predicted.stdout.splitlines()[0] == "row,Sale Price"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, ["expected a table, pictures or an example", "nnctl init --list"]),
        (["mnist-cn"], 2, ["no example mnist-cn", "did you mean mnist-cnn?"]),
        (["--list", "xor"], 2, ["--list takes nothing else"]),
        (["recordings"], 2, ["recordings is a folder without pictures", "nnctl init --list"]),
        (["recordings", "--target", "y"], 2, ["recordings is a folder without pictures"]),
        (["xor", "--target", "y"], 2, ["--target is for tables", ", or leave --target out"]),
        (["houses", "--target", "y"], 2, ["houses is not a file", "did you mean houses.csv? or leave"]),
        (["-", "--target", "y"], 2, ["and - is not a file", "write them to a file, and name it"]),
        (["houses.csv"], 2, ["which column", "the columns are Id, area, town, air, sold, price"]),
        (["houses.csv", "--target", "prize"], 2, ["no column prize", "did you mean price?"]),
        (["houses.csv", "--target", "price", "--target", "price"], 2, ["price twice"]),
        (["houses.csv", "--target", "price", "--target", "town"], 3, ["column town is words"]),
        (["houses.csv", "--target", "price", "--column", "air"], 2, ["--column air: expected NAME=TYPE"]),
        (["houses.csv", "--target", "price", "--column", "air=float"], 2, ["type 'float'", "number, category"]),
        (["houses.csv", "--target", "price", "--column", "air=nmber"], 2, ["unknown type", "did you mean number?"]),
        (["houses.csv", "--target", "price", "--column", "airs=date"], 3, ["--column: airs is", "did you mean air?"]),
        (["houses.csv", "--target", "price", "--encoding", "utf-9"], 3, ["--encoding: unknown encoding", "utf-9"]),
        (["houses.csv", "--target", "price", "--delimiter", ";;"], 2, ["--delimiter: expected at most 1 character"]),
        (["houses.csv", "--target", "price", "--decimal", ";"], 2, ["--decimal: expected . or ,, got ';'"]),
        (["house.csv", "--target", "price"], 3, ["does not exist", "did you mean houses.csv?"]),
        (["notes.npy", "--target", "price"], 2, ["is not a table", ".parquet or .pq", "`nnctl init --list`"]),
        (["empty.csv", "--target", "price"], 3, ["is empty"]),
        (["houses.csv", "--target", "price", "-o", "none/h.yaml"], 8, ["cannot be written", "-o FILE"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals(arguments: list[str], code: int, says: list[str], houses: Path) -> None:
    (houses.parent / "notes.npy").write_text("price\n1\n")
    (houses.parent / "empty.csv").write_text("")
    (houses.parent / "recordings").mkdir(exist_ok=True)
    refusal_of("init", *arguments, cwd=houses.parent, code=code).says(*says)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "options", "column", "says"),
    [
        (["1", "2", "3", "K"] * 20, [], "category", "y (20 of the 80 values are not numbers ('K'));"),
        (
            ["1", "2", "3", "1"] * 20 + ["3a"],
            [],
            "category",
            "column y, the target: 1 '3a' is taken for a class, as the numbers are; where such a word means missing, "
            "add --missing WORD",
        ),
        (["1", "2", "3", "1"] * 20 + ["3a"], ["--missing", "3a"], "category", "3 classes, named by numbers"),
        (["1", "2", "3"] * 20, ["--column", "y=category"], "category", "3 classes"),
        (["x", "inf", "inf"] * 20, [], "category", "2 classes"),
        (["1.5 r", "2.5 p", *(f"{row}.5" for row in range(3, 21))] * 4, [], "category", "20 classes, 90% of them"),
        (["n.v." if row % 9 == 2 else f"{row}.5" for row in range(80)], [], "number", "y (9 'n.v.'; to keep it as"),
        (
            ["x", "-"] * 40,
            [],
            {"type": "category", "missing_words": []},
            "column y, the target: 40 '-' are taken for a class, not for missing: there is only one other",
        ),
        (["Some", "None", "", "some "] * 20, [], "category", "y (20 'None'; to keep"),
        (["Y", "NA", ""] * 30, [], {"type": "category", "missing_words": []}, "the target: 30 'NA' are taken"),
        (["1", "None"] * 40, [], {"type": "category", "missing_words": []}, "the target: 40 'None' are taken"),
        (
            ["Y", "None", "k.A."] * 30,
            ["--missing", "k.A.", "--column", "y=category"],
            {"type": "category", "missing_words": ["k.A."]},
            "the target: 30 'None' are taken",
        ),
    ],
)
def test_the_target_is_trained_on_as_it_was_drafted(
    cells: list[str], options: list[str], column: object, says: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("\n".join(["x,y", *(f"{row / 7},{cell}" for row, cell in enumerate(cells))]))
    done = nnctl("init", "t.csv", "--target", "y", *options, "-o", "c.yaml", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert says in done.stderr
    config = tree_of((tmp_path / "c.yaml").read_text())
    assert config["data"]["columns"]["y"] == column
    classes = report_of("check", "c.yaml", cwd=tmp_path)["data"]["classes"] or [0]
    assert config["layers"][-1]["out_features"] == len(classes)
