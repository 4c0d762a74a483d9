"""The preprocessing of tables: against scikit-learn, its order, its way through JSON, and that nothing leaks in."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.preprocessing import ROWS, Embedding, TablePreprocessing
from nnctl.data.table.settings import CategorySettings, ColumnSettings, NumberSettings
from nnctl.data.table.table import Column, Table
from nnctl.errors import DataError
from tests.support.sources import ROOT, refusal
from tests.support.tables import category, number, table

NAN = float("nan")
GOLDEN = np.load(Path(ROOT, "tests/golden/tables.npz"))
CASES = json.loads(str(GOLDEN["cases"]))
TRAIN = json.loads(str(GOLDEN["train"]))


def fitted(made: Table, rows: Any, columns: dict[str, ColumnSettings] | None = None) -> TablePreprocessing:
    return TablePreprocessing.fit(
        made, np.asarray(rows), made.names, NumberSettings(), CategorySettings(), columns or {}
    )


def of_file(name: str, column: str) -> Column:
    """A column of one of the data sets, numbers where all of its values are."""
    with Path(ROOT, "data", f"{name}.csv").open(newline="") as file:
        cells = [None if row[column] in ("NA", "") else row[column] for row in csv.DictReader(file)]
    try:
        return number(column, [NAN if cell is None else float(cell) for cell in cells])
    except ValueError:
        return category(column, cells)


@pytest.mark.parametrize("index", range(len(CASES)))
def test_equals_scikit_learn(index: int) -> None:
    said = dict(CASES[index])
    made = table(of_file(said.pop("file"), said.pop("column")))
    own = {made.names[0]: ColumnSettings(**said)}
    found = fitted(made, np.arange(TRAIN[CASES[index]["file"]]), own).transform(made, None, "float64")
    np.testing.assert_allclose(found, GOLDEN[str(index)], rtol=1e-6, atol=1e-9)


def test_the_cases_have_what_they_are_to_show() -> None:
    widths = {
        index: GOLDEN[str(index)].shape[1] for index, case in enumerate(CASES) if case["column"] == "Neighborhood"
    }
    plain, rare = widths.values()
    assert rare < plain < len(of_file("ames", "Neighborhood").labels)  # some are never seen in training
    rows = {column: np.isnan(of_file("penguins", column).values).sum() for column in ("bill_length_mm", "body_mass_g")}
    assert all(rows.values())


MIXED = table(
    category("many", ["x", "y", "x", "new"]),
    number("n", [1, NAN, 3, 100]),
    category("few", ["a", "b", None, "c"]),
    number("yes", [1, 0, 1, 1], "yes_no"),
    category("other", ["p", "q", "p", "p"]),
)
EMBEDDED = {"many": ColumnSettings(encoding="embedding", size=3), "other": ColumnSettings(encoding="embedding")}


def test_slot_numbers_come_last() -> None:
    made = fitted(MIXED, [0, 1, 2], EMBEDDED)
    names = ("n", "n is missing", "few = a", "few = b", "few is missing", "yes", "many", "other")
    assert made.output_names == names
    assert made.shape == (8,)
    assert made.embeddings == (Embedding("many", 3, 3), Embedding("other", 3, 3))
    inputs = made.transform(MIXED, None, "float32")
    assert inputs.dtype == np.float32
    assert inputs.flags.c_contiguous
    assert inputs[:, 1:5].tolist() == [[0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]]
    assert inputs[:, 6:].tolist() == [[1, 1], [2, 2], [1, 1], [0, 1]]
    assert made.unfamiliar(MIXED).unseen == {"many": 1, "few": 1}
    assert made.unfamiliar(MIXED, np.array([0, 1])).unseen == {}


def test_the_columns_may_come_in_another_order_and_others_among_them() -> None:
    made = fitted(MIXED, [0, 1, 2], EMBEDDED)
    turned = Table((number("more", [0, 0, 0, 0]), *reversed(MIXED.columns)), MIXED.lines, "b.csv")
    np.testing.assert_array_equal(made.transform(turned, None, "float64"), made.transform(MIXED, None, "float64"))


def test_what_a_table_must_have() -> None:
    hint = ColumnHint("date", "%d.%m.%Y")
    made = fitted(table(replace(number("d", [1, 2], "date"), hint=hint), category("k", ["a", "b"])), [0, 1])
    assert made.hints == {"d": hint, "k": ColumnHint("category")}


def test_lacking_columns_are_refused_with_their_names() -> None:
    made = fitted(MIXED, [0, 1, 2])
    with pytest.raises(DataError) as caught:
        made.transform(table(number("n", [1.0])), None, "float32")
    assert "data.csv: has no columns many, few, yes, other" in refusal(caught)
    with pytest.raises(DataError) as caught:
        made.unfamiliar(Table((*MIXED.columns[:-1], number("other", [1, 2, 3, 4])), MIXED.lines, "b.csv"))
    assert "b.csv: column other: is of the type number, in training it was category" in refusal(caught)


def test_the_mistakes_of_all_columns_are_told() -> None:
    made = table(number("a", [NAN, 1]), category("k", [None, "x"]), number("b", [1, 2]))
    refuse = ColumnSettings(missing="refuse")
    with pytest.raises(DataError) as caught:
        fitted(made, [0], {"k": refuse, "b": refuse})
    assert [problem.what.split(":")[0] for problem in caught.value.problems] == ["column a", "column k"]


def test_the_resolved_settings_say_everything_and_learn_the_same() -> None:
    own = {**EMBEDDED, "n": ColumnSettings(clip=0.1, missing=4.0)}
    made = fitted(MIXED, [0, 1, 2], own)
    assert made.settings["n"].model_dump(mode="json") == {
        "type": "number",
        "missing": 4.0,
        "indicator": True,
        "clip": 0.1,
        "transform": "none",
        "scale": "standard",
    }
    assert made.settings["few"].model_dump() == {"type": "category", "missing": "own", "encoding": "one_hot", "rare": 1}
    assert made.settings["other"].size == 3
    resolved = {
        name: ColumnSettings.model_validate(json.loads(value.model_dump_json()))
        for name, value in made.settings.items()
    }
    assert fitted(MIXED, [0, 1, 2], resolved) == made


def test_more_rows_than_a_block() -> None:
    count = 2 * ROWS + 3
    made = table(number("n", np.arange(count) % 11), category("k", [str(row % 5) for row in range(count)]))
    fixed = fitted(made, np.arange(count))
    rows = np.arange(count)[::-1]
    inputs = fixed.transform(made, None, "float64")
    assert inputs[:, 1:].argmax(axis=1).tolist() == [row % 5 for row in range(count)]
    np.testing.assert_array_equal(fixed.transform(made, rows, "float64"), inputs[rows])


# Values that are missing, that are alike, or that differ by more than the rounding of their squares.
NUMBERS = st.none() | st.integers(-1000, 1000).map(lambda whole: whole / 8)
WORDS = st.none() | st.sampled_from("abcdefgh")
SETTINGS = {
    "n": st.builds(
        ColumnSettings,
        missing=st.sampled_from(["mean", "median", 1.5]),
        indicator=st.booleans(),
        clip=st.sampled_from(["none", 0.0, 0.1]),
        scale=st.sampled_from(["standard", "min_max", "none"]),
    ),
    "k": st.builds(
        ColumnSettings,
        missing=st.sampled_from(["own", "mode"]),
        rare=st.integers(1, 4),
        encoding=st.sampled_from([None, "one_hot", "embedding"]),
    ),
}


@st.composite
def tables(draw: Callable[..., Any]) -> tuple[Table, int, dict[str, ColumnSettings]]:
    """A table, how many of its rows are for training, and settings."""
    count = draw(st.integers(2, 12))
    numbers = draw(st.lists(NUMBERS, min_size=count, max_size=count))
    words = draw(st.lists(WORDS, min_size=count, max_size=count))
    numbers[0], words[0] = numbers[0] or 0.0, words[0] or "a"  # something to learn from
    made = table(number("n", [NAN if value is None else value for value in numbers]), category("k", words))
    return made, draw(st.integers(1, count)), draw(st.fixed_dictionaries(SETTINGS))


@settings(deadline=None)
@given(tables())
def test_inputs_are_finite_and_json_keeps_every_bit(given: tuple[Table, int, dict[str, ColumnSettings]]) -> None:
    made, train, own = given
    fixed = fitted(made, np.arange(train), own)
    inputs = fixed.transform(made, None, "float64")
    assert inputs.shape == (len(made), *fixed.shape)
    assert np.isfinite(inputs).all()
    again = TablePreprocessing.from_json(json.loads(json.dumps(fixed.to_json())))
    assert again == fixed
    assert again.transform(made, None, "float64").tobytes() == inputs.tobytes()


@settings(deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    given: tuple[Table, int, dict[str, ColumnSettings]], random: Any
) -> None:
    made, train, own = given
    shuffled = list(range(train))
    random.shuffle(shuffled)
    first, second = fitted(made, np.arange(train), own), fitted(made, shuffled, own)
    assert first.output_names == second.output_names
    np.testing.assert_allclose(
        first.transform(made, None, "float64"), second.transform(made, None, "float64"), rtol=1e-9, atol=1e-9
    )


@settings(deadline=None)
@given(tables())
def test_training_rows_get_mean_0_and_std_1(given: tuple[Table, int, dict[str, ColumnSettings]]) -> None:
    made, train, _ = given
    inputs = fitted(made, np.arange(train)).transform(made, np.arange(train), "float64")[:, 0]
    assert abs(inputs.mean()) < 1e-9
    assert np.ptp(inputs) == 0 or abs(inputs.std() - 1) < 1e-9


@settings(deadline=None)
@given(tables(), NUMBERS, WORDS)
def test_other_rows_do_not_influence_it(
    given: tuple[Table, int, dict[str, ColumnSettings]], value: float | None, word: str | None
) -> None:
    made, train, own = given
    numbers, positions = made["n"].values.copy(), made["k"].values.tolist()
    numbers[train:] = NAN if value is None else value * 1e6
    words = [made["k"].labels[position] if position >= 0 else None for position in positions]
    changed = table(number("n", numbers), category("k", [*words[:train], *[word] * (len(made) - train)]))
    assert fitted(changed, np.arange(train), own) == fitted(made, np.arange(train), own)


@pytest.mark.parametrize(
    ("column", "change"),
    [
        (0, {"kind": "text"}),
        (0, {"kind": "category"}),
        (0, {"name": 3}),
        (0, {"name": "k"}),
        (0, {"fill": "1"}),
        (0, {"fill": None}),
        (0, {"fill": float("nan")}),
        (0, {"shift": float("inf")}),
        (0, {"shift": 10**400}),
        (0, {"divisor": 0}),
        (0, {"bounds": [1.0]}),
        (0, {"bounds": [2.0, 1.0]}),
        (0, {"bounds": None}),
        (0, {"settings": {"missing": "refuse", "clip": 0.1}}),
        (0, {"settings": {"missing": "mode"}}),
        (0, {"settings": {"indicator": False, "clip": 0.1}}),
        (0, {"indicator": 1}),
        (0, {"more": 1}),
        (1, {"labels": "ab"}),
        (1, {"labels": ["a", "a"]}),
        (1, {"labels": ["a", 1]}),
        (1, {"labels": [], "rare": []}),
        (1, {"rare": ["a"]}),
        (1, {"fill": "x"}),
        (1, {"settings": {"encoding": None}}),
        (1, {"settings": {"encoding": "embedding"}}),
        (1, {"settings": {"encoding": "embedding", "size": 10**9}}),
        (1, {"settings": {"encoding": "one_hot", "size": 3}}),
        (1, {"settings": {"encoding": "one_hot", "missing": "mode"}}),
        (1, {"settings": {"encoding": "one_hot", "missing": "refuse"}}),
        (1, {"own_missing": "yes"}),
    ],
)
def test_what_is_no_preprocessing_is_refused(column: int, change: dict[str, Any]) -> None:
    made = table(number("n", [1, 2, NAN]), category("k", ["a", "b", None]))
    good = fitted(made, [0, 1, 2], {"n": ColumnSettings(clip=0.1)}).to_json()
    assert TablePreprocessing.from_json(good)
    good["learnt"][column].update(change)
    with pytest.raises(ValueError, match="invalid preprocessing of a table"):
        TablePreprocessing.from_json(good)


@pytest.mark.parametrize("value", [{}, {"learnt": []}, {"learnt": None}, {"learnt": [{}]}, [], None, 3, "x"])
def test_what_is_no_mapping_of_columns_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="invalid preprocessing of a table"):
        TablePreprocessing.from_json(value)


LATER = ("decimal", "unit", "missing_words", "cyclic", "days", "least", "largest")


def test_every_part_of_a_column_must_be_there_but_those_that_older_checkpoints_lack() -> None:
    good = fitted(table(category("k", ["a", "b"]), number("n", [1, 2])), [0, 1]).to_json()
    old = [{key: value for key, value in column.items() if key not in LATER} for column in good["learnt"]]
    assert TablePreprocessing.from_json({"learnt": old}).output_names == ("k = a", "k = b", "n")
    for whole in old:
        for key in whole:
            column = {name: value for name, value in whole.items() if name != key}
            with pytest.raises(ValueError, match="invalid preprocessing of a table"):
                TablePreprocessing.from_json({"learnt": [column]})
