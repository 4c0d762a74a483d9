"""Parquet files: their types as kinds of columns, and every fault with its row and its column."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.parquet import parquet_blocks, parquet_header, read_parquet
from nnctl.data.table.table import Column, Table
from nnctl.errors import DataError
from tests.support.sources import refusal

NAN = float("nan")


def written(folder: Path, columns: dict[str, Any], **options: Any) -> Path:
    pq.write_table(pa.table(columns), folder / "t.parquet", **options)
    return folder / "t.parquet"


def read(folder: Path, columns: dict[str, Any], **hints: ColumnHint) -> Table:
    return read_parquet(written(folder, columns), hints=hints)


def refused(folder: Path, columns: dict[str, Any], **hints: ColumnHint) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, columns, **hints)
    return refusal(caught)


def texts(column: Column) -> list[str | None]:
    return [None if position < 0 else column.labels[position] for position in column.values]


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (pa.array([1, None, -3]), "number", [1, NAN, -3]),
        (pa.array([1, None, 255], pa.uint8()), "number", [1, NAN, 255]),
        (pa.array([0.5, None], pa.float32()), "number", [0.5, NAN]),
        (pa.array([Decimal("1.25"), None]), "number", [1.25, NAN]),
        (pa.array([5, None, 5]).dictionary_encode(), "number", [5, NAN, 5]),
        (pa.nulls(2), "number", [NAN, NAN]),
        (pa.array([True, None, False]), "yes_no", [1, NAN, 0]),
        (pa.array([date(1970, 1, 2), None]), "date", [1, NAN]),
        (pa.array([datetime(1970, 1, 2, 6), None], pa.timestamp("ns")), "date", [1.25, NAN]),
        (pa.array([datetime(1969, 12, 31, 12, tzinfo=UTC)], pa.timestamp("ms", "Asia/Tokyo")), "date", [-0.5]),
    ],
)
def test_types_are_kinds(tmp_path: Path, cells: Any, kind: str, values: list[float]) -> None:
    (column,) = read(tmp_path, {"a": cells}).columns
    assert (column.kind, column.labels) == (kind, ("false", "true") if kind == "yes_no" else ())
    np.testing.assert_array_equal(column.values, values)


@pytest.mark.parametrize("type_", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_text_is_read_as_in_a_text_file(tmp_path: Path, type_: Any) -> None:
    cells = {
        "word": [" b ", None, "a", "b", "NA", ""],
        "amount": ["0.0012", None, "3", "1e2", "-", "7"],
        "price": ["$1,255", "$3", None, "-$5", "", "$1,000.5"],
        "sold": ["2018-03-01", "2018-03-02", None, "2018-03-01", "null", "2018-03-05"],
        "day": ["31.01.2018", "1.2.2018", None, "", "31.12.2017", "1.1.2018"],
        "active": ["Yes", "no", None, "YES", "", "Y"],
    }
    table = read(tmp_path, {name: pa.array(texts).cast(type_) for name, texts in cells.items()})
    kinds = ["category", "number", "number", "date", "date", "yes_no"]
    assert [column.kind for column in table.columns] == kinds
    assert (table["word"].labels, texts(table["word"])) == (("b", "a"), ["b", None, "a", "b", None, None])
    np.testing.assert_array_equal(table["amount"].values, [0.0012, NAN, 3, 100, NAN, 7])
    np.testing.assert_array_equal(table["price"].values, [1255, 3, NAN, -5, NAN, 1000.5])
    np.testing.assert_array_equal(table["active"].values, [1, 0, NAN, 1, NAN, 1])
    assert table["sold"].values[0] == 17591
    assert table["day"].values[1] == 17563
    assert table.lines.tolist() == [1, 2, 3, 4, 5, 6]
    assert table.notes == (
        "a column of words has some that are taken for missing: "
        "word (1 'NA'; to keep them as labels set `columns: {word: {missing_words: []}}`)",
        "a column holds numbers with a unit: price ($)",
        "a column holds dates, in a format of its own: day (%d.%m.%Y)",
    )


def test_a_category_is_the_same_whatever_its_type_is(tmp_path: Path) -> None:
    hint = ColumnHint("category")
    for cells in ([1, None, 6], [1.0, None, 6.0], ["1", None, "6"], ["1.0", "", "6.00"]):
        assert texts(read(tmp_path, {"a": pa.array(cells)}, a=hint)["a"]) == ["1", None, "6"]


def test_a_few_texts_that_do_not_fit(tmp_path: Path) -> None:
    table = read(tmp_path, {"a": ["1"] * 99 + ["ask"]})
    assert (table["a"].odd, len(table.notes)) == (1, 1)
    assert "t.parquet:3: column a: 'ask' is not a number" in refused(tmp_path, {"a": ["1", "2", "ask"]})


def test_lenient_reading_refuses_no_column(tmp_path: Path) -> None:
    columns = {"ticket": ["1", "2", "PC 3"], "nested": [{"x": 1}] * 3, "list": [[1]] * 3, "y": [1, 2, 3]}
    table = read_parquet(written(tmp_path, columns), lenient=True)
    assert [(column.name, column.kind) for column in table.columns] == [("ticket", "category"), ("y", "number")]
    assert table.notes == (
        "a column is read as a category, for not all of its values are what most of them are: "
        "ticket (1 of the 3 values is not a number ('PC 3')); what means missing belongs in `missing`",
        "columns that hold neither numbers, text nor dates are left out: nested, list",
    )


@pytest.mark.parametrize(
    ("cells", "hint", "expected"),
    [
        ([5, None, 7], ColumnHint("category"), ["5", None, "7"]),
        ([True, None, False], ColumnHint("category"), ["true", None, "false"]),
        ([date(2024, 1, 31)], ColumnHint("category"), ["2024-01-31"]),
        (["1.5", None], ColumnHint("number"), [1.5, NAN]),
        ([1, 0, None], ColumnHint("yes_no"), [1, 0, NAN]),
        (["Y", "N"], ColumnHint("yes_no"), [1, 0]),
        (["02.01.1970", None], ColumnHint("date", "%d.%m.%Y"), [1, NAN]),
        ([19700102], ColumnHint(format="%Y%m%d"), [1]),
    ],
)
def test_a_kind_of_the_hint_counts_more_than_the_type(
    tmp_path: Path, cells: list[Any], hint: ColumnHint, expected: list[Any]
) -> None:
    column = read(tmp_path, {"a": cells}, a=hint)["a"]
    assert column.kind == (hint.kind or "date")
    np.testing.assert_array_equal(texts(column) if column.kind == "category" else column.values, expected)


def test_only_wanted_columns_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, {"a.b": [1, 2], "nested": [{"x": 1}, {"x": 2}], "c": ["u", "v"]})
    assert parquet_header(path) == ("a.b", "nested", "c")
    assert read_parquet(path, wanted={"c"}).names == ("c",)
    table = read_parquet(path, wanted={"a.b", "c", "absent"})
    assert table.names == ("a.b", "c")
    assert table["a.b"].values.tolist() == [1, 2]
    assert len(read_parquet(path, wanted=())) == 2


def test_blocks_have_labels_of_their_own(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": list("xyzxy"), "b": range(5)}, row_group_size=3)
    blocks = list(parquet_blocks(path, rows=2))
    assert max(len(block) for block in blocks) == 2
    assert [text for block in blocks for text in texts(block["a"])] == list("xyzxy")
    assert np.concatenate([block.lines for block in blocks]).tolist() == [1, 2, 3, 4, 5]
    assert blocks[-1]["a"].labels == ("y",)


@pytest.mark.parametrize(
    ("columns", "hints", "message"),
    [
        ({"a": pa.array([], pa.int64())}, {}, "t.parquet: holds no rows"),
        ({"a": [1.0, NAN, None]}, {}, "t.parquet:2: column a: expected a finite number, got NaN"),
        ({"a": [1.0, float("-inf")]}, {}, "t.parquet:2: column a: expected a finite number, got -inf"),
        ({"a": ["1", "x"]}, {"a": ColumnHint("number")}, "t.parquet:2: column a: 'x' is not a number"),
        ({"a": [[1], [2]]}, {}, "column a holds 'list<element: int64>': numbers, text, dates"),
        ({"a": [{"b": 1}]}, {}, "column a holds 'struct<b: int64>'"),
        ({"a": [b"x"]}, {}, "column a holds 'binary'"),
        ({"": [1]}, {}, "t.parquet: has no header"),
        ({"a": [1], "": [1]}, {}, "t.parquet: column 2 has no name"),
    ],
)
def test_problems_and_their_places(
    tmp_path: Path, columns: dict[str, Any], hints: dict[str, ColumnHint], message: str
) -> None:
    assert message in refused(tmp_path, columns, **hints)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]), tmp_path / "t.parquet")
    with pytest.raises(DataError, match="has two columns of the name a"):
        parquet_header(tmp_path / "t.parquet")


def test_row_numbers_go_on_from_block_to_block(tmp_path: Path) -> None:
    path = written(tmp_path, {"a": [1.0] * 5 + [NAN]})
    with pytest.raises(DataError, match=r"t\.parquet:6: column a: expected a finite number, got NaN"):
        list(parquet_blocks(path, rows=2))


def test_a_text_that_many_rows_name_is_kept_once(tmp_path: Path) -> None:
    """A file of a few KB whose text would take 1 GB if each row had its own."""
    cells = pa.DictionaryArray.from_arrays(np.zeros(1000, np.int32), ["x" * 1_000_000])
    path = written(tmp_path, {"a": cells}, store_schema=False)
    assert path.stat().st_size < 1 << 20
    assert pq.ParquetFile(path).schema_arrow.field("a").type == pa.string()
    (column,) = read_parquet(path, hints={"a": ColumnHint(free=True)}).columns
    assert [len(label) for label in column.labels] == [1_000_000]
    assert pa.default_memory_pool().max_memory() < 1 << 28  # bytes


def test_a_dictionary_that_lacks_a_text_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Damaged pages can give such arrays, whose texts would be read from beyond the dictionary's end."""
    beyond = pa.DictionaryArray.from_arrays(pa.array([0, 7], pa.int32()), ["x"], safe=False)
    batches = [pa.RecordBatch.from_arrays([beyond], ["a"])]
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", lambda *_, **__: batches)
    assert "is not a Parquet file, or is damaged" in refused(tmp_path, {"a": ["x", "x"]})


def test_too_large_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnctl.data.table.table_builder.memory_limit", lambda: 100)
    assert "would take more than 0.0 GiB of memory" in refused(tmp_path, {"a": range(20)})


def test_pyarrow_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, {"a": [1]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"pip install 'nnctl\[parquet\]'"):
        read_parquet(path)


@pytest.mark.parametrize("content", [b"", b"PAR1", b"a,b\n1,2\n", b"PAR1" + bytes(100) + b"PAR1"])
def test_no_parquet_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"is empty|is not a Parquet file, or is damaged"):
        read_parquet(tmp_path / "t.parquet")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    cells = {"a": [1.5, None] * 50, "b": ["x", "y"] * 50, "c": [date(2024, 1, 1)] * 100, "d": [True, False] * 50}
    return written(tmp_path_factory.mktemp("sound"), cells).read_bytes()


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_damaged_files_are_tables_or_a_data_error(
    tmp_path_factory: pytest.TempPathFactory, sound: bytes, data: st.DataObject
) -> None:
    content = bytearray(sound)
    for place in data.draw(st.lists(st.integers(0, len(sound) - 1), min_size=1, max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.parquet"
    path.write_bytes(content[: data.draw(st.one_of(st.just(len(sound)), st.integers(0, len(sound))))])
    with suppress(DataError):
        read_parquet(path)
