"""What stands above, between and beside the rows of a table in text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from nnctl.data.table.delimited import header_of, read_delimited
from nnctl.data.table.dialect import TextFormat
from nnctl.data.table.table import Table
from nnctl.errors import DataError
from tests.support.sources import refusal

INDEX = "column 1 has no name: it is taken for an index, and ignored"


def write(folder: Path, content: str, name: str = "t.csv") -> Path:
    (folder / name).write_text(content, newline="")
    return folder / name


def read(folder: Path, content: str, **said: Any) -> Table:
    return read_delimited(write(folder, content), TextFormat(**said))


def cells(table: Table) -> dict[str, list[Any]]:
    return {
        column.name: [column.labels[value] for value in column.values]
        if column.kind == "category"
        else column.values.tolist()
        for column in table.columns
    }


XY = {"x": [1, 3], "y": [2, 4]}


@pytest.mark.parametrize(
    ("content", "notes"),
    [
        # a delimiter that the file names
        ("sep=;\nx;y\n1;2\n3;4\n", []),
        ("SEP=,\r\nx,y\r\n1,2\r\n3,4\r\n", []),
        ("sep=\\t\nx\ty\n1\t2\n3\t4\n", []),
        ("sep=\t\nx\ty\n1\t2\n3\t4\n", []),
        ('"sep=|"\nx|y\n1|2\n3|4\n', []),
        # comments
        ("# by hand\n# 2024\nx,y\n1,2\n3,4\n", ["2 lines above the header are skipped: '# by hand', …"]),
        ("#\n\nx;y\n1;2\n3;4\n", ["a line above the header is skipped: '#'", "a line is blank, and skipped"]),
        ("#a,b,c\nx,y\n1,2\n3,4\n", ["a line above the header is skipped: '#a,b,c'"]),
        ("# x,y\n1,2\n3,4\n", []),
        ("# x y\n1 2\n3 4\n", []),
        ("# made by numpy\n# x y\n1 2\n3 4\n", ["a line above the header is skipped: '# made by numpy'"]),
        # titles
        ("Sales\nx,y\n1,2\n3,4\n", ["a line above the header is skipped: 'Sales'"]),
        ("Sales, all, of them\n\nx,y\n1,2\n3,4\n", ["2 lines above the header are skipped: 'Sales, all, of them', …"]),
        ("Sales\nby month\nx\ty\n1\t2\n3\t4\n", ["2 lines above the header are skipped: 'Sales', …"]),
        # units
        ("x,y\n(mm),(kg)\n1,2\n3,4\n", ["the line of units below the header is skipped: (mm), (kg)"]),
        (
            "x,y\n(mm),(kg)\n1,2\nx,y\n3,4\n",
            ["the line of units below the header is skipped: (mm), (kg)", "a line is the header again, and skipped"],
        ),
        ("x,y\n[mm],\n1,2\n3,4\n", ["the line of units below the header is skipped: [mm]"]),
        ("x;y\nmm;-\n1;2\n3;4\n", ["the line of units below the header is skipped: mm, -"]),
        # an index without a name
        (",x,y\n0,1,2\n1,3,4\n", [INDEX]),
        ('"","x","y"\n"a",1,2\n"b",3,4\n', [INDEX]),
        (";x;y\nr1;1;2\nr2;3;4\n", [INDEX]),
        ('"x" "y"\n"1" 1 2\n"2" 3 4\n', [INDEX]),
        ("x\ty\nr1\t1\t2\nr2\t3\t4\n", [INDEX]),
        # delimiters at the end
        ("x,y,\n1,2,\n3,4,\n", []),
        ("x,y,\n1,2\n3,4\n", []),
        ("x;y\n1;2;\n3;4;\n", []),
        # the header again
        ("x,y\n1,2\nx,y\n3,4\nx,y\n", ["2 lines are the header again, and skipped"]),
        ("x,y\nx,y\n1,2\n3,4\n", ["a line is the header again, and skipped"]),
        # blanks between columns
        ("x y\n1 2\n3 4\n", []),
        ("  x   y\n  1   2\n 3  4  \n", []),
        # blank lines
        ("x,y\n\n1,2\n\n\n3,4\n\n\n", ["3 lines are blank, and skipped"]),
        ("\n\nx,y\n1,2\n3,4\n", ["2 lines are blank, and skipped"]),
        ("x,y\n1,2\r\n\r\n3,4\r\n", ["a line is blank, and skipped"]),
    ],
)
def test_around_the_rows(tmp_path: Path, content: str, notes: list[str]) -> None:
    table = read(tmp_path, content)
    assert cells(table) == XY
    assert list(table.notes) == notes
    assert header_of(tmp_path / "t.csv") == ("x", "y")
    physical = content.replace("\r\n", "\n").split("\n")
    for line, value in zip(table.lines.tolist(), ("1", "3"), strict=True):
        assert value in physical[line - 1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("junk\nmore, junk\nx,y\n1,2\n3,4\n", {"skip": 2}),
        ("1,2,3\nx,y\n1,2\n3,4\n", {"skip": 1}),
        ("sep=;\nx;y\n1;2\n3;4\n", {"skip": 0}),
        ("x y\n1 2\n3 4\n", {"delimiter": " "}),
    ],
)
def test_what_is_said_is_taken_in_silence(tmp_path: Path, content: str, said: dict[str, Any]) -> None:
    table = read(tmp_path, content, **said)
    assert (cells(table), table.notes) == (XY, ())


def test_nothing_is_skipped_where_that_is_said(tmp_path: Path) -> None:
    assert "has 2 values, the header has 1 columns" in refused(tmp_path, "Sales\nx,y\n1,2\n3,4\n", skip=0)


@pytest.mark.parametrize("comment", ["%", "//", "#"])
def test_comments_anywhere(tmp_path: Path, comment: str) -> None:
    content = f"{comment} a\nx,y\n{comment} b, c\n1,2\n3,4\n{comment}\n"
    table = read(tmp_path, content, comment=comment)
    assert (cells(table), table.lines.tolist()) == (XY, [4, 5])
    assert table.notes == ("3 lines are comments, and skipped",)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ('"x2\n(mm)",y\n1,2\n', ("x2 (mm)", "y")),
        ('" a  b ","c\r\nd"\n1,2\n', ("a b", "c d")),
        ('x,"y\n\nz"\n1,2\n', ("x", "y z")),
        ("#id,name\n1,a\n2,b\n", ("#id", "name")),
        ("Report,,\nCountry,2019,2020\nFrance,1,2\nSpain,3,4\n", ("Country", "2019", "2020")),
        ("name,city\nAnn,Rome\nBob,Bern\n", ("name", "city")),
    ],
)
def test_names(tmp_path: Path, content: str, names: tuple[str, ...]) -> None:
    assert read(tmp_path, content).names == header_of(tmp_path / "t.csv") == names


def test_values_over_several_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'x,text\n1,"a\nb, c\n\nd"\n2,"e"\n3,"f\r\ng"\n')
    assert table["text"].labels == ("a\nb, c\n\nd", "e", "f\r\ng")
    assert table.lines.tolist() == [2, 6, 7]


def test_text_with_commas_is_one_column(tmp_path: Path) -> None:
    assert read(tmp_path, "text\nhello, you\nbye, now\nwell, done\n", delimiter=";").names == ("text",)
    assert header_of(write(tmp_path, "text\nhello\nbye, now\nwell, all, done\n")) == ("text",)


def refused(folder: Path, content: str, **said: Any) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, content, **said)
    return refusal(caught).replace(str(folder) + "/", "")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,y\n1,2,3\n1,2,4\n5,6,7\n", "t.csv:2: has 3 values, the header has 2 columns"),
        ("name,y\nFoo,2,3\nBar,2,4\n", "t.csv:2: has 3 values, the header has 2 columns"),
        ("a,,y\n1,2,3\n4,5,6\n", "t.csv:1: column 2 has no name"),
        (
            "a,b,\n1,2,\n1,2,3\n",
            "t.csv:3: has 3 values, the header has 2 columns help: give column 3 a name, or remove '3'",
        ),
        ("Sales\na,a\n1,2\n3,4\n", "t.csv:2: has 2 values, the header has 1 columns"),
        ('a,y\n1,"2\n3,4\n5,6"\n', "t.csv:2: a quoted value runs on to line 4, over lines that look like rows"),
        ('a,b,c\n1,"x\n2,y,z\n3,w,v",u\n', "t.csv:2: a quoted value runs on to line 4"),
        ('a,b\n1,"x\n2,y\n', "t.csv:2: a quote is not closed before the file ends in line 3"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, content: str, message: str) -> None:
    assert message in refused(tmp_path, content)


def test_a_header_that_is_longer_than_the_sample(tmp_path: Path) -> None:
    names = [f"a rather long name of a column, {number}" for number in range(5000)]
    header = ",".join(f'"{name}"' for name in names)
    row = ",".join(["1"] * 5000)
    assert header_of(write(tmp_path, f"{header},\n{row},\n{row},\n")) == tuple(names)
