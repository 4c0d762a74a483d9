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
    assert config["data"]["columns"] == {"area": "number", "town": "category", "air": "yes_no", "sold": "date"}
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
    assert len(ames["data"]["columns"]) == 20
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


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ([], 2, ["expected a table or an example", "nnctl init --list"]),
        (["mnist-cn"], 2, ["no example mnist-cn", "did you mean mnist-cnn?"]),
        (["--list", "xor"], 2, ["--list takes nothing else"]),
        (["xor", "--target", "y"], 2, ["--target is for tables"]),
        (["houses.csv"], 2, ["which column", "the columns are Id, area, town, air, sold, price"]),
        (["houses.csv", "--target", "prize"], 2, ["no column prize", "did you mean price?"]),
        (["houses.csv", "--target", "price", "--target", "price"], 2, ["price twice"]),
        (["houses.csv", "--target", "price", "--target", "town"], 3, ["column town is words"]),
        (["houses.csv", "--target", "price", "--column", "air"], 2, ["--column air: expected NAME=TYPE"]),
        (["houses.csv", "--target", "price", "--column", "air=word"], 2, ["--column"]),
        (["houses.csv", "--target", "price", "--column", "airs=category"], 3, ["airs", "did you mean air?"]),
        (["houses.csv", "--target", "price", "--encoding", "utf-9"], 3, ["unknown encoding", "utf-9"]),
        (["houses.csv", "--target", "price", "--delimiter", ";;"], 2, ["--delimiter"]),
        (["houses.csv", "--target", "price", "--decimal", ";"], 2, ["--decimal"]),
        (["house.csv", "--target", "price"], 3, ["does not exist", "did you mean houses.csv?"]),
        (["notes.txt", "--target", "price"], 2, ["is not a table", ".parquet or .pq"]),
        (["empty.csv", "--target", "price"], 3, ["is empty"]),
        (["houses.csv", "--target", "price", "-o", "none/h.yaml"], 8, ["cannot be written", "-o FILE"]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_refusals(arguments: list[str], code: int, says: list[str], houses: Path) -> None:
    (houses.parent / "notes.txt").write_text("price\n1\n")
    (houses.parent / "empty.csv").write_text("")
    refusal_of("init", *arguments, cwd=houses.parent, code=code).says(*says)
