"""Windows of a series, against loops over the rows of the file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnctl.data.dataset import Dataset, open_dataset
from nnctl.data.formats.csv import CSV
from nnctl.data.table.series_preprocessing import SeriesPreprocessing
from nnctl.errors import DataError
from nnctl.memory import available_memory
from tests.support.sources import refusal, source

FIRST = np.datetime64("2024-01-01")


@dataclass(frozen=True)
class Row:
    """One line of the file."""

    shop: str
    day: int
    wind: float
    sales: float | None


@dataclass(frozen=True)
class Cut:
    """How windows are cut."""

    window: int
    horizon: int
    gap: int
    stride: int
    season: int


def opened(folder: Path, targets: Any = "values", **keys: Any) -> Dataset:
    value = {
        "source": "t.csv",
        "target": "sales",
        "numbers": {"scale": "none", "indicator": False, "missing": -1.0},
        "target_transform": "none",
        **keys,
    }
    return open_dataset(source(value, folder), targets, 0, "float64")


def written(folder: Path, rows: list[Row]) -> None:
    lines = [f"{row.shop},{FIRST + row.day},{row.wind},{'' if row.sales is None else row.sales}" for row in rows]
    (folder / "t.csv").write_text("\n".join(["shop,day,wind,sales", *lines]) + "\n")


def naive_samples(rows: list[Row], cut: Cut) -> Iterator[tuple[Any, ...]]:
    """(inputs, targets, last values, seasonal values) of each window, from rows by shop and day."""
    shops = list(dict.fromkeys(row.shop for row in rows))
    for shop in shops:
        own = {row.day: row for row in rows if row.shop == shop}
        stretches: list[list[int]] = []
        for day in sorted(own):
            if stretches and stretches[-1][-1] == day - 1:
                stretches[-1].append(day)
            else:
                stretches.append([day])
        for stretch in stretches:
            for start in range(0, len(stretch), cut.stride):
                window = stretch[start : start + cut.window]
                behind = stretch[start + cut.window + cut.gap :][: cut.horizon]
                if len(window) < cut.window or len(behind) < cut.horizon:
                    continue
                targets = [own[day].sales for day in behind]
                if None in targets:
                    continue

                def known(day: int, first: int = stretch[0], own: dict[int, Row] = own) -> float:
                    """What was known last on a day."""
                    while day >= first:
                        sales = own[day].sales
                        if sales is not None:
                            return sales
                        day -= 1
                    return math.nan

                seasonal = []
                for day in behind:
                    before = day - cut.season
                    while before > window[-1]:
                        before -= cut.season
                    seasonal.append(known(before))
                inputs = [[own[day].wind, -1.0 if own[day].sales is None else own[day].sales] for day in window]
                yield inputs, targets, [known(window[-1])] * cut.horizon, seasonal


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_windows_as_loops_cut_them(data: st.DataObject, tmp_path: Path) -> None:
    cut = Cut(*(data.draw(st.integers(low, 4)) for low in (1, 1, 0, 1)), season=data.draw(st.integers(2, 5)))
    days = {shop: data.draw(st.sets(st.integers(0, 25), min_size=8)) for shop in ("b", "a")}
    random = np.random.default_rng(data.draw(st.integers(0, 1000)))
    rows = [
        Row(shop, day, round(random.random(), 3), None if random.random() < 0.1 else round(random.random(), 3))
        for shop, own in days.items()
        for day in own
    ]
    rows = [rows[index] for index in data.draw(st.permutations(range(len(rows))))]
    written(tmp_path, rows)
    series = {"window": cut.window, "horizon": cut.horizon, "gap": cut.gap, "stride": cut.stride}
    series |= {"season": cut.season, "group": "shop", "every": "day"}
    expected = list(naive_samples(rows, cut))
    if not expected:
        with pytest.raises(DataError):
            opened(tmp_path, series=series)
        return
    try:
        found = opened(tmp_path, series=series)
    except DataError as error:
        assert "all values of the training samples are missing" in str(error)  # of the inputs  # noqa: PT017
        return
    inputs, targets, last, seasonal = (np.array(part, np.float64) for part in zip(*expected, strict=True))
    np.testing.assert_array_equal(found.train.inputs, inputs)
    np.testing.assert_array_equal(found.train.targets, targets)
    for name, forecasts in (("last value", last), ("seasonal value", seasonal)):
        scores = found.train.naive[name]
        own = ~np.isnan(forecasts).any(axis=1)
        assert scores.samples == own.sum()
        if own.any():
            errors = (forecasts - targets)[own]
            assert scores.rmse == pytest.approx(np.sqrt((errors**2).mean(axis=0)).mean(), rel=1e-12)
            assert scores.mae == pytest.approx(np.abs(errors).mean(), rel=1e-12)


def simple(folder: Path, count: int = 20, header: str = "day,wind,sales", without: tuple[int, ...] = ()) -> None:
    """Rows of one series; row n has the wind n / 100 and sales of n."""
    lines = [f"{FIRST + n},{n / 100},{n}" for n in range(count) if n not in without]
    (folder / "t.csv").write_text("\n".join([header, *lines]) + "\n")


def test_names_and_shapes(tmp_path: Path) -> None:
    simple(tmp_path)
    one = opened(tmp_path, series={"window": 3})
    assert one.train.inputs.shape == (17, 3, 2)
    assert one.inputs_shape == (3, 2)
    assert one.target_names == ("sales",)
    assert one.train.targets[:, 0].tolist() == list(range(3, 20))
    several = opened(tmp_path, series={"window": 3, "horizon": 2, "gap": 1}, target=["sales", "wind"])
    assert several.target_names == ("sales+2", "sales+3", "wind+2", "wind+3")
    assert several.train.targets[0].tolist() == [4, 5, 0.04, 0.05]
    assert several.outputs == 4


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        (None, ["wind", "sales"]),  # the time is none, the target's own past is one
        (["wind"], ["wind", "sales"]),
        ({"exclude": ["wind"]}, ["sales"]),
        ({"exclude": ["sales"]}, ["wind"]),
        ({"include": ["wind"], "exclude": ["sales"]}, ["wind"]),
        (["day", "wind"], ["day", "wind", "sales"]),
    ],
)
def test_which_columns_are_inputs(tmp_path: Path, features: Any, expected: list[str]) -> None:
    simple(tmp_path)
    keys = {} if features is None else {"features": features}
    found = opened(tmp_path, series={"window": 3}, dates={"cyclic": ["weekday"]}, **keys)
    assert list(found.preprocessing.input_ranges) == expected
    again = open_dataset(found.source, "values", 0, "float64")
    assert list(again.preprocessing.input_ranges) == expected
    assert again.source == found.source
    np.testing.assert_array_equal(again.train.inputs, found.train.inputs)
    if "day" in expected:  # by where it stands in its cycle alone: days go on beyond what training saw
        names = ("day weekday sin", "day weekday cos", "wind", "sales")
        assert found.preprocessing.output_names == again.preprocessing.output_names == names


def test_what_is_found_is_in_the_resolved_source(tmp_path: Path) -> None:
    simple(tmp_path)
    series = opened(tmp_path, series={"window": 3}).source.model_dump()["series"]
    assert (series["time"], series["every"]) == ("day", "day")


def test_notes_on_gaps_order_missing_values_and_short_groups(tmp_path: Path) -> None:
    rows = [Row("a", day, 0.5, None if day in (4, 9) else day + 0.5) for day in range(15) if day != 11]
    rows += [Row("b", day, 0.5, 1.5) for day in range(3)]
    written(tmp_path, [*rows[8:], *rows[:8]])
    notes = " | ".join(opened(tmp_path, series={"window": 3, "group": "shop"}).notes)
    assert "8 rows are not in the order of day: all are sorted by it" in notes
    gap = "with 1 gap that no window spans (from 2024-01-11 to 2024-01-13 of shop a)"
    assert f"rows of the series are a day apart, {gap}" in notes
    assert "1 of the 2 series has no 4 rows that follow each other, and no window: b" in notes
    assert "2 of the 8 windows are left out, behind which sales is missing" in notes
    assert "some have no value, which is filled in as `numbers` and `categories` say: sales in 2" in notes


def test_rows_without_times_are_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("wind,sales\n" + "".join(f"{9 - n},{n}\n" for n in range(10)))
    found = opened(tmp_path, series={"window": 2})
    assert found.train.targets[:, 0].tolist() == list(range(2, 10))
    assert found.source.model_dump()["series"] == {"window": 2, "horizon": 1, "gap": 0, "stride": 1}
    told = (
        "no column holds dates: rows are taken in the order of the file; where a column tells their order, set `series"
    )
    assert any(note.startswith(told) for note in found.notes)
    assert not any(
        "no column holds dates" in note for note in opened(tmp_path, series={"window": 2, "time": "wind"}).notes
    )


def test_times_go_on_in_milliseconds(tmp_path: Path) -> None:
    lines = (f"2024-01-01 00:00:00.{25 * n:03},{n}" for n in range(10))
    (tmp_path / "t.csv").write_text("\n".join(["day,sales", *lines]) + "\n")
    inputs = opened(tmp_path, series={"window": 2})
    made = inputs.source
    assert isinstance(made, CSV)
    assert isinstance(inputs.preprocessing, SeriesPreprocessing)
    (block,) = made.stream(tmp_path / "t.csv", inputs.preprocessing, "float32").blocks
    assert [block.ids[0], block.ids[-1]] == ["2024-01-01 00:00:00.050", "2024-01-01 00:00:00.250"]


def test_rows_less_than_a_millisecond_apart_are_neighbours(tmp_path: Path) -> None:
    lines = (f"2024-01-01 00:00:00.{25 * n:06},{n}" for n in range(10))
    (tmp_path / "t.csv").write_text("\n".join(["day,sales", *lines]) + "\n")
    found = opened(tmp_path, series={"window": 2})
    assert found.train.targets[:, 0].tolist() == list(range(2, 10))
    assert any("less than a millisecond apart: they are taken for neighbours" in note for note in found.notes)
    assert found.source.model_dump()["series"]["every"] == "row"


def test_words_as_targets(tmp_path: Path) -> None:
    lines = [f"{FIRST + n},{'rain' if n % 3 else 'sun'}" for n in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(["day,sales", *lines]) + "\n")
    found = open_dataset(
        source({"source": "t.csv", "target": "sales", "series": {"window": 2}}, tmp_path), "classes", 0, "float32"
    )
    assert found.classes == ("rain", "sun")
    assert found.train.inputs.shape == (10, 2, 2)
    assert found.train.targets.tolist() == [0 if n % 3 else 1 for n in range(2, 12)]
    assert found.train.naive["last value"].accuracy == pytest.approx(
        np.mean([(n % 3 > 0) == ((n - 1) % 3 > 0) for n in range(2, 12)])
    )
    assert math.isnan(found.train.last_value_rmse)


REFUSED: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "too short": (
        {"series": {"window": 20}},
        "",
        "t.csv: has 20 rows, a window of 20 and 1 row behind it need 21 rows",
        "set `series: {window: 19}` or a shorter one",
    ),
    "horizon": ({"series": {"window": 2, "horizon": 30}}, "", "has 20 rows", "give a series of at least 32 rows"),
    "twice": (
        {"series": {"window": 2}},
        "2024-01-03,0,0\n",
        "t.csv:22: column day: the time 2024-01-03 is that of line 4, too",
        "remove one of the rows, or set `series: {group: COLUMN}`",
    ),
    "no date": (
        {"series": {"window": 2}, "columns": {"day": "date"}},
        "".join(f"2025-{month:02}-{day:02},0,0\n" for month in (3, 4) for day in range(1, 31)) + "2025-02-30,0,0\n",
        "t.csv:82: column day: a row has no time, or one that is not a date",
        "fill it in",
    ),
    "no time": ({"series": {"window": 2, "time": "day"}}, ",0,0\n", "column day: a row has no time", "fill it in"),
    "a time of words": (
        {"series": {"window": 2, "time": "day"}, "columns": {"day": "category"}},
        "",
        "expected a column of dates or numbers, got day, a category",
        "name a column of dates",
    ),
    "no such column": ({"series": {"window": 2, "time": "dya"}}, "", "has no column dya", "did you mean day?"),
    "no such group": ({"series": {"window": 2, "group": "shop"}}, "", "has no column shop", "set `series.group`"),
    "embedding": (
        {"series": {"window": 2}, "categories": {"encoding": "embedding"}},
        "",
        "data.categories.encoding: is embedding, and words of a series are one_hot",
        "set one_hot",
    ),
    "dates as targets": ({"series": {"window": 2}, "target": "day"}, "", "day is a column of dates", "name a column"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be(tmp_path: Path, case: str) -> None:
    keys, more, what, help = REFUSED[case]
    simple(tmp_path)
    with (tmp_path / "t.csv").open("a") as file:
        file.write(more)
    with pytest.raises(DataError) as caught:
        opened(tmp_path, **keys)
    assert what in refusal(caught)
    assert help in refusal(caught)


def test_every_row_at_any_distance(tmp_path: Path) -> None:
    simple(tmp_path, without=(3, 7, 8, 12, 15))
    with pytest.raises(DataError) as caught:
        opened(tmp_path, series={"window": 6})
    assert "t.csv: not more than 4 rows in a row a day apart, a window of 6 and 1 row behind it need 7 rows" in refusal(
        caught
    )
    assert "`series: {every: row}`" in refusal(caught)
    assert len(opened(tmp_path, series={"window": 6, "every": "row"}).train) == 9


def test_windows_larger_than_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    simple(tmp_path)
    assert available_memory() > 1000
    monkeypatch.setattr("nnctl.data.table.series_preprocessing.available_memory", lambda: 500)
    with pytest.raises(DataError) as caught:
        opened(tmp_path, series={"window": 3})
    assert "17 windows of 3 rows take 816 bytes of memory, 500 bytes are free" in refusal(caught)
    assert "set a larger stride" in refusal(caught)
