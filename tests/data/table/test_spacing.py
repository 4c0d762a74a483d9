"""How far apart the rows of a series are."""

from __future__ import annotations

import numpy as np
import pytest

from nnctl.data.table.dates import days, shown_date
from nnctl.data.table.spacing import Spacing, inferred_spacing


def dates(*texts: str) -> np.ndarray:
    found = [days(text) for text in texts]
    assert None not in found
    return np.array(found, np.float64)


def spaced(start: str, unit: str, count: int) -> np.ndarray:
    """So many dates, one NumPy unit apart."""
    moments = np.arange(np.datetime64(start, unit), np.datetime64(start, unit) + count)
    return moments.astype("datetime64[s]").astype(np.int64) / 86_400


def inferred(times: np.ndarray, *, are_dates: bool = True) -> str:
    return str(inferred_spacing(times, np.ones(len(times) - 1, bool), are_dates=are_dates))


WORKING_DAYS = np.array([day for day in spaced("2020-01-01", "D", 40) if np.is_busday(np.datetime64(int(day), "D"))])


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (spaced("2020-01-01", "D", 40), "day"),
        (spaced("2020-01-01", "D", 40)[::7], "7 days"),
        (spaced("2020-01", "M", 14), "month"),
        (spaced("2020-01", "M", 14)[::3], "3 months"),
        (spaced("2020", "Y", 5), "12 months"),
        (spaced("2020-02", "M", 14) - 1, "month end"),
        (spaced("2020-01-01T00", "h", 50), "hour"),
        (spaced("2020-01-01T00:00", "m", 90)[::15], "15 minutes"),
        (spaced("2020-01-01T00:00:00", "s", 90)[::7], "7 seconds"),
        (WORKING_DAYS, "weekday"),
        (dates("2020-01-06", "2020-01-07", "2020-01-08"), "day"),  # three working days tell nothing of weekends
        (dates("2020-01-01", "2020-01-02", "2020-01-05", "2020-01-06"), "day"),  # the most frequent one
    ],
)
def test_what_the_times_tell(times: np.ndarray, expected: str) -> None:
    spacing = Spacing.parse(expected)
    assert inferred(times) == str(spacing) == expected
    assert spacing.follow(times).sum() >= (len(times) - 1) / 2
    following = [index for index, follows in enumerate(spacing.follow(times)) if follows]
    after = [spacing.after(float(times[index]), 2)[0] for index in following]
    np.testing.assert_allclose(after, times[1:][following], rtol=0, atol=1e-8)


def test_numbers() -> None:
    years = np.array([1990.0, 1991, 1992, 1995, 1996])
    assert inferred(years, are_dates=False) == "1"
    spacing = Spacing.parse(1)
    assert spacing.follow(years).tolist() == [True, True, False, True]
    assert spacing.after(1996.0, 2).tolist() == [1997.0, 1998.0]
    assert inferred(np.array([0.1, 0.2, 0.3, 0.4]), are_dates=False) == "0.1"
    assert inferred_spacing(years, np.zeros(4, bool), are_dates=False) is None


def test_only_rows_of_one_series_tell() -> None:
    times = np.concatenate([spaced("2020-01-01", "D", 3), spaced("2020-01-01", "D", 3)])
    follows = np.array([True, True, False, True, True])
    assert str(inferred_spacing(times, follows, are_dates=True)) == "day"


@pytest.mark.parametrize(
    ("every", "start", "expected"),
    [
        ("month", "2024-01-31", ["2024-02-29", "2024-03-31"]),  # there is no 31 February
        ("month end", "2024-02-29", ["2024-03-31", "2024-04-30"]),
        ("month", "2024-11-15", ["2024-12-15", "2025-01-15"]),
        ("weekday", "2024-03-01", ["2024-03-04", "2024-03-05"]),  # from a Friday on
        ("2 weekdays", "2024-03-01", ["2024-03-05", "2024-03-07"]),
        ("6 hours", "2024-03-01 18:00", ["2024-03-02", "2024-03-02 06:00:00"]),
    ],
)
def test_the_next_times(every: str, start: str, expected: list[str]) -> None:
    after = Spacing.parse(every).after(float(dates(start)[0]), 2)
    assert [shown_date(float(time)) for time in after] == expected


def test_a_month_or_a_day_may_be_a_little_longer() -> None:
    """The last working day of each month; clocks that are not exact."""
    ends = dates("2024-01-31", "2024-02-29", "2024-03-29", "2024-04-30")
    assert Spacing.parse("month").follow(ends).all()
    assert Spacing.parse("hour").follow(dates("2024-01-01 00:00", "2024-01-01 01:05", "2024-01-01 02:00")).all()
    assert not Spacing.parse("hour").follow(dates("2024-01-01 00:00", "2024-01-01 01:30")).any()


def test_rows_at_any_distance() -> None:
    assert Spacing.parse("row").follow(np.array([1.0, 5.0, 5.5])).all()


@pytest.mark.parametrize("text", ["", "fortnight", "0 days", "-1", "1.5 months", "2 rows", 0, -3.0, "day day"])
def test_what_is_no_spacing(text: str | float) -> None:
    with pytest.raises(ValueError, match="is "):
        Spacing.parse(text)


@pytest.mark.parametrize("text", ["month", "months", "1 month", "Month", " month "])
def test_spellings(text: str) -> None:
    assert Spacing.parse(text).written == "month"
    assert Spacing.parse("1.5 hours").written == "1.5 hours"
    assert Spacing.parse(2).written == 2.0
