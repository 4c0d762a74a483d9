"""Numbers as people write them."""

from __future__ import annotations

from collections import Counter
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.number_format import NumberFormat, alike, find_numbers, is_grouped_by_dots, unit_of


@pytest.mark.parametrize(
    ("cells", "expected", "number_format"),
    [
        # money
        (["$1,255", "$980", "-$5", "$-5", "$ 3.50"], [1255, 980, -5, -5, 3.5], NumberFormat(".", "$")),
        (["€ 12", "€ 5,50"], [12, 5.5], NumberFormat(",", "€")),
        (["1.255,50 €", "12 €"], [1255.5, 12], NumberFormat(",", "€")),
        (["US$ 1,200.10", "US$5"], [1200.1, 5], NumberFormat(".", "US$")),
        (["EUR 12", "EUR 1'200.50"], [12, 1200.5], NumberFormat(".", "EUR")),
        (["12.- CHF", "13.50 CHF"], [12, 13.5], NumberFormat(".", "CHF")),
        (["Rs. 1,23,456", "Rs 500"], [123456, 500], NumberFormat(".", "Rs.")),
        (["($12)", "$4"], [-12, 4], NumberFormat(".", "$")),
        (["1.255 €", "2.500 €", "12 €"], [1255, 2500, 12], NumberFormat(",", "€")),
        # shares
        (["7%", "12.5 %", "-3%"], [7, 12.5, -3], NumberFormat(".", "%")),
        (["7,5 %", "12 %"], [7.5, 12], NumberFormat(",", "%")),
        # between thousands
        (["1'000", "20", "1’000’000"], [1000, 20, 1000000], NumberFormat()),
        (["1 000", "1\u202f500", "12\xa0000,5", "7,25"], [1000, 1500, 12000.5, 7.25], NumberFormat(",")),
        (["1,234,567.8", "3"], [1234567.8, 3], NumberFormat()),
        (["1.234.567", "2,5"], [1234567, 2.5], NumberFormat(",")),
        (["1,255", "12,755", "52"], [1255, 12755, 52], NumberFormat()),
        # decimal commas
        (["1,5", "2,25"], [1.5, 2.25], NumberFormat(",")),
        (["0,255", "1,255"], [0.255, 1.255], NumberFormat(",")),
        (["1,5e3", "2"], [1500, 2], NumberFormat(",")),
        # units
        (["0.19 kg", "1 KG", "2kg"], [0.19, 1, 2], NumberFormat(".", "kg")),
        (["1 year", "2 years", "30 Years"], [1, 2, 30], NumberFormat(".", "year")),
        (["50 m²", "60 m²"], [50, 60], NumberFormat(".", "m²")),
        (["20°C", "-3 °C"], [20, -3], NumberFormat(".", "°C")),
        (["5 sq ft", "6 sq ft"], [5, 6], NumberFormat(".", "sq ft")),
        (["12 km/h", "7"], [12, 7], NumberFormat(".", "km/h")),
        # signs
        (["(12)", "+3", "12-", "−5", "- 4"], [-12, 3, -12, -5, -4], NumberFormat()),
        ([".5", "1."], [0.5, 1], NumberFormat()),
    ],
)
def test_spellings(cells: list[str], expected: list[float], number_format: NumberFormat) -> None:
    found = find_numbers(Counter(cells))
    assert found.format == number_format
    assert [found.format.value(cell) for cell in cells] == expected
    assert found.fitting == len(cells)


@pytest.mark.parametrize(
    "text",
    [
        *[
            "1_000",
            "0x10",
            "١",
            "abc",
            "",
            "10:00",
            "12-05",
            "31.01.2024",
            "1,2,3",
            "1 2",
            "2nd",
            "3rd",
            "10 PM",
            "--5",
        ],
        *["(5", "5)", "PC 17599", "A/5 21171", "5x3", "12a4", "1.2.3", "5" * 60 + " kg", "inf", "nan", "1e999"],
    ],
)
def test_no_numbers(text: str) -> None:
    assert NumberFormat(".", unit_of(text)).value(text) is None


def test_one_unit_a_column() -> None:
    found = find_numbers(Counter({"5 kg": 90, "7": 3, "6 lb": 2}))
    assert (found.format, found.fitting) == (NumberFormat(".", "kg"), 93)
    assert find_numbers(Counter({"5": 90, "6 lb": 2})).format.unit == ""
    assert find_numbers(Counter({"5": 60, "$6": 40})).format.unit == "$"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("kg", "KG", True), ("year", "Years", True), ("Rs.", "Rs", True), ("mW", "MW", False), ("kWh", "kwh", True)],
)
def test_units_that_are_the_same(one: str, other: str, same: bool) -> None:
    assert (alike(one) == alike(other)) == same


def test_a_separator_that_may_be_either_is_told() -> None:
    assert find_numbers(Counter(["1,255", "12,755"])).grouped == "1,255"
    assert find_numbers(Counter(["1.255 €", "2.500 €"])).grouped == "1.255 €"
    for cells in (["1,255", "1,255,000"], ["$1,255", "$2,500"], ["1,5"], ["1.255", "2.5"], ["1,255", "2.5"]):
        assert find_numbers(Counter(cells)).grouped == ""


def test_one_slip_does_not_decide_the_decimal_sign() -> None:
    assert find_numbers(Counter({f"{n},250": 1 for n in range(1, 100)} | {"1,5": 1})).format == NumberFormat()


def test_what_is_said_counts() -> None:
    assert find_numbers(Counter(["1,255"]), decimal=",").format.value("1,255") == 1.255
    assert NumberFormat(",").value("1.255") == 1255
    assert NumberFormat(",").value("1.5") is None
    assert NumberFormat(".").value("1,5") is None
    assert (NumberFormat().value("4.6D+05"), NumberFormat(",").value("-4,6d-05")) == (460_000, -4.6e-05)
    assert NumberFormat().value("4D5") is None
    assert find_numbers(Counter(["5 kg"]), unit="").fitting == 0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("461.1k", 461_100), ("0.86M", 860_000), ("1,200 K", 1_200_000), ("-2.5bn", -2.5e9), ("200", 200)),
        *(("1.1M", 1_100_000), ("5 kg", None), ("5m", None), ("M", None)),
    ],
)
def test_magnitudes(text: str, value: float | None) -> None:
    assert NumberFormat(unit="k/M").value(text) == value


@pytest.mark.parametrize(
    ("cells", "likely", "value"),
    [
        (["6,522", "32,291"], None, 6522),
        (["6,522", "32,291"], ",", 6.522),
        (["85.211", "12.250"], None, 85.211),
        (["85.211", "12.250"], ",", 85211),
        (["6,522 kg", "32,291"], ",", 6.522),
        (["6,522", "980", "12,400", "3,100"], ",", 6522),  # whole numbers beside them
        (["1.250 kg", "980 kg", "12.400 kg", "3.100 kg"], None, 1250),
        (["6.522", "1.5"], ",", 6.522),  # a number tells
        (["$6,522", "$32,291"], ",", 6522),
        (["3.500 €"], ",", 3500),
    ],
)
def test_the_likely_decimal_sign_is_for_what_could_have_either(
    cells: list[str], likely: Literal[","] | None, value: float
) -> None:
    assert find_numbers(Counter(cells), likely=likely).format.value(cells[0]) == value


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1.250", "980", "12.400", "3.100"], True),
        (["-1.250", "98", "12.400", "3.100"], True),
        (["1.250", "2.310", "12.400"], False),  # three decimals in all of them
        (["0.250", "980", "12.400", "3.100"], False),
        (["1.25", "980", "12.400", "3.100"], False),
        (["1.250", "980", "12.400"], False),  # too few
        (["1.250", "9800", "12.400", "3.100"], False),
    ],
)
def test_dots_between_thousands(cells: list[str], expected: bool) -> None:
    assert is_grouped_by_dots(cells) == expected


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_bits_are_those_of_float(value: float) -> None:
    text = repr(value)
    assert NumberFormat().value(text) == value
    assert NumberFormat(".", "kg").value(f"{text} kg") == value
    assert NumberFormat(",", "$").value(f"{text.replace('.', ',')} $") == value


@given(st.integers(-(10**12), 10**12), st.integers(0, 99))
def test_thousands_come_back(whole: int, cents: int) -> None:
    american = f"{whole:,}.{cents:02}"
    german = american.translate(str.maketrans(",.", ".,"))
    value = float(f"{whole}.{cents:02}")
    assert NumberFormat(".", "$").value(f"${american}") == value
    assert NumberFormat(",", "€").value(f"{german} €") == value
    assert NumberFormat(",").value(german) == value
