"""Tables in text: what is read, and every fault with its line and its column."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.table import delimited
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.delimited import delimited_blocks, read_delimited
from nnctl.data.table.dialect import TextFormat
from nnctl.data.table.missing_words import USUAL
from nnctl.data.table.table import Column, Table
from nnctl.errors import DataError
from tests.support.sources import refusal

NAN = float("nan")


def write(folder: Path, content: str) -> Path:
    (folder / "t.csv").write_text(content, newline="")
    return folder / "t.csv"


def read(folder: Path, content: str, **hints: ColumnHint) -> Table:
    return read_delimited(write(folder, content), hints=hints)


def refused(folder: Path, content: str, **hints: ColumnHint) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, content, **hints)
    return refusal(caught).replace(str(folder) + "/", "")


def texts(column: Column) -> list[str]:
    return ["" if position < 0 else column.labels[position] for position in column.values]


def test_columns_of_every_kind(tmp_path: Path) -> None:
    table = read(tmp_path, "n, c ,b,d\n1, red ,Y,1970-01-02\n-2.5e1,blue,,NA\n,red,N,1970-01-03\nNA,null,y,\n")
    assert (table.names, table.lines.tolist(), len(table)) == (("n", "c", "b", "d"), [2, 3, 4, 5], 4)
    np.testing.assert_array_equal(table["n"].values, [1, -25, NAN, NAN])
    assert (table["c"].labels, table["c"].values.tolist()) == (("red", "blue"), [0, 1, 0, -1])
    assert (table["n"].values.dtype, table["c"].values.dtype) == (np.float64, np.int32)
    assert (table["b"].kind, table["b"].labels) == ("yes_no", ("N", "Y"))
    np.testing.assert_array_equal(table["b"].values, [1, NAN, 0, 1])
    assert table["d"].kind == "date"
    np.testing.assert_array_equal(table["d"].values, [1, NAN, 2, NAN])
    assert [column.missing.sum() for column in table.columns] == [2, 1, 1, 2]


@pytest.mark.parametrize("content", ["\ufeffa,y\r\n1,2\r\n", "a,y\r1,2\r", '"a","y"\n"1","2"', "a,y\n1,2\n\n\n"])
def test_boms_line_ends_and_quotes(tmp_path: Path, content: str) -> None:
    table = read(tmp_path, content)
    assert {column.name: column.values.tolist() for column in table.columns} == {"a": [1], "y": [2]}


@pytest.mark.parametrize(
    ("cells", "labels"),
    [("Y\nN", ("N", "Y")), ("YES\n", ("NO", "YES")), ("False\n", ("False", "True")), ("off\nOn", ("off", "On"))],
)
def test_no_and_yes_are_written_as_in_the_file(tmp_path: Path, cells: str, labels: tuple[str, str]) -> None:
    assert read(tmp_path, f"a\n{cells}\n")["a"].labels == labels


@pytest.mark.parametrize(
    ("cells", "hint", "expected"),
    [
        ("1\n02\n", ColumnHint("category"), ["1", "02"]),
        ("1\n0\nYes\n", ColumnHint("yes_no"), [1, 0, 1]),
        ("yes\nn\n", ColumnHint("yes_no"), [1, 0]),
        ("2.1.1970\nNA\n", ColumnHint("date", "%d.%m.%Y"), [1, NAN]),
        ("19700102\n", ColumnHint(format="%Y%m%d"), [1]),
        ("2024-01-31\n", ColumnHint("category"), ["2024-01-31"]),
        ("NA\n", ColumnHint("category"), [""]),
        ("NA\n", ColumnHint("number"), [NAN]),
    ],
)
def test_a_kind_of_the_hint_is_taken(tmp_path: Path, cells: str, hint: ColumnHint, expected: list[Any]) -> None:
    column = read(tmp_path, "a\n" + cells, a=hint)["a"]
    assert column.kind == (hint.kind or "date")
    np.testing.assert_array_equal(texts(column) if column.kind == "category" else column.values, expected)


def test_a_column_that_is_missing_throughout_is_a_number(tmp_path: Path) -> None:
    column = read(tmp_path, "a,b\n1,\n2,NA\n")["b"]
    assert (column.kind, column.missing.tolist()) == ("number", [True, True])


def test_columns_that_are_not_wanted_are_not_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n1,nan,x\n2,inf,y\n")
    assert read_delimited(path, wanted={"c", "a"}).names == ("a", "c")
    assert len(read_delimited(path, wanted=())) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("\n", "t.csv:1: has no header"),
        ("a,y\n", "t.csv: has a header and no rows"),
        ("a,y\n1,2\n1,2,3\n", "t.csv:3: has 3 values, the header has 2 columns"),
        ("a,y\n1\n", "t.csv:2: has 1 value, the header has 2 columns"),
        ("a,y\n1,2\n3,2\nabc,2\n", "t.csv:4: column a: 'abc' is not a number"),
        ("a,y\n1,2\n2,2\n1_000,2\n", "t.csv:4: column a: '1_000' is not a number"),
        ("a,y\n1,2\n2,2\n١,2\n", "t.csv:4: column a: '١' is not a number"),
        ("a,y\n1,2\n2,2\n0x10,2\n", "t.csv:4: column a: '0x10' is not a number"),
        ("a,y\n1,2\n-Infinity,3\n", "t.csv:3: column a: expected a finite number, got -inf"),
        ("a,y\n1,2\n1e999,3\n", "t.csv:3: column a: expected a finite number, got inf"),
        ('a,y\n1,2\n"3,4\n5,6\n', "t.csv:3: a quote is not closed before the file ends in line 4"),
        ('a,y\n1,"2\n3,4\n5,6"\n', "t.csv:2: a quoted value runs on to line 4"),
        ('a,y\n"1"2,3\n', "t.csv:2: cannot be read as CSV"),
        ("a,y\n" + "1" * 200_000 + ",2\n", "t.csv:2: holds a value of more than 131,072 characters"),
        ("a,a,y\n1,2,3\n", "t.csv:1: has two columns of the name a"),
        ("a,,y\n1,2,3\n", "t.csv:1: column 2 has no name"),
        ("a,\x07\n1,2\n", "t.csv:1: column 2 has a name with a control character, '\\x07'"),
    ],
)
def test_faults_and_their_places(tmp_path: Path, content: str, message: str) -> None:
    assert message in refused(tmp_path, content)


@pytest.mark.parametrize(
    ("hint", "message"),
    [
        (
            ColumnHint("number"),
            "'soon' is not a number help: fix the value; where it means missing, leave it empty or set `missing:",
        ),
        (ColumnHint("yes_no"), "t.csv:3: column a: 'soon' is neither yes nor no"),
        (ColumnHint("date"), "t.csv:3: column a: 'soon' is not a date like 2024-01-31"),
        (ColumnHint("date", "%Y"), "t.csv:3: column a: 'soon' is not a date of the format %Y"),
    ],
)
def test_cells_that_are_not_of_the_kind_of_the_hint(tmp_path: Path, hint: ColumnHint, message: str) -> None:
    assert message in refused(tmp_path, "a,b\n,1\nsoon,2\n", a=hint)


def test_words_among_numbers_may_be_meant(tmp_path: Path) -> None:
    content = "a\n1\n2\nx\n"
    assert "for a column of words set `columns: {a: category}`" in refused(tmp_path, content)
    assert texts(read(tmp_path, content, a=ColumnHint("category"))["a"]) == ["1", "2", "x"]


def test_all_faults_are_told_at_once_in_their_order_up_to_ten(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a,b\n1,2\n1,2,3\n1,x\ny,2\n3,4\n5,6\n7\n", a=ColumnHint("number"), b=ColumnHint("number"))
    assert [problem.line for problem in caught.value.problems] == [3, 4, 5, 8]
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a,b\n" + "1,x\n" * 9 + "y,x\n" * 9, a=ColumnHint("number"), b=ColumnHint("number"))
    assert [problem.line for problem in caught.value.problems] == [*range(2, 11), 11]
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a,b\n" + "1\n1,2,3\n" * 500)
    assert len(caught.value.problems) == 10


def test_where_no_row_agrees_with_the_header_that_is_told_once(tmp_path: Path) -> None:
    for rows in ("1\n" * 1000, "1,2,3\n" * 20, "1,2,3,4\n" * 2):
        with pytest.raises(DataError) as caught:
            read(tmp_path, f"a,b\n{rows}")
        (problem,) = caught.value.problems
        assert problem.line == 2
        assert problem.what.endswith("; the rows after it are alike")
        assert "`skip`" in problem.help


@pytest.mark.parametrize(
    ("header", "found"),
    [("150,4,setosa", "150, 4"), ("1.5,2.5,3.5", "1.5, 2.5, 3.5"), ("a,7,b", "7")],
)
def test_names_that_are_numbers_are_told(tmp_path: Path, header: str, found: str) -> None:
    told = f"the header names columns by numbers, {found}: if its line is a row, add a line of names above it"
    assert read(tmp_path, f"{header}\nx,y,z\nx,y,w\n").notes == (told,)
    hints = {name: ColumnHint("category") for name in header.split(",")}
    assert read(tmp_path, f"{header}\nx,y,z\nx,y,w\n", **hints).notes == ()


@pytest.mark.parametrize("header", ["0,1,2", "1,2,3", "country,2010,2011", "a,b,1"])
def test_names_that_count_the_columns_or_are_years_are_not(tmp_path: Path, header: str) -> None:
    assert read(tmp_path, f"{header}\nx,y,z\nx,y,w\n").notes == ()


@pytest.mark.parametrize(
    ("cells", "kind", "note"),
    [
        (["1"] * 100 + ["call us"] * 2, "number", "2 of the 102 values are not numbers ('call us', …): they are"),
        (["$1,200.5"] * 50 + ["ask"], "number", "1 of the 51 values is not a number ('ask'): it is"),
        (["5"] * 60 + ["inf"], "number", "1 of the 61 values is not a number ('inf'): it is"),
        (["2024-01-31"] * 400 + ["unknown"], "date", "1 of the 401 values is not a date ('unknown'): it is"),
        (["2024-01-31"] * 400 + ["2024-02-30"], "date", "1 of the 401 values is not a date ('2024-02-30'): it is"),
        (["31.01.2024"] * 99 + ["soon", "later"], "date", "2 of the 101 values are not dates ('soon', …): they are"),
    ],
)
def test_a_few_cells_that_do_not_fit_are_taken_for_missing(
    tmp_path: Path, cells: list[str], kind: str, note: str
) -> None:
    file = io.StringIO()
    csv.writer(file).writerows([("a", "b"), *((cell, "1") for cell in cells)])
    table = read(tmp_path, file.getvalue())
    odd = len(cells) - cells.count(cells[0])
    assert (table["a"].kind, table["a"].odd, int(table["a"].missing.sum())) == (kind, odd, odd)
    assert f"column a: {note} taken for missing" in table.notes
    assert table["b"].odd == 0


def test_more_of_them_are_refused(tmp_path: Path) -> None:
    assert "t.csv:51: column a: 'x' is not a number" in refused(tmp_path, "a\n" + "1\n" * 49 + "x\ny\n")
    assert "t.csv:50: column a: 'x' is not a number" in refused(tmp_path, "a\n" + "1\n" * 48 + "x\n")
    assert read(tmp_path, "a\n" + "1\n" * 49 + "x\n")["a"].odd == 1


def test_odd_cells_of_many_columns_are_one_note(tmp_path: Path) -> None:
    names = ",".join(f"c{number}" for number in range(5))
    content = f"{names}\n" + "1,1,1,1,1\n" * 60 + "x,x,x,x,x\n"
    (note,) = read(tmp_path, content).notes
    assert note.startswith("5 columns have values that do not fit, and are taken for missing: c0 (1 of the 61 values")


def test_lenient_reading_refuses_no_column(tmp_path: Path) -> None:
    path = write(tmp_path, "ticket,when,age\n113803,2024-01-31,1\n373450,2024-02-01,2\n330877,soon,3\nPC 17599,,4\n")
    with pytest.raises(DataError, match="column ticket: 'PC 17599' is not a number"):
        read_delimited(path)
    table = read_delimited(path, lenient=True)
    assert [column.kind for column in table.columns] == ["category", "category", "number"]
    assert texts(table["ticket"]) == ["113803", "373450", "330877", "PC 17599"]
    (note,) = table.notes
    assert note == (
        "2 columns are read as categories, for not all of their values are what most of them are: "
        "ticket (1 of the 4 values is not a number ('PC 17599')), when (1 of the 3 values is not a date ('soon')); "
        "what means missing belongs in `missing`"
    )
    with pytest.raises(DataError, match="column ticket: 'PC 17599' is not a number"):
        read_delimited(path, hints={"ticket": ColumnHint("number")}, lenient=True)


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["1", "x", "1.0", "1.00"], ("1", "x")),
        (["x", "2.0", "2"], ("x", "2")),
        (["01", "1", "1.10", "1.1", "v1.0"], ("01", "1", "1.10", "1.1", "v1.0")),
    ],
)
def test_labels_that_are_the_same_whole_number_are_one(
    tmp_path: Path, cells: list[str], labels: tuple[str, ...]
) -> None:
    content = "a,b\n" + "".join(f"{cell},1\n" for cell in cells)
    assert read(tmp_path, content, a=ColumnHint("category"))["a"].labels == labels
    assert read(tmp_path, content, a=ColumnHint("category", free=True))["a"].labels == tuple(dict.fromkeys(cells))


def test_words_that_are_taken_for_missing_are_counted_among_words(tmp_path: Path) -> None:
    content = "place,n\nNA,1\nEU,null\nNA,3\nnone,-\n,5\n"
    table = read(tmp_path, content)
    assert texts(table["place"]) == ["", "EU", "", "", ""]
    np.testing.assert_array_equal(table["n"].values, [1, NAN, 3, NAN, 5])
    assert table.notes == (
        "a column of words has some that are taken for missing: "
        "place (2 'NA', 1 'none'; to keep them as labels set `columns: {place: {missing_words: []}}`)",
    )
    kept = read(tmp_path, content, place=ColumnHint("category", missing=()))
    assert (texts(kept["place"]), kept.notes) == (["NA", "EU", "NA", "none", ""], ())


@pytest.mark.parametrize("words", [("-999",), ("-999", "?"), ("-999.0", "unknown")])
def test_numbers_that_mean_missing_are_said(tmp_path: Path, words: tuple[str, ...]) -> None:
    content = "a,b\n1,x\n-999,y\n-999.0,-999\n3,z\n"
    hints = {name: ColumnHint(missing=words) for name in "ab"}
    table = read(tmp_path, content, **hints)
    np.testing.assert_array_equal(table["a"].values, [1, NAN, NAN, 3])
    assert read(tmp_path, content)["a"].values.tolist() == [1, -999, -999, 3]


def test_another_file_is_read_alike_by_the_hints_of_the_first(tmp_path: Path) -> None:
    first = read(tmp_path, 'price;sold;share;k\n"1.255,5 €";31.01.2024;7%;a\n"2.000 €";12.02.2024;8%;b\n')
    assert len(first.notes) == 3
    hints = {column.name: column.hint for column in first.columns}
    second = read(tmp_path, "price;sold;share;k\n1.300;01.02.2024;9;b\n", **hints)
    assert (second["price"].values.tolist(), second["share"].values.tolist()) == ([1300], [9])
    assert second["sold"].values.tolist() == [19754]  # the first of February
    assert second.notes == ()
    assert {column.name: column.hint for column in second.columns} == hints


def test_the_decimal_sign_of_all_columns_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "a;b;c\n1,255;2.500;3\n1,5;3.000;4\n")
    table = read_delimited(path, TextFormat(decimal=","))
    assert [column.values.tolist() for column in table.columns] == [[1.255, 1.5], [2500, 3000], [3, 4]]
    assert table.notes == ()
    said = read_delimited(path, TextFormat(decimal=","), hints={"b": ColumnHint(decimal=".")})
    assert said["b"].values.tolist() == [2.5, 3]


def test_blocks_tell_what_was_found_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n" + "$1,1\n" * 100 + "ask,1\n")
    blocks = list(delimited_blocks(path, hints={"b": ColumnHint("number")}, rows=101))
    (block,) = blocks
    assert block.notes[0] == "a column holds numbers with a unit: a ($)"
    assert block["a"].odd == 1
    with pytest.raises(DataError, match="column a: 'ask' is not a number"):
        list(delimited_blocks(path, rows=10))


def test_a_line_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.table.lines.LONGEST_LINE", 100)
    assert "t.csv:2: is longer than 100 characters" in refused(tmp_path, "a,y\n" + "1," * 200)


def test_labels_may_be_many_and_long_and_hold_anything(tmp_path: Path) -> None:
    content = "id,y\n" + "".join(f"name {n},{n}\n" for n in range(10_001))
    assert len(read(tmp_path, content)["id"].labels) == 10_001
    for label in ("x" * 1000, "\x1b[2J", "first line\nsecond line", "ä" * 300):
        assert read(tmp_path, f'id,y\n"{label}",1\n')["id"].labels == (label,)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "FIRST_ROWS", 4)
    monkeypatch.setattr(delimited, "BLOCK_ROWS", 2)


@pytest.mark.usefixtures("small_blocks")
def test_kinds_are_inferred_from_the_first_block_that_has_a_cell(tmp_path: Path) -> None:
    rows = ["1,,,", "2,,,", "3,,,", "4,NA,,", "5,b,,", "6,c,Y,", "7,b,,", "8,,n,", "9,c,,"]
    table = read(tmp_path, "n,c,b,m\n" + "\n".join(rows))
    assert [column.kind for column in table.columns] == ["number", "category", "yes_no", "number"]
    assert table["n"].values.tolist() == list(range(1, 10))
    assert texts(table["c"]) == ["", "", "", "", "b", "c", "b", "", "c"]
    np.testing.assert_array_equal(table["b"].values, [NAN] * 5 + [1, NAN, 0, NAN])
    assert table["b"].labels == ("n", "Y")
    assert table.lines.tolist() == list(range(2, 11))


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("1\n2\n3\n4\n5\n6\nx\n", "t.csv:8: column a: 'x' is not a number"),
        ("y\nn\ny\nn\nn\nmaybe\n", "t.csv:7: column a: 'maybe' is neither yes nor no"),
        ("2024-01-31\n" * 5 + "soon\n", "t.csv:7: column a: 'soon' is not a date"),
    ],
)
def test_later_blocks_are_held_to_the_kind(tmp_path: Path, rows: str, message: str) -> None:
    assert message in refused(tmp_path, "a\n" + rows)


def test_blocks_have_labels_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n" + "".join(f"{cell},{row}\n" for row, cell in enumerate("xyzxyNzy")))
    hints = {"a": ColumnHint("category"), "b": ColumnHint("number")}
    blocks = list(delimited_blocks(path, hints=hints, rows=3))
    assert [len(block) for block in blocks] == [3, 3, 2]
    assert [block["a"].labels for block in blocks] == [("x", "y", "z"), ("x", "y", "N"), ("z", "y")]
    assert np.concatenate([block["b"].values for block in blocks]).tolist() == list(range(8))
    assert np.concatenate([block.lines for block in blocks]).tolist() == list(range(2, 10))


@pytest.mark.parametrize("rows", [1, 1000, 1500, 5000])
def test_blocks_are_no_larger_than_asked_for(tmp_path: Path, rows: int) -> None:
    path = write(tmp_path, "a\n" + "".join(f"{n}\n" for n in range(4000)))
    blocks = list(delimited_blocks(path, hints={"a": ColumnHint("number")}, rows=rows))
    assert max(map(len, blocks)) <= rows
    assert len(blocks) <= 2 * -(-4000 // rows)
    assert np.concatenate([block["a"].values for block in blocks]).tolist() == list(range(4000))


def test_blocks_of_a_file_without_rows(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has a header and no rows"):
        list(delimited_blocks(write(tmp_path, "a,b\n")))


def test_a_table_that_is_too_large_for_memory_is_read_in_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nnctl.data.table.table_builder.memory_limit", lambda: 1000)
    content = "a\n" + "1\n" * 1000
    assert "would take more than 0.0 GiB of memory" in refused(tmp_path, content)
    assert sum(map(len, delimited_blocks(write(tmp_path, content), rows=100))) == 1000


number_cells = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr), st.integers(-(10**20), 10**20).map(str)
)
missing_cells = st.sampled_from(sorted(USUAL))
word_cells = st.text("ab,;|\"' é", min_size=1).map(str.strip).filter(bool)
rows_strategy = st.lists(
    st.tuples(number_cells | missing_cells, word_cells | missing_cells, st.sampled_from(["Y", "N", ""])), min_size=1
)


@settings(deadline=None, max_examples=150)
@given(rows=rows_strategy, delimiter=st.sampled_from(",;\t|"), said=st.booleans(), first=st.integers(1, 5))
def test_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    delimiter: str,
    said: bool,
    first: int,
) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows([("n", "w", "b"), *rows])
    path = write(tmp_path_factory.getbasetemp(), file.getvalue())
    kinds = {"n": ColumnHint("number"), "w": ColumnHint("category"), "b": ColumnHint("yes_no")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "FIRST_ROWS", first)
        table = read_delimited(path, TextFormat(delimiter if said else None), hints=kinds)
    expected = [NAN if n in USUAL else float(n) for n, *_ in rows]
    np.testing.assert_array_equal(table["n"].values, expected)
    assert texts(table["w"]) == ["" if w in USUAL else w for _, w, _ in rows]
    assert len(set(table["w"].labels)) == len(table["w"].labels)
    np.testing.assert_array_equal(table["b"].values, [{"Y": 1.0, "N": 0.0, "": NAN}[b] for *_, b in rows])
    assert table.lines.tolist() == list(range(2, len(rows) + 2))


@settings(deadline=None, max_examples=100)
@given(cells=st.lists(number_cells | word_cells | missing_cells | st.sampled_from(["2024-01-31", "yes"]), min_size=1))
def test_an_inferred_column_is_as_if_its_kind_were_said(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str]
) -> None:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([("a", "b"), *((cell, "1") for cell in cells)])
    content = file.getvalue()
    with suppress(DataError):
        inferred = read(tmp_path_factory.getbasetemp(), content)["a"]
        said = read(tmp_path_factory.getbasetemp(), content, a=inferred.hint)["a"]
        assert (inferred.kind, inferred.labels) == (said.kind, said.labels)
        np.testing.assert_array_equal(inferred.values, said.values)


@settings(deadline=None, max_examples=300)
@given(content=st.one_of(st.binary(max_size=60), st.text('a,;y\n"1 .e\r\0\ufeff', max_size=60).map(str.encode)))
def test_any_bytes_are_a_table_or_a_data_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    for start in (b"", b"a,y\n1,2\n", b"\xff\xfe"):
        path.write_bytes(start + content)
        with suppress(DataError):
            table = read_delimited(path)
            assert all(len(column.values) == len(table) > 0 for column in table.columns)
