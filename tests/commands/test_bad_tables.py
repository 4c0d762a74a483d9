"""Tables that cannot be trained on: refused with the line, the column and a remedy. What is only odd is told."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from tests.support.command import nnctl, report_of
from tests.support.refusal import refusal_of

VALUES = """data: {source: data.csv, target: y}
layers: [{type: linear, out_features: 1}]
loss: mse
batch_size: 2
epochs: 2
"""
CLASSES = VALUES.replace("features: 1", "features: 2").replace("mse", "cross_entropy")
BINARY = VALUES.replace("mse", "binary_cross_entropy")
LOG = VALUES.replace("get: y", "get: y, target_transform: [log, standard]")


def with_keys(keys: str, config: str = VALUES) -> str:
    """The config with more keys under `data`; they begin in line 1, column 37."""
    return config.replace("target: y", f"target: y, {keys}")


# row: (the config, the CSV file, the line or none, what is wrong, the remedy)
TABLES: dict[str, tuple[str, str | bytes, int | None, str, str]] = {
    "29 empty": (VALUES, "", None, "is empty", "give a file with samples"),
    "29 header only": (VALUES, "x,y\n", None, "has a header and no rows", "give at least one sample"),
    "30 short row": (VALUES, "x,y\n1,2\n3\n", 3, "has 1 value, the header has 2 columns", "give each row one value"),
    "30 long row": (VALUES, "x,y\n1,2\n3,4,5\n", 3, "has 3 values, the header has 2 columns", "give each row one"),
    "31 text": (
        VALUES,
        "x,y\n1,2\n2,2\nabc,3\n",
        4,
        "column x: 'abc' is not a number",
        "for a column of words set `columns: {x: category}`",
    ),
    "31 text in a target": (VALUES, "x,y\n1,2\n2,3\n3,abc\n", 4, "column y: 'abc' is not a number", "fix the value"),
    "31 words as target": (
        VALUES,
        "x,y\n1,cat\n2,dog\n",
        2,
        "column y: the target 'cat' is not a number",
        "use the loss cross_entropy",
    ),
    "31 decimal commas": (
        with_keys("decimal: '.'"),
        "x;y\n1.5;2\n2;3\n2,5;3\n",
        4,
        "column x: '2,5' is not a number with the decimal sign .",
        "set `columns: {x: {decimal: ','}}`",
    ),
    "73 another unit": (
        VALUES,
        "x,y\n$1,2\n$2,3\n€5,3\n",
        4,
        "column x: '€5' has a unit, €; the other numbers have $",
        "write all numbers in one unit",
    ),
    "73 words in a column of money": (
        VALUES,
        'x,y\n"$1,255",2\n$980,3\ncall us,3\n',
        4,
        "column x: 'call us' is not a number",
        "for a column of words set `columns: {x: category}`",
    ),
    "73 decimal points among commas": (
        VALUES,
        "x;y\n1,5;2\n2,25;3\n2.5;3\n",
        4,
        "column x: '2.5' is not a number with the decimal sign ,",
        "set `columns: {x: {decimal: '.'}}`",
    ),
    "74 no date among dates": (
        VALUES,
        "x,y\n31.01.2024,2\n30.01.2024,3\nunknown,3\n",
        4,
        "column x: 'unknown' is not a date of the format %d.%m.%Y",
        "for a column of words set `columns: {x: category}`",
    ),
    "74 no date among ISO dates": (
        VALUES,
        "x,y\n2024-01-31,2\n2024-02-01,3\n2024-02-30,3\n",
        4,
        "column x: '2024-02-30' is not a date like 2024-01-31",
        "fix the value",
    ),
    "31 no date": (
        with_keys("columns: {x: date}"),
        "x,y\n2024-01-31,1\n31.1.2024,2\n",
        3,
        "column x: '31.1.2024' is not a date like 2024-01-31",
        'or set its format: `columns: {x: {type: date, format: "%d.%m.%Y"}}`',
    ),
    "32 no target": (
        with_keys("missing_target: refuse"),
        "x,y\n1,2\n3,\n4,NA\n",
        3,
        "column y: the target is missing, in 2 of the 3 rows",
        "fill it in, or leave `missing_target: refuse` out",
    ),
    "32 nothing but missing": (
        VALUES,
        "x,z,y\n1,,2\n3,NA,4\n",
        None,
        "column z: all values of the training samples are missing",
        "leave it out: `features: {exclude: [z]}`",
    ),
    "33 quote": (VALUES, 'x,y\n1,2\n"3,4\n5,6\n', 3, "a quote is not closed before the file ends in line 4", 'sing "'),
    "33 closed later": (
        VALUES,
        'x,y\na,1\n"b,2\nc,3\nd",4\n',
        3,
        "a quoted value runs on to line 5, over lines that look like rows",
        "close the quote",
    ),
    "33 closed in another cell": (
        VALUES,
        'x,k,y\n1,"a,2\n2,b",3,4\n',
        2,
        "has 4 values, one over lines up to 3; the header has 3 columns",
        "close the quote",
    ),
    "34 huge field": (VALUES, f"x,y\n{'9' * 200_000},2\n", 2, "a value of more than 131,072 characters", "a quote"),
    "36 twice": (VALUES, "x,x,y\n1,2,3\n", 1, "has two columns of the name x", "rename or remove one of each"),
    "36 absent": (VALUES, "x,z\n1,2\n", None, "has no column y; it has x, z", "set `target` to one of them"),
    "36 nearly": (
        VALUES.replace("get: y", "get: price"),
        "x,prize\n1,2\n",
        None,
        "has no column price; it has x, prize",
        "did you mean prize?",
    ),
    "36 id": (with_keys("id: rwo"), "row,y\n1,2\n", None, "has no column rwo; it has row, y", "did you mean row?"),
    "36 rule": (
        with_keys("validation: {column: yaer, from: 2010}"),
        "year,y\n1,2\n",
        None,
        "has no column yaer; it has year, y",
        "did you mean year?",
    ),
    "36 one column": (VALUES, "x:y\n1:2\n", None, "has no column y; it has x:y", "one column? set `delimiter`"),
    "36 no header": (VALUES, "1,2\n3,4\n", None, "has no column y; it has 1, 2", "must name the columns"),
    "36 only targets": (VALUES, "y\n1\n", None, "has no column for the inputs", "name fewer columns in `target`"),
    "39 one class": (CLASSES, "x,y\n1,a\n2,a\n", None, "has one class only, a, in all 2 samples", "the right target?"),
    "43 fraction": (
        CLASSES,
        "x,y\n1,1\n2,0.5\n",
        3,
        "the label is 0.5, classes are whole numbers or text",
        "a loss like mse",
    ),
    "43 not binary": (BINARY, "x,y\n1,1\n2,2\n", 3, "expected a target of 0 or 1, got 2", "use the loss cross_entropy"),
    "46 Inf": (VALUES, "x,y\n1,2\n-inf,3\n", 3, "column x: expected a finite number, got -inf", "fix the value"),
    "46 Inf target": (VALUES, "x,y\n1,2\n2,inf\n", 3, "column y: expected a finite number, got inf", "fix the value"),
    "46 too large": (
        with_keys("numbers: {scale: none}"),
        "x,y\n1,2\n1e300,3\n",
        3,
        "column x: 1e+300 is too large for float32",
        "set `clip` for the column",
    ),
    "no text": (VALUES, b"x,y\n1,\x00\n", None, "holds bytes that are no text (a zero, byte 6)", "is it a text file?"),
    "71 not of the encoding": (
        with_keys("encoding: cp1252"),
        b"x,y\n1,2\n\x81,3\n",
        3,
        "is not cp1252 text: no character has the byte 0x81",
        "set the right `encoding`",
    ),
    "no logarithm": (LOG, "x,y\n1,2\n2,0\n", 3, "the target is 0, which has no logarithm", "leave `log` out"),
    "no log1p": (
        with_keys("columns: {x: {transform: log1p}}"),
        "x,y\n1,2\n-1,3\n",
        3,
        "column x: log1p needs values above -1, here is -1",
        "set `transform: none` for the column",
    ),
}


def write(folder: Path, config: str, content: str | bytes, name: str = "data.csv") -> None:
    (folder / "run.yaml").write_text(config)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize("row", TABLES)
def test_a_table_is_refused(tmp_path: Path, row: str) -> None:
    config, content, line, what, help = TABLES[row]
    write(tmp_path, config, content)
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says(what, help)
    (problem,) = refusal.problems
    assert (problem["file"], problem["line"]) == ("data.csv", line)


def test_row_24_more_classes_than_outputs(tmp_path: Path) -> None:
    write(tmp_path, CLASSES, "x,y\n1,a\n2,b\n3,c\n")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=2)
    refusal.says("gives 2 outputs, the data has 3 classes (a, b, c)", "give the last")


def test_all_bad_rows_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, VALUES, "x,y\n1,2\n3\n4,4\na,4\n5,b,6\n7,8\n")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    assert [problem["line"] for problem in refusal.problems] == [3, 5, 6]


def test_row_32_values_that_may_not_be_missing_are_counted_by_column(tmp_path: Path) -> None:
    keys = "numbers: {missing: refuse}, categories: {missing: refuse}"
    write(tmp_path, with_keys(keys), "x,z,k,y\n1,,a,2\n,3,b,4\n5,NA,a,1\n6,7,,1\n")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    assert [(problem["line"], problem["what"]) for problem in refusal.problems] == [
        (3, "column x: a value is missing"),
        (2, "column z: 2 values are missing, the first of them here"),
        (5, "column k: a value is missing"),
    ]
    refusal.says("fill it in, or set another `missing` than refuse for the column")


def test_row_32_what_becomes_of_missing_values_is_in_the_resolved_config(tmp_path: Path) -> None:
    keys = "numbers: {missing: mean}, columns: {z: {missing: -1, indicator: false}}"
    write(tmp_path, with_keys(keys), "x,z,k,y\n1,,a,2\n,3,b,4\n5,NA,a,1\n6,7,,1\n")
    report_of("train", "run.yaml", "--run", "run", cwd=tmp_path)
    columns = yaml.safe_load((tmp_path / "run" / "config.yaml").read_text())["data"]["columns"]
    assert {name: column["type"] for name, column in columns.items()} == {
        "x": "number",
        "z": "number",
        "k": "category",
        "y": "number",
    }
    assert (columns["x"]["missing"], columns["x"]["indicator"]) == ("mean", True)
    assert (columns["z"]["missing"], columns["z"]["indicator"]) == (-1, False)
    assert (columns["k"]["missing"], columns["k"]["encoding"]) == ("own", "one_hot")


# row: (more keys of `data`, the path and the column of what is refused, what is wrong, the remedy)
KEYS: dict[str, tuple[str, str, int, str, str]] = {
    "36 feature": (
        "features: [hight]",
        "data.features.include",
        47,
        "hight is not a column of data.csv, and matches none; it has height, kind, y",
        "did you mean height?",
    ),
    "36 excluded": (
        "features: {exclude: [h*, '*_id']}",
        "data.features.exclude",
        57,
        "*_id is not a column of data.csv, and matches none; it has height, kind, y",
        "name a column, or leave it out",
    ),
    "36 column": (
        "columns: {knid: category}",
        "data.columns",
        46,
        "knid is not a column of data.csv",
        "did you mean kind?",
    ),
    "36 pattern": (
        "columns: {'width_*': number}",
        "data.columns",
        46,
        "width_* is not a column of data.csv, and matches none",
        "name a column, or leave it out",
    ),
    "no column left": ("features: {exclude: ['*']}", "data.features", 47, "leaves no column", "exclude fewer columns"),
    "of another type": (
        "columns: {height: {rare: 5}}",
        "data.columns.height.rare",
        62,
        "is not for a column of the type number",
        "leave it out, or set another `type`",
    ),
    "missing of another type": (
        "columns: {kind: {missing: median}}",
        "data.columns.kind.missing",
        63,
        "is median, which is not for a column of the type category",
        "use own, mode or refuse",
    ),
    "encoding": ("encoding: utf8000", "data.encoding", 47, "utf8000", "set one like utf-8, latin-1, cp1252"),
    "delimiter": ("delimiter: '\"'", "data.delimiter", 48, "expected one printable character", "leave it out to have"),
    "rule of words": (
        "validation: {column: kind, from: 3}",
        "data.validation",
        49,
        "expected a column of the type number or date, got kind, a category",
        "use `equals`",
    ),
    "rule without rows": (
        "test: {column: height, from: 10}",
        "data.test",
        43,
        "takes none of the 3 rows by column height",
        "the column has numbers from 1 to 3",
    ),
}


@pytest.mark.parametrize("row", KEYS)
def test_what_the_config_says_of_columns_is_refused_where_it_stands(tmp_path: Path, row: str) -> None:
    keys, path, column, what, help = KEYS[row]
    write(tmp_path, with_keys(keys), "height,kind,y\n1,a,2\n2,b,3\n3,a,4\n")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says(what, help)
    (problem,) = refusal.problems
    assert (problem["file"], problem["line"], problem["path"]) == ("run.yaml", 1, path)
    assert problem["column"] == column


@pytest.mark.parametrize(("config", "has"), [(CLASSES, "class"), (BINARY, "0 or 1")])
def test_a_target_transform_is_for_values(tmp_path: Path, config: str, has: str) -> None:
    write(tmp_path, with_keys("target_transform: log", config), "x,y\n1,0\n2,1\n")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=2)
    refusal.says(f"is log, and the targets of {config.split('loss: ')[1].split()[0]} are {has} targets", "remove it")
    (problem,) = refusal.problems
    assert (problem["line"], problem["column"], problem["path"]) == (1, 55, "data.target_transform")


PARQUET = VALUES.replace("data.csv", "data.parquet")


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path, PARQUET, b"PAR1" + bytes(100) + b"PAR1", "data.parquet")
    refusal = refusal_of("train", "run.yaml", cwd=tmp_path, code=3)
    refusal.says("error: data.parquet: is not a Parquet file, or is damaged", "save it again")


def test_parquet_without_pyarrow_names_the_extra(tmp_path: Path) -> None:
    write(tmp_path, PARQUET, b"PAR1PAR1", "data.parquet")
    (tmp_path / "absent").mkdir()
    (tmp_path / "absent" / "pyarrow.py").write_text("raise ImportError")
    done = nnctl("train", "run.yaml", cwd=tmp_path, PYTHONPATH=str(tmp_path / "absent"))
    assert done.returncode == 3
    assert "data.parquet: is a Parquet file, and pyarrow, which reads them, is not installed" in done.stderr
    assert "help: pip install 'nnctl[parquet]', or save the table as CSV" in done.stderr


# row: (the config, the CSV file, the note)
TOLD: dict[str, tuple[str, str, str]] = {
    "37 unseen": (
        with_keys("validation: {column: row, from: 4}"),
        "row,kind,x,y\n1,a,1,2\n2,b,2,3\n3,a,3,6\n4,c,4,1\n5,d,5,4\n6,a,6,7\n",
        "column kind: 2 of the 3 validation samples have a value that training never saw",
    ),
    "38 constant column": (
        VALUES,
        "x,z,y\n1,5,2\n2,5,3\n4,5,6\n",
        "an input is constant in the training samples: z",
    ),
    "38 constant words": (
        VALUES,
        "x,k,z,y\n1,a,5,2\n2,a,5,3\n4,a,5,6\n",
        "2 inputs are constant in the training samples: k = a, z",
    ),
    "38 constant target": (VALUES, "x,y\n1,2\n2,2\n", "the target y is 2 in all training samples"),
    "47 the same samples": (
        with_keys("validation: 0.5"),
        "x,y\n" + "1,2\n" * 4,
        "all 2 validation samples have the same inputs as a training sample",
    ),
    "39 absent class": (
        with_keys("test: test.csv", CLASSES.replace("features: 2", "features: 3")),
        "x,y\n1,a\n2,b\n",
        "a class without a training sample: c",
    ),
}


@pytest.mark.parametrize("row", TOLD)
def test_odd_data_is_told_and_taken(tmp_path: Path, row: str) -> None:
    config, content, note = TOLD[row]
    write(tmp_path, config, content)
    (tmp_path / "test.csv").write_text("x,y\n3,c\n")
    done = nnctl("check", "run.yaml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"note: {note}" in done.stderr


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("data.csv", "\ufeffx,y\r\n1,2\r\n2,3\r\n".encode()),
        ("data.csv", "x;y\n1;2\n2;3\n".encode("utf-16")),
        ("data.tsv.gz", gzip.compress(b"x\ty\n1\t2\n2\t3\n", mtime=0)),
    ],
    ids=["byte order mark", "utf-16", "gzip"],
)
def test_row_35_marks_delimiters_and_encodings_are_found(tmp_path: Path, name: str, content: bytes) -> None:
    write(tmp_path, VALUES.replace("data.csv, target: y", f"{name}, target: x"), content, name)
    data = report_of("check", "run.yaml", cwd=tmp_path)["data"]
    assert (data["target_names"], [column["name"] for column in data["columns"]]) == (["x"], ["y"])


def test_row_38_nothing_is_divided_by_the_zero_of_a_constant_column(tmp_path: Path) -> None:
    write(tmp_path, VALUES, TOLD["38 constant column"][1])
    report = report_of("check", "run.yaml", cwd=tmp_path)
    assert np.isfinite(list(report["data"]["splits"]["train"]["inputs"].values())).all()


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    write(folder, CLASSES, "x,k,y\n1,u,a\n2,v,b\n3,u,a\n4,v,b\n")
    report_of("train", "run.yaml", "--run", "run", cwd=folder)
    return folder


# row: (other data, what is wrong, the remedy)
OTHERS: dict[str, tuple[str, str, str]] = {
    "43 unknown class": (
        "x,k,y\n1,u,a\n2,u,c\n",
        "other.csv:3: the class c is not among the 2 known ones: a, b",
        "fix the label",
    ),
    "36 other columns": ("z,k,y\n1,u,a\n", "other.csv: has no column x; it has z, k, y", "give it the columns"),
    "36 no target": (
        "x,k,z\n1,u,a\n",
        "other.csv: has no column y; it has x, k, z",
        "give it the columns",
    ),
    "31 text": ("x,k,y\none,u,a\n", "other.csv:2: column x: 'one' is not a number", "write numbers like 1.5"),
    "46 infinite": (
        "x,k,y\n1,u,a\ninf,u,a\n",
        "other.csv:3: column x: expected a finite number, got inf",
        "fix the value",
    ),
}


@pytest.mark.parametrize("row", OTHERS)
def test_other_data_for_a_checkpoint_must_be_of_its_kind(trained: Path, row: str) -> None:
    content, what, help = OTHERS[row]
    (trained / "other.csv").write_text(content)
    refusal_of("eval", "run", "--data", "other.csv", cwd=trained, code=3).says(f"error: {what}", help)


def evaluated(folder: Path, content: str) -> tuple[list[str], dict[str, Any]]:
    """The notes on other data, and what `eval --json` prints of it."""
    (folder / "other.csv").write_text(content)
    done = nnctl("eval", "run", "--data", "other.csv", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = yaml.safe_load(done.stdout)
    return [line for line in done.stderr.splitlines() if line.startswith("note: ")], report


def test_row_37_a_category_that_training_never_saw_is_counted_and_told(trained: Path) -> None:
    notes, report = evaluated(trained, "x,k,y\n1,w,a\n2,v,b\n3,,a\n4,u,b\n")
    assert notes == ["note: column k: 2 of the 4 given samples have a value that training never saw"]
    assert report["samples"] == 4
    assert np.isfinite(report["metrics"]["loss"])
    assert evaluated(trained, "x,k,y\n1,u,a\n2,v,a\n3,u,a\n4,u,a\n")[0] == []
    # whatever it is called, it is in the same slot
    assert report["metrics"] == evaluated(trained, "x,k,y\n1,other,a\n2,v,b\n3,NA,a\n4,u,b\n")[1]["metrics"]


def test_other_data_may_have_more_columns(trained: Path) -> None:
    assert evaluated(trained, "y,extra,k,x\na,inf,u,1\n")[1]["samples"] == 1


def test_a_variable_without_braces_is_a_name_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, VALUES.replace("data.csv", "$TABLES/data.csv"), "x,y\n1,2\n2,3\n")
    refusal = refusal_of("check", "run.yaml", cwd=tmp_path, code=3)
    refusal.says("error: $TABLES/data.csv: does not exist", "in a config an environment variable is written ${TABLES}")
