"""Files whose table is not found: refused with the true reason, and each remedy works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import nnctl, report_of
from tests.support.refusal import refusal_of

ROWS = 60
TABLE = "area,price\n" + "".join(f"{row % 23 + 0.5},{row % 23 * 10 + row % 3}\n" for row in range(ROWS))


def write(folder: Path, content: str | bytes) -> None:
    (folder / "data.csv").write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("<!DOCTYPE html>\n<html>", ["is an HTML page", "fetch the file itself"]),
        ("\ufeff\n<HTML lang=en>", ["is an HTML page"]),
        ("<?xml version='1.0'?>\n<rows/>", ["is an XML file"]),
        ('[{"area": 1, "price": 2}]', ["is a JSON file", "save its table as CSV"]),
        ('{"area": 1}\n{"area": 2}\n', ["is a JSON file"]),
        ("% flats\n%\n@RELATION flats\n@DATA\n1,2\n", ["is an ARFF file"]),
        ("%PDF-1.7\n", ["is a PDF file"]),
        (b"PK\x03\x04\x14\x00", ["is an Excel workbook or a zip archive", "save the sheet as CSV"]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", ["is an Excel workbook of an old kind"]),
        (b"PAR1\x15\x04\x15", ["is a Parquet file", "end its name in .parquet"]),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_files_that_are_something_else(tmp_path: Path, content: str | bytes, says: list[str], encoding: str) -> None:
    write(tmp_path, content)
    arguments = ("init", "data.csv", "--target", "price", "--encoding", encoding)
    refusal_of(*arguments, cwd=tmp_path, code=3).says("data.csv: " + says[0], *says[1:])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "code", "says", "remedy"),
    [
        (TABLE.replace(",", ":"), 2, "is it all one column? set `delimiter`", ["--delimiter", ":"]),
        (TABLE.replace(",", "^"), 2, "is it all one column? set `delimiter`", ["--delimiter", "^"]),
        (
            TABLE.replace("\n", "\n# from a till\n", 1),
            3,
            'if this is a comment, set `comment: "#"`',
            ["--comment", "#"],
        ),
        (f"price,price\n{TABLE}", 3, "`skip` leaves out lines above the header", ["--skip", "1"]),
        (TABLE.replace("price", "Größe").encode("cp437"), 2, "set the file's `encoding`", ["--encoding", "cp437"]),
        (
            TABLE.replace("price", "Größe").encode("mac-roman"),
            2,
            "set the file's `encoding`",
            ["--encoding", "mac-roman"],
        ),
        (
            TABLE.replace("price", "面積").encode("shift-jis"),
            3,
            "set the file's `encoding`",
            ["--encoding", "shift-jis"],
        ),
        (TABLE.replace("price", "Цена").encode("cp1251"), 2, "set the file's `encoding`", ["--encoding", "cp1251"]),
    ],
)
def test_each_remedy_works(tmp_path: Path, content: str | bytes, code: int, says: str, remedy: list[str]) -> None:
    write(tmp_path, content)
    text = content if isinstance(content, str) else content.decode(remedy[1])
    target = next(name for name in ("price", "Größe", "面積", "Цена") if name in text)
    refusal_of("init", "data.csv", "--target", target, cwd=tmp_path, code=code).says(says)
    report_of("init", "data.csv", "--target", target, *remedy, "-o", "c.yaml", cwd=tmp_path)
    assert report_of("check", "c.yaml", cwd=tmp_path)["data"]["splits"]["test"]["samples"] == ROWS // 10


@pytest.mark.parametrize(
    ("setting", "delimiter"),
    [("delimiter=|", "|"), ("delimiter=:", ":"), (r"delimiter=\t", "\t"), ("delimiter=%", "%"), ("delimiter='*'", "*")],
)
def test_a_sign_needs_no_quotes_on_the_command_line(tmp_path: Path, setting: str, delimiter: str) -> None:
    write(tmp_path, TABLE)
    report_of("init", "data.csv", "--target", "price", "-o", "c.yaml", cwd=tmp_path)
    write(tmp_path, TABLE.replace(",", delimiter))
    columns = report_of("check", "c.yaml", f"data.{setting}", cwd=tmp_path)["data"]["columns"]
    assert [column["name"] for column in columns] == ["area"]


@pytest.mark.parametrize(
    ("key", "sign"),
    [("comment", "%"), ("comment", "#"), ("comment", "!"), ("missing", "?"), ("missing", "*"), ("missing", "!")],
)
def test_signs_of_comments_and_of_missing_values(tmp_path: Path, key: str, sign: str) -> None:
    write(tmp_path, TABLE)
    report_of("init", "data.csv", "--target", "price", "-o", "c.yaml", cwd=tmp_path)
    line = f"{sign} the end\n" if key == "comment" else f"{sign},70\n"
    write(tmp_path, f"{TABLE}{line}")
    report = report_of("check", "c.yaml", f"data.{key}={sign}", cwd=tmp_path)
    missing = sum(report["data"]["columns"][0]["missing"].values())
    assert (missing, "a line is a comment, and skipped" in report["notes"]) == (key == "missing", key == "comment")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("area,price,,,\n" + "1,2,,,\n3,4,,,\n" * 30, "columns 3, 4, 5 have no name"),
        ("area,,price\n" + "1,,2\n3,,4\n" * 30, "column 2 has no name"),
        (",area,,price\n" + "1,1,,2\n2,3,,4\n" * 30, "column 3 has no name"),
    ],
)
def test_columns_without_names_and_values_are_ignored(tmp_path: Path, content: str, says: str) -> None:
    write(tmp_path, content)
    report = report_of("init", "data.csv", "--target", "price", cwd=tmp_path)
    assert [column["name"] for column in report["columns"]] == ["area", "price"]
    assert any(note.startswith(f"{says}, and no value in the first rows") for note in report["notes"])


def test_columns_that_a_control_character_separates(tmp_path: Path) -> None:
    write(tmp_path, TABLE.replace(",", "\x01"))
    refusal = refusal_of("init", "data.csv", "--target", "price", cwd=tmp_path, code=3)
    refusal.says("has a name with a control character, 'area\\x01price'", "separate the columns by commas or tabs")
    refusal = refusal_of("init", "data.csv", "--target", "price", "--delimiter", "\x01", cwd=tmp_path, code=3)
    refusal.says("expected one printable character or a tab, got '\\x01'")


@pytest.mark.parametrize("content", ["area,,price\n1,x,2\n3,,4\n", ",area,,price\n1,1,x,2\n2,3,y,4\n"])
def test_a_column_with_values_needs_a_name(tmp_path: Path, content: str) -> None:
    write(tmp_path, content)
    refusal = refusal_of("init", "data.csv", "--target", "price", cwd=tmp_path, code=3)
    refusal.says(f"data.csv:1: column {content.split(chr(10))[0].split(',').index('price')} has no name")


def test_a_target_in_which_no_value_means_something(tmp_path: Path) -> None:
    write(tmp_path, "area,sold\n" + "".join(f"{row % 9},{'yes' if row % 9 > 3 else ''}\n" for row in range(ROWS)))
    refusal = refusal_of("init", "data.csv", "--target", "sold", cwd=tmp_path, code=3)
    refusal.says("the same value in every row that has one; 28 rows have none", "if no value means another class")


@pytest.mark.slow
@pytest.mark.parametrize("others", [["+", "-"], ["+", "-", ""], ["+", "-", "?"]])
def test_a_minus_is_no_missing_value_beside_a_plus(tmp_path: Path, others: list[str]) -> None:
    rows = [f"{row % 7},{others[row % len(others)]},{row % 7 > 3:d}" for row in range(90)]
    write(tmp_path, "\n".join(["area,sign,sold", *rows]) + "\n")
    columns = {
        column["name"]: (column["kind"], column["missing"])
        for column in report_of("init", "data.csv", "--target", "sold", "-o", "c.yaml", cwd=tmp_path)["columns"]
    }
    assert columns["sign"] == ("yes_no", 30 * (len(others) - 2))
    report_of("train", "c.yaml", "epochs=2", "--run", "run", cwd=tmp_path)
    first = report_of("eval", "run", "--data", "data.csv", cwd=tmp_path)["metrics"]
    (tmp_path / "minus.csv").write_text("area,sign,sold\n1,-,0\n2,-,1\n")
    notes = report_of("eval", "run", "--data", "minus.csv", cwd=tmp_path)["notes"]
    assert [note for note in notes if not note.startswith("never predicted: ")] == []
    report_of("train", "run/config.yaml", "--run", "again", cwd=tmp_path)
    assert report_of("eval", "again", "--data", "data.csv", cwd=tmp_path)["metrics"] == first
    done = nnctl("predict", "run", "minus.csv", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
