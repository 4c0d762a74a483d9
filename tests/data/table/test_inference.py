"""What a column is, by its cells."""

from __future__ import annotations

import pytest

from nnctl.data.table.column_hint import ColumnHint
from nnctl.data.table.inference import Finding, filled, infer
from nnctl.data.table.missing_words import MissingWords


def found(cells: list[str], hint: ColumnHint | None = None, name: str = "a") -> tuple[ColumnHint, list[Finding]]:
    hint = hint or ColumnHint()
    inferred = infer(name, cells, hint, MissingWords(hint.missing))
    assert inferred is not None
    return inferred.hint, list(inferred.findings)


@pytest.mark.parametrize(
    ("cells", "detail"),
    [
        (
            ["2021-10-31T02:00:00+02:00", "2021-10-31T02:00:00+01:00"],
            "'2021-10-31T02:00:00+02:00' is 2021-10-31 00:00:00",
        ),
        (["31.10.2021 02:00 +0200", "31.10.2021 02:00 +0100"], "'31.10.2021 02:00 +0200' is 2021-10-31 00:00:00"),
        (["2021-10-31T02:00:00Z", "2021-10-31T02:00:00+00:00", "2021-10-31"], ""),
        (["2021-10-31", "2021-11-01"], ""),
        (["31-10-2021", "30-10-2021"], ""),
    ],
)
def test_times_of_other_zones_are_told(cells: list[str], detail: str) -> None:
    assert [finding.detail for finding in found(cells)[1] if finding.about == "zones"] == ([detail] if detail else [])


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-2.5e3", " .5 "], "number"),
        (["1", "2", "x"], "number"),
        (["1", "x"], "category"),
        (["1", "-inf"], "number"),
        (["1", "2", "x", "", "NA", "N/A", "null"], "number"),
        (["1", "NULL", "None", "nan", "?", "-", "#N/A"], "number"),
        (["0", "1"], "number"),
        (["1,5", "2,25"], "number"),
        (["1_000", "2_000"], "category"),
        (["$5", "$6", "call us"], "number"),
        (["7%"] * 3, "number"),
        (["2 doors", "4 doors"], "number"),
        (["2 doors", "4 doors", "estate"], "category"),  # a word may stand behind a number in any text
        (["2nd", "3rd", "4th"], "category"),
        (["PC 17599", "113803"], "category"),
        (["Y", "n", " y", ""], "yes_no"),
        (["True", "FALSE"], "yes_no"),
        (["off"], "yes_no"),
        (["yes", "n", "NO", "NULL"], "yes_no"),
        (["ja", "Nein", "-"], "yes_no"),
        (["y", "n", "maybe"], "category"),
        (["t", "f", "n"], "category"),
        (["yes", "ja"], "category"),
        (["2024-01-31", "NA", "2024/02/01"], "date"),
        (["2024-01-31", "2024-02-01", "soon"], "date"),
        (["2024-01-31", "soon"], "category"),
        (["26/12/2018", "None", "1/2/2019"], "date"),
        (["1.2.10", "1.3.11"], "date"),
        (["1.2.10", "1.3.11", "2.0"], "category"),
        (["20240131", "20240201", "20240203", ""], "date"),
        (["20240131", "20240201", "20240203", "5"], "number"),
        ([*(f"202401{day:02}" for day in range(1, 32)), *["20240201"] * 30, "unknown"], "date"),
        ([*(f"202401{day:02}" for day in range(1, 32)), *["20240201"] * 30, "0"], "number"),
        (["red", "blue"], "category"),
    ],
)
def test_kinds(cells: list[str], kind: str) -> None:
    assert found(cells)[0].kind == kind


@pytest.mark.parametrize("cells", [["", " ", "NA"], ["None"], []])
def test_nothing_but_missing_cells_tell_nothing(cells: list[str]) -> None:
    assert infer("a", cells, ColumnHint(), MissingWords()) is None


@pytest.mark.parametrize(
    ("cells", "hint", "findings"),
    [
        (["1", "2"], ColumnHint("number", decimal=".", unit=""), []),
        (["$1,255.5"], ColumnHint("number", decimal=".", unit="$"), [Finding("unit", "$")]),
        (
            ["2", "3", "4", "5more"],
            ColumnHint("number", decimal=".", unit="more"),
            [Finding("unit", "more, '5more' is 5, else set `columns: {a: category}`")],
        ),
        (
            ["461.1k", "0.86M", "200", "2.5K"],
            ColumnHint("number", decimal=".", unit="k/M"),
            [Finding("unit", "k/M, '461.1k' is 461100, else set `columns: {a: category}`")],
        ),
        (["461.1k", "86k"], ColumnHint("number", decimal=".", unit="k"), [Finding("unit", "k")]),
        (["2 kg", "3"], ColumnHint("number", decimal=".", unit="kg"), [Finding("unit", "kg")]),
        (["1,5"], ColumnHint("number", decimal=",", unit=""), [Finding("decimal comma", "")]),
        (
            ["1,255", "2,500"],
            ColumnHint("number", decimal=".", unit=""),
            [Finding("thousands", "'1,255' is 1255, else set `columns: {a: {decimal: ','}}`")],
        ),
        (
            ["1.255", "950", "2.500", "3.100"],
            ColumnHint("number", decimal=",", unit=""),
            [Finding("thousands", "'1.255' is 1255, else set `columns: {a: {decimal: '.'}}`")],
        ),
        (["2024-01-31"], ColumnHint("date", "iso"), []),
        (["31.1.2024"], ColumnHint("date", "%d.%m.%Y"), [Finding("dates", "%d.%m.%Y")]),
        (
            ["1/2/2024"],
            ColumnHint("date", "%m/%d/%Y"),
            [
                Finding(
                    "day or month", "'1/2/2024' is read as %m/%d/%Y, else set `columns: {a: {format: \"%d/%m/%Y\"}}`"
                )
            ],
        ),
        (
            ["24.10.22"],
            ColumnHint("date", "%d.%m.%y"),
            [Finding("day or year", "'24.10.22' is read as %d.%m.%y, else set `columns: {a: {format: \"%y.%m.%d\"}}`")],
        ),
        (["y"], ColumnHint("yes_no"), []),
        (["red"], ColumnHint("category"), []),
    ],
)
def test_the_hint_is_filled_and_guesses_are_told(cells: list[str], hint: ColumnHint, findings: list[Finding]) -> None:
    assert found(cells) == (hint, findings)
    assert filled(hint) == hint  # so that another file is read alike, in silence


@pytest.mark.parametrize(
    ("cells", "hint", "expected"),
    [
        (["1,255"], ColumnHint(decimal=","), ColumnHint("number", decimal=",", unit="")),
        (["5 kg"], ColumnHint("number", unit="kg"), ColumnHint("number", decimal=".", unit="kg")),
        (["1/2/2024"], ColumnHint("date"), ColumnHint("date", "%m/%d/%Y")),
        (["soon"], ColumnHint("date"), ColumnHint("date", "iso")),
        (["NA", "EU"], ColumnHint(missing=()), ColumnHint("category", missing=())),
        (["?", "1"], ColumnHint(missing=("x",)), ColumnHint("category", missing=("x",))),
    ],
)
def test_what_is_said_is_kept(cells: list[str], hint: ColumnHint, expected: ColumnHint) -> None:
    assert found(cells, hint)[0] == expected


def test_a_format_makes_a_date() -> None:
    assert filled(ColumnHint(format="%Y")) == ColumnHint("date", "%Y")
    assert filled(ColumnHint("number")) is None
    assert filled(ColumnHint("date")) is None


def test_names_in_remedies_can_be_typed() -> None:
    (finding,) = found(["1/2/2024"], name="a: b")[1]
    assert 'columns: {"a: b": {format: "%d/%m/%Y"}}' in finding.detail
