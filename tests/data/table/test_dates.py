"""Dates as days since 1970-01-01."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.dates import days, shown_date, written_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-02", 1),
        ("1969/12/31", -1),
        ("2024-02-29", 19782),
        ("1970-01-01T06:00", 0.25),
        ("1970-01-01 12:00:00", 0.5),
        ("1970-01-01T12:00:00.000Z", 0.5),
        ("1970-01-01T00:00+06:00", -0.25),
    ],
)
def test_iso_dates(text: str, expected: float) -> None:
    assert days(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *["", "today", "2024", "2024-01", "20240131", "2024-W05", "2024-1-31", "2024-02-30", "2024-01/31"],
        *["31.01.2024", "2024-01-31T", "2024-01-31T25:00", "٢٠٢٤-01-31", "2024-01-31\n"],
    ],
)
def test_no_dates(text: str) -> None:
    assert days(text) is None


def test_a_format_that_is_said() -> None:
    assert days("31.01.2024", "%d.%m.%Y") == days("2024-01-31")
    assert days("2024-01-31", "%d.%m.%Y") is None
    assert days("1970-01-02 00:00 +0600", "%Y-%m-%d %H:%M %z") == 0.75


@given(st.datetimes(timezones=st.just(UTC)))
def test_moments_come_back(moment: datetime) -> None:
    found = days(moment.isoformat())
    assert found is not None
    assert abs(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=found) - moment) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("value", "date_format", "text"),
    [
        (19_723.25, None, "2024-01-01 06:00:00"),
        (19_723.0, "iso", "2024-01-01 00:00:00"),
        (19_723 + 59.06 / 86_400, None, "2024-01-01 00:00:59"),
        (19_723 + 59.06 / 86_400, "%H:%M:%S.%f", "00:00:59.060000"),
        (19_723.6, "%d.%m.%Y", "02.01.2024"),
        (19_723.4, "%d.%m.%Y", "01.01.2024"),
        (19_723.6, "%d.%m.%Y %H:%M", "01.01.2024 14:24"),
        (math.nan, None, ""),
        (-math.inf, "%Y", ""),
        (1e7, "%d.%m.%Y", "29349-01-26 00:00:00"),
    ],
)
def test_days_are_written_as_dates(value: float, date_format: str | None, text: str) -> None:
    assert written_date(value, date_format) == text


@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)), st.sampled_from(["iso", "%d.%m.%Y %H:%M:%S"]))
def test_what_is_written_is_read_again(moment: datetime, date_format: str) -> None:
    value = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1)
    read = days(written_date(value, date_format), date_format)
    assert read is not None
    assert abs(read - value) < 1.1 / 86_400


def test_milliseconds_are_written_where_they_are_meant() -> None:
    assert written_date(19_723 + 59.06 / 86_400, is_exact=True) == "2024-01-01 00:00:59.060"
    assert written_date(19_723 + 59 / 86_400, is_exact=True) == "2024-01-01 00:00:59"


def test_dates_for_people() -> None:
    assert [shown_date(value) for value in (0.0, 0.5)] == ["1970-01-01", "1970-01-01 12:00:00"]
