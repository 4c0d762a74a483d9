"""What compiled code reads is what the slow reader reads, and it leaves the rest to it."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nnctl.data.table import delimited, fast_rows
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.delimited import delimited_blocks, read_delimited
from nnctl.data.table.dialect import TextFormat
from nnctl.data.table.plain_rows import Batch
from nnctl.data.table.table import Table
from nnctl.errors import DataError

HINTS = {
    "n": ColumnHint("number", decimal=".", unit=""),
    "p": ColumnHint("number", decimal=".", unit="$"),
    "k": ColumnHint("category"),
    "d": ColumnHint("date", "iso"),
    "b": ColumnHint("yes_no"),
}
HEADER = "n,p,k,d,b\n"
GOOD = "1.5,$2,word,2024-01-31,yes\n"


@pytest.fixture(autouse=True)
def small_files_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_rows, "LEAST_SIZE", 0)
    monkeypatch.setattr(fast_rows, "CHUNK", 128)
    monkeypatch.setattr(delimited, "FIRST_ROWS", 4)


def outcome(path: Path, fast: bool, **options: Any) -> Any:
    """A table, or an error, as something to compare."""
    with pytest.MonkeyPatch.context() as patch:
        if not fast:
            patch.setattr(fast_rows, "is_possible", lambda *_: False)
        try:
            table = read_delimited(path, **options)
        except DataError as error:
            return str(error)
    return contents(table)


def contents(table: Table) -> Any:
    columns = [
        (column.name, column.kind, column.values.tobytes(), column.labels, column.hint, column.odd)
        for column in table.columns
    ]
    return columns, table.lines.tolist(), table.notes


def both(path: Path, content: bytes, **options: Any) -> Any:
    """What both readers make of a file, which must be the same."""
    path.write_bytes(content)
    found = outcome(path, fast=True, **options)
    assert found == outcome(path, fast=False, **options)
    return found


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows of each batch that compiled code read."""
    sizes: list[int] = []
    add_to = Batch.add_to

    def noticed(batch: Batch, column: Any, position: int) -> None:
        if position == 0:
            sizes.append(len(batch))
        add_to(batch, column, position)

    monkeypatch.setattr(Batch, "add_to", noticed)
    return sizes


ODD_ROWS = [
    '1,$2,"a ""word""",2024-01-31,no\n',
    '1,$2,"two\nlines",2024-01-31,no\n',
    '1,$2,"1,5",2024-01-31,no\n',
    "NA,null,None,?,-\n",
    " 1 , $2 , word , 2024-01-31 , no \n",
    "inf,$2,word,2024-01-31,no\n",
    "nan,$2,nan,2024-01-31,no\n",
    "1_000,$2,word,2024-01-31,no\n",
    '"1,000",$2,word,2024-01-31,no\n',
    "call us,$2,word,2024-01-31,no\n",
    "1,€2,word,soon,maybe\n",
    "1,$2,1.0,2024-01-31,no\n",
    "1,$2,wörd,2024-01-31,no\n",
    "1,$2,word,2024-01-31\n",
    "1,$2,word,2024-01-31,no,\n",
    '1,$2,"word,2024-01-31,no\n',
    '1,$2,wo"rd,2024-01-31,no\n',
    '1,$2,"wo"rd,2024-01-31,no\n',
    "\n",
    HEADER,
    "1,$2,word,2024-01-31,no\r\n",
    "1,$2,word\r,2024-01-31,no\n",
    ",,,,\n",
]


@pytest.mark.parametrize("odd", ODD_ROWS)
@pytest.mark.parametrize("place", [0, 3, 60])
@pytest.mark.parametrize("hints", [{}, HINTS], ids=["inferred", "known"])
def test_a_row_that_is_unusual(tmp_path: Path, odd: str, place: int, hints: dict[str, ColumnHint]) -> None:
    content = HEADER + GOOD * place + odd + GOOD * (70 - place)
    both(tmp_path / "t.csv", content.encode(), hints=hints)


@pytest.mark.parametrize("wanted", [None, {"n"}, {"k"}, {"n", "d"}, set()])
def test_some_columns(tmp_path: Path, wanted: set[str] | None) -> None:
    both(tmp_path / "t.csv", (HEADER + GOOD * 50).encode(), wanted=wanted)
    both(tmp_path / "t.csv", (HEADER + GOOD * 20 + HEADER + GOOD * 20).encode(), wanted=wanted, hints=HINTS)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (("a;b\n" + "1.5;x\n" * 40).encode(), TextFormat()),
        (("a;b\n" + "1,5;x\n" * 40).encode(), TextFormat()),
        (("a|b\n" + '1|"x|y"\n' * 40).encode(), TextFormat()),
        (("\ufeffa,b\n" + "1,ü\n" * 40).encode(), TextFormat()),
        (("a,b\n" + "1,ü\n" * 40).encode("cp1252"), TextFormat()),
        (("a,b\n" + "1,u\n" * 40).encode() + "1,ü\n".encode("cp1252") * 3, TextFormat()),
        (("a,b\n" + "1,ü\n" * 40).encode("utf-16"), TextFormat()),
        (("a,b\n" + "1,ü\n" * 40).encode("cp1252"), TextFormat(encoding="cp1252")),
        (("a,b\r\n" + "1,x\r\n" * 40).encode(), TextFormat()),
        (("a,b\r" + "1,x\r" * 40).encode(), TextFormat()),
        (("# one\n# two\na,b\n" + "1,x\n" * 40).encode(), TextFormat()),
        (("a,b\n(mm),\n" + "1,x\n" * 40).encode(), TextFormat()),
        ((",a,b\n" + "7,1,x\n" * 40).encode(), TextFormat()),
        (("a,b,\n" + "1,x,\n" * 40).encode(), TextFormat()),
        (("a b\n" + "1 x\n" * 40).encode(), TextFormat()),
        (("a,b\n" + "1,x\n% no\n" * 40).encode(), TextFormat(comment="%")),
        (('"a\nc",b\n' + "1,x\n" * 40).encode(), TextFormat()),
        (("a,b\n" + "1,x\n" * 40 + "2,y").encode(), TextFormat()),
        (gzip.compress(("a,b\n" + "1,x\n" * 40 + "bad\n" + "1,x\n").encode(), mtime=0), TextFormat()),
        (gzip.compress(("a,b\n" + "1,x\n" * 4000).encode(), mtime=0)[:-12], TextFormat()),
        (("a\n" + "1\n" * 40 + "x\n" * 3).encode(), TextFormat()),
        (("a,b\n" + ",x\n" * 40 + "1,y\n" * 5 + "z,y\n").encode(), TextFormat()),
    ],
)
def test_files_of_many_kinds(tmp_path: Path, content: bytes, text: TextFormat) -> None:
    both(tmp_path / "t.csv", content, text=text)


def test_plain_rows_are_read_fast(tmp_path: Path, batches: list[int]) -> None:
    both(tmp_path / "t.csv", (HEADER + GOOD * 50).encode(), hints=HINTS)
    assert sum(batches) == 50
    batches.clear()
    both(tmp_path / "t.csv", (HEADER + GOOD * 50).encode())
    assert sum(batches) == 50
    batches.clear()
    both(tmp_path / "t.csv", (HEADER + GOOD * 2 + GOOD.replace("1.5", "x") * 2 + GOOD * 200).encode())
    assert sum(batches) == 204
    batches.clear()
    both(tmp_path / "t.csv", ("n,k\n" + '1,"a, b"\n2,"c"\n' * 20).encode(), hints={"n": HINTS["n"], "k": HINTS["k"]})
    assert sum(batches) == 40


ENDLESS = '1,$2,"' + "two\n" * 90 + 'lines",2024-01-31,no\n'  # over several chunks


@pytest.mark.parametrize("unusual", ['1,$2,"two\nlines",2024-01-31,no\n', ENDLESS])
def test_what_follows_the_chunk_with_an_unusual_row_is_read_fast(
    tmp_path: Path, batches: list[int], unusual: str
) -> None:
    content = HEADER + GOOD * 30 + unusual + GOOD * 30 + unusual + GOOD * 30
    both(tmp_path / "t.csv", content.encode(), hints=HINTS)
    assert 60 < sum(batches) < 92


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_blocks(tmp_path: Path, batches: list[int], rows: int) -> None:
    content = "n,k\n" + "".join(f"{number},k{number % 9}\n" for number in range(200))
    (tmp_path / "t.csv").write_text(content)
    hints = {name: HINTS[name] for name in "nk"}
    blocks = list(delimited_blocks(tmp_path / "t.csv", hints=hints, rows=rows))
    assert sum(batches) == 200
    assert max(map(len, blocks)) <= rows
    assert [block["k"].labels[place] for block in blocks for place in block["k"].values] == [
        f"k{number % 9}" for number in range(200)
    ]
    for block in blocks:
        assert sorted(set(block["k"].values.tolist())) == list(range(len(block["k"].labels)))
        assert block["k"].values[0] == 0
    np.testing.assert_array_equal(np.concatenate([block["n"].values for block in blocks]), np.arange(200))


def test_a_file_without_rows(tmp_path: Path) -> None:
    assert "has a header and no rows" in both(tmp_path / "t.csv", HEADER.encode(), hints=HINTS)


number_cells = st.one_of(
    st.floats().map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.sampled_from(["", "NA", "nan", "NaN", "+1", "1.", ".5", "-0", "1e400", "1E5", " 2 ", "0x1", "1_0", "٣", "N/a"]),
    st.text('0123456789.eE+-_ "', max_size=6),
)
word_cells = st.one_of(
    st.text("ab,;\"'\r\n é\x00", max_size=5), st.sampled_from(["1.0", "NA", "none", '"a"', '"a""b"'])
)
row_strategy = st.tuples(number_cells, word_cells).map(",".join)


ends = st.sampled_from(["\n", "\r\n"])
rows_strategy = st.lists(row_strategy | st.just("1,a"), min_size=1, max_size=12)


def agree_on(folder: Path, rows: list[str], end: str, known: bool) -> None:
    """Errors name the same mistakes, though not as many of them: blocks begin elsewhere."""
    content = "n,k" + end + end.join(["1,a"] * 5 + rows) + end
    path = folder / "any.csv"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    hints = {name: HINTS[name] for name in "nk"} if known else {}
    fast, slow = (outcome(path, fast, hints=hints) for fast in (True, False))
    assert fast == slow or (isinstance(fast, str) and isinstance(slow, str))


@settings(deadline=None, max_examples=50)
@given(rows=rows_strategy, end=ends, known=st.booleans())
@example(rows=['1,",a"b', '1,a"b'], end="\n", known=True)
@example(rows=["1,a", '2,"b', "3,c", '4",d'], end="\n", known=True)
def test_both_readers_agree_on_anything(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], end: str, known: bool
) -> None:
    agree_on(tmp_path_factory.getbasetemp(), rows, end, known)


@pytest.mark.slow
@settings(deadline=None, max_examples=1000)
@given(rows=rows_strategy, end=ends, known=st.booleans())
def test_both_readers_agree_on_a_thousand_files(
    tmp_path_factory: pytest.TempPathFactory, rows: list[str], end: str, known: bool
) -> None:
    agree_on(tmp_path_factory.getbasetemp(), rows, end, known)


@settings(deadline=None, max_examples=50)
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=30))
def test_numbers_have_the_bits_of_float(tmp_path_factory: pytest.TempPathFactory, values: list[float]) -> None:
    path = tmp_path_factory.getbasetemp() / "floats.csv"
    path.write_text("n,k\n" + "".join(f"{value!r},a\n" for value in values))
    table = read_delimited(path, hints={name: HINTS[name] for name in "nk"})
    assert table["n"].values.tobytes() == np.array(values).tobytes()
