"""The text of a drafted config."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from nnctl.config.document import parse
from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.settings import CategorySettings, ColumnSettings, NumberSettings
from nnctl.data.table.target_transform import Steps
from nnctl.drafting.draft import draft, require_targets
from nnctl.errors import DataError, UsageError
from tests.support.tables import category, number, table

ROWS = 200
RANDOM = np.random.default_rng(0)
HOUSES = table(
    number("Order", np.arange(ROWS)),
    number("area", [np.nan, *RANDOM.normal(size=ROWS - 1)]),
    category("town", ["Ames", "Nevada", None, "Story"] * 50),
    number("air", RANDOM.choice(2, ROWS), kind="yes_no"),
    number("sold", RANDOM.choice(3000, ROWS), kind="date"),
    category("address", [f"{row} Main Street" for row in range(ROWS)]),
    number("country", np.ones(ROWS)),
    number("price", np.exp(RANDOM.normal(size=ROWS))),
)


def tree_of(text: str) -> Any:
    document = parse(text, "draft.yaml")
    assert document.problems == []
    return document.tree


def test_a_value() -> None:
    config = tree_of(draft(HOUSES, ["price"], "../data/houses.csv.gz").text)
    assert config["name"] == "houses"
    data = config["data"]
    assert (data["source"], data["target"]) == ("../data/houses.csv.gz", "price")
    assert data["features"] == {"exclude": ["address", "country"]}
    assert data["id"] == "Order"
    kinds = {"area": "number", "town": "category", "air": "yes_no", "sold": "date", "price": "number"}
    assert data["columns"] == kinds
    assert data["numbers"] == {"missing": "median", "indicator": True, "scale": "standard"}
    assert data["categories"] == {"rare": 1, "missing": "own"}
    assert data["target_transform"] == ["log", "standard"]
    assert (data["validation"], data["test"]) == (0.1, 0.1)
    assert [layer.get("out_features") for layer in config["layers"]] == [32, None, 32, None, 1]
    assert (config["loss"], config["metrics"]) == ("huber", ["rmse", "r2", "rmsle"])
    assert config["optimizer"]["type"] == "adamw"
    assert config["early_stopping"]["monitor"] == "val_loss"


def test_the_settings_of_columns_are_those_that_there_are() -> None:
    data = tree_of(draft(HOUSES, ["price"], "houses.csv").text)["data"]
    assert NumberSettings.model_validate(data["numbers"]) == NumberSettings()
    assert CategorySettings.model_validate(data["categories"]) == CategorySettings()
    for said in data["columns"].values():
        ColumnSettings.model_validate(ColumnSettings.shorthand(said))
    TypeAdapter(Steps).validate_python(data["target_transform"])


def test_classes() -> None:
    grades = number("grade", np.arange(ROWS) % 3)
    config = tree_of(draft(table(*HOUSES.columns, grades), ["grade"], "houses.csv").text)
    assert config["data"]["columns"]["grade"] == "category"
    assert "target_transform" not in config["data"]
    assert config["layers"][-1]["out_features"] == 3
    assert (config["loss"], config["metrics"]) == ("cross_entropy", ["accuracy", "f1"])


def test_several_targets() -> None:
    other = number("rent", RANDOM.uniform(1, 2, ROWS))
    config = tree_of(draft(table(*HOUSES.columns, other), ["price", "rent"], "houses.csv").text)
    assert config["data"]["target"] == ["price", "rent"]
    assert config["layers"][-1]["out_features"] == 2


def test_comments_say_why() -> None:
    text = draft(HOUSES, ["price"], "houses.csv").text
    assert "- address # every row has another text\n" in text
    assert "- country # every row has the same value\n" in text
    assert "id: Order # every row has another number" in text
    assert "town: category # 3 different, 50 missing\n" in text
    assert "area: number # 1 missing\n" in text


def test_rows_without_a_target_are_counted() -> None:
    prices = HOUSES["price"].values.copy()
    prices[[3, 9]] = np.nan
    gaps = table(*(column for column in HOUSES.columns if column.name != "price"), number("price", prices))
    made = draft(gaps, ["price"], "houses.csv")
    assert "; 2 rows without it left out\n" in made.text
    assert "198 rows" in made.text
    with pytest.raises(DataError, match="has no value in any of the 200 rows"):
        draft(table(HOUSES["area"], number("price", np.full(ROWS, np.nan))), ["price"], "houses.csv")


@pytest.mark.parametrize(
    ("others", "what"), [([], "has one row alone"), ([np.nan] * 2, "one row alone has a value of y")]
)
def test_one_row_is_too_few_and_no_target_of_one_value(others: list[float], what: str) -> None:
    made = table(number("x", np.arange(1 + len(others))), number("y", [3.0, *others]))
    with pytest.raises(DataError, match=what):
        draft(made, ["y"], "houses.csv")


def test_how_cells_are_written_is_said() -> None:
    area = replace(HOUSES["area"], hint=ColumnHint("number", decimal=",", unit="m²"))
    sold = replace(HOUSES["sold"], hint=ColumnHint("date", format="%d/%m/%Y"))
    price = replace(HOUSES["price"], hint=ColumnHint("number", decimal=".", unit="$"))
    columns = tree_of(draft(table(area, sold, price), ["price"], "houses.csv").text)["data"]["columns"]
    assert columns == {
        "area": {"type": "number", "decimal": ",", "unit": "m²"},
        "sold": {"type": "date", "format": "%d/%m/%Y"},
        "price": {"type": "number", "unit": "$"},
    }


def test_keys_of_the_reading_are_written() -> None:
    reading = {"encoding": "cp1252", "delimiter": "\t", "skip": 2, "missing": ["?", "-999"]}
    data = tree_of(draft(HOUSES, ["price"], "houses.csv", reading).text)["data"]
    assert {key: data[key] for key in reading} == reading


def test_too_few_rows_to_split() -> None:
    rows = np.arange(49)
    config = tree_of(draft(HOUSES.take(rows), ["price"], "houses.csv").text)
    assert not {"validation", "test"} & config["data"].keys()
    assert "early_stopping" not in config
    assert config["batch_size"] <= 49


def test_targets_are_looked_at_first() -> None:
    with pytest.raises(UsageError, match="the columns are Order, area, town"):
        draft(HOUSES, [], "houses.csv")
    with pytest.raises(UsageError, match="did you mean price"):
        draft(HOUSES, ["prize"], "houses.csv")
    with pytest.raises(UsageError, match="price twice"):
        draft(HOUSES, ["price", "price"], "houses.csv")


def test_a_header_of_numbers_is_told() -> None:
    with pytest.raises(UsageError) as caught:
        require_targets(["59 2 32.1 101.0"], ["87"])
    assert caught.value.problems[0].help == "the first line must name the columns, it holds numbers"


def test_nothing_to_predict_from() -> None:
    alone = table(*(HOUSES[name] for name in ("Order", "country", "price")))
    with pytest.raises(DataError, match=r"no column is left to predict from: Order .*, country"):
        draft(alone, ["price"], "houses.csv")


texts = st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40
)  # a config has no control codes


@given(st.lists(texts, min_size=4, max_size=4, unique=True), texts)
def test_any_name_comes_back_as_it_was(names: list[str], source: str) -> None:
    row, area, fixed, price = names
    odd = table(
        category(row, [f"row {number}" for number in range(60)]),
        number(area, RANDOM.normal(size=60)),
        number(fixed, np.ones(60)),
        number(price, RANDOM.normal(size=60)),
    )
    config = tree_of(draft(odd, [price], source).text)
    assert config["data"]["source"] == source
    assert config["data"]["target"] == price
    assert config["data"]["id"] == row
    assert config["data"]["columns"] == {area: "number", price: "number"}
    assert len(config["data"]["features"]["exclude"]) == 1
