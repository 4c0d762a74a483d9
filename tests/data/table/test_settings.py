"""What a config says of columns, put together for each of them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.settings import (
    CategorySettings,
    ColumnOrType,
    ColumnSettings,
    DateSettings,
    NumberSettings,
    by_column,
    hints_of,
    settings_for,
)
from nnctl.errors import DataError
from tests.support.sources import refusal
from tests.support.work import assert_linear

HEADER = ("year", "lot_area", "bsmt_area", "price [usd]", "kind")


def columns(value: Any) -> dict[str, ColumnSettings]:
    return TypeAdapter(dict[str, ColumnOrType]).validate_python(value)


def test_a_bare_word_is_a_type() -> None:
    assert columns({"year": "category"}) == {"year": ColumnSettings(type="category")}


def test_only_what_is_set_is_written() -> None:
    made = ColumnSettings(type="number", clip="none", missing=0.0)
    assert made.model_dump(mode="json") == {"type": "number", "missing": 0.0, "clip": "none"}


def test_of_two_patterns_the_later_keys_win() -> None:
    said = columns({"*_area": {"clip": 0.01, "scale": "min_max"}, "lot_area": {"scale": "none"}})
    assert by_column(said, HEADER, "a.csv") == {
        "lot_area": ColumnSettings(clip=0.01, scale="none"),
        "bsmt_area": ColumnSettings(clip=0.01, scale="min_max"),
    }
    turned = dict(reversed(said.items()))
    assert by_column(turned, HEADER, "a.csv")["lot_area"] == ColumnSettings(clip=0.01, scale="min_max")


def test_the_name_of_a_column_is_no_pattern() -> None:
    assert list(by_column(columns({"price [usd]": "number"}), HEADER, "a.csv")) == ["price [usd]"]
    assert list(by_column(columns({"price [[]*": "number"}), HEADER, "a.csv")) == ["price [usd]"]


def test_a_pattern_that_matches_no_column_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        by_column(columns({"lot_aria": "number"}), HEADER, "a.csv")
    assert refusal(caught) == (
        "data.columns: lot_aria is not a column of a.csv, and matches none; it has year, lot_area, bsmt_area, "
        "price [usd], kind help: did you mean lot_area?"
    )


def test_patterns_heed_upper_and_lower_case() -> None:
    with pytest.raises(DataError, match="LOT"):
        by_column(columns({"LOT*": "number"}), HEADER, "a.csv")


def test_what_the_reader_must_know() -> None:
    said = columns({"year": "date", "kind": {"format": "%d.%m.%Y"}, "lot_area": {"clip": 0.1}})
    assert hints_of(said) == {"year": ColumnHint("date"), "kind": ColumnHint("date", "%d.%m.%Y")}


@pytest.mark.parametrize(
    ("type_", "key", "value"),
    [("number", "format", "%Y"), ("category", "format", "%Y"), ("date", "unit", "kg"), ("yes_no", "decimal", ",")],
)
def test_a_key_of_another_type_is_refused(type_: str, key: str, value: str) -> None:
    with pytest.raises(DataError) as caught:
        hints_of(columns({"year": {"type": type_, key: value}}))
    assert f"data.columns.year.{key}: is set, and the column's type is {type_}" in refusal(caught)
    with pytest.raises(DataError):
        hints_of(columns({"year": {"format": "%Y", "unit": "kg"}}))


def test_how_cells_are_written() -> None:
    said = columns({"a": {"unit": "$"}, "b": {"decimal": ","}, "c": {"unit": ""}, "d": {"missing_words": ["?", -999]}})
    assert hints_of(said) == {
        "a": ColumnHint("number", unit="$"),
        "b": ColumnHint("number", decimal=","),
        "c": ColumnHint("number", unit=""),
        "d": ColumnHint(missing=("?", "-999")),
    }


def test_words_that_mean_missing_in_every_column_come_beside_the_usual_ones() -> None:
    said = columns({"year": "number", "kind": {"missing_words": []}, "lot_area": {"missing_words": ["x"]}})
    found = hints_of(said, HEADER, ["-999", "unknown", "NA"])
    assert list(found) == list(HEADER)
    words = found["bsmt_area"].missing
    assert words is not None
    assert {"-999", "unknown", "NA", "n/a"} <= set(words)
    assert len(set(words)) == len(words)
    assert found["year"] == ColumnHint("number", missing=words)
    assert (found["kind"].missing, found["lot_area"].missing) == ((), ("x",))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("?", ["?"]),
        (-999, ["-999"]),
        (-999.0, ["-999"]),
        (99.9, ["99.9"]),
        ([-1, "none of these", True, None], ["-1", "none of these", "true", "null"]),
        ([], []),
        (None, None),
    ],
)
def test_words_may_be_numbers_and_one_needs_no_brackets(value: Any, words: list[str] | None) -> None:
    assert ColumnSettings.model_validate({"missing_words": value}).missing_words == words


def test_cycles_are_for_dates() -> None:
    own = ColumnSettings(cyclic=["hour"])
    assert settings_for("a", "date", NumberSettings(), own) == NumberSettings()
    with pytest.raises(DataError) as caught:
        settings_for("a", "number", NumberSettings(), own)
    assert "data.columns.a.cyclic: is not for a column of the type number" in refusal(caught)


def test_names_are_looked_up_and_only_patterns_scan() -> None:
    def by_name(columns: int) -> None:
        header = tuple(f"x{number}" for number in range(columns))
        said = {name: ColumnSettings(clip=0.1) for name in header}
        assert len(by_column(said, header, "a.csv")) == columns
        assert by_column(said, ("y",), "a.csv", strict=False) == {}

    assert_linear(by_name, 200)


def test_a_column_has_its_own_settings_over_the_general_ones() -> None:
    general = NumberSettings(missing="mean", clip=0.1)
    own = ColumnSettings(type="number", clip="none", transform="log1p")
    assert settings_for("a", "number", general, own) == NumberSettings(missing="mean", transform="log1p")
    rare = settings_for("a", "category", CategorySettings(rare=3), ColumnSettings(missing=None, encoding="one_hot"))
    assert rare == CategorySettings(rare=3, encoding="one_hot")


@pytest.mark.parametrize(
    ("kind", "own", "message"),
    [
        ("number", {"encoding": "one_hot"}, "data.columns.a.encoding: is not for a column of the type number"),
        ("category", {"scale": "none"}, "data.columns.a.scale: is not for a column of the type category"),
        ("date", {"missing": "own"}, "use mean, median, mode, refuse or a number"),
        (
            "category",
            {"missing": 3.0},
            "data.columns.a.missing: is 3.0, which is not for a column of the type category",
        ),
    ],
)
def test_settings_of_another_kind_are_refused(kind: Any, own: dict[str, Any], message: str) -> None:
    general = CategorySettings() if kind == "category" else NumberSettings()
    with pytest.raises(DataError) as caught:
        settings_for("a", kind, general, ColumnSettings(**own))
    assert message in refusal(caught)


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        (NumberSettings, {"missing": "own"}),
        (NumberSettings, {"missing": float("nan")}),
        (NumberSettings, {"clip": 0.5}),
        (NumberSettings, {"clip": -0.1}),
        (NumberSettings, {"scale": "standrad"}),
        (NumberSettings, {"indicator": "yes"}),
        (CategorySettings, {"rare": 0}),
        (CategorySettings, {"size": 0}),
        (CategorySettings, {"size": 100_000}),
        (CategorySettings, {"encoding": "onehot"}),
        (ColumnSettings, {"type": "text"}),
        (ColumnSettings, {"typ": "number"}),
        (ColumnSettings, {"format": ""}),
        (ColumnSettings, {"decimal": ";"}),
        (ColumnSettings, {"unit": 3}),
        (ColumnSettings, {"missing_words": [["a"]]}),
        (ColumnSettings, {"cyclic": ["year"]}),
        (DateSettings, {"cyclic": "yes"}),
    ],
)
def test_what_is_no_setting_is_refused(spec: type[ColumnSettings], value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        spec.model_validate(value)
    assert {error["loc"][0] for error in caught.value.errors()} == set(value)
