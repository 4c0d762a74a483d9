"""Dates as days since 1970-01-01."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.dates import days


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
