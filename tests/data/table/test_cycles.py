"""Where a date stands in its day, week and year."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnctl.data.table.cycles import Cycle, circle, cycles_of, phase

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def days(*dates: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([(datetime.fromisoformat(date).replace(tzinfo=UTC) - EPOCH) / timedelta(days=1) for date in dates])


@given(st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 31)))
def test_phases_are_those_of_the_calendar(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    (at,) = days(moment.isoformat())
    midnight = moment.replace(hour=0, minute=0, second=0)
    hour = (moment - midnight) / timedelta(days=1)
    length = calendar.monthrange(moment.year, moment.month)[1]
    expected = {"weekday": moment.weekday() / 7, "hour": hour}
    expected["month"] = (moment.month - 1 + (moment.day - 1 + hour) / length) / 12
    for cycle, value in expected.items():
        assert phase(cycle, np.array([at]))[0] == pytest.approx(value, abs=1e-9)  # type: ignore[arg-type]


def test_the_end_of_a_cycle_is_beside_its_beginning() -> None:
    for cycle, dates in {
        "weekday": ("2024-01-07", "2024-01-08", "2024-01-10"),
        "month": ("2023-12-31", "2024-01-01", "2024-06-01"),
        "hour": ("2024-01-01T23:30", "2024-01-02T00:10", "2024-01-02T12:00"),
    }.items():
        last, first, far = circle(cycle, days(*dates))  # type: ignore[arg-type]
        assert np.linalg.norm(last - first) < 0.9 < np.linalg.norm(far - first)


def test_monday_is_at_the_top_and_missing_dates_in_the_middle() -> None:
    np.testing.assert_allclose(circle("weekday", np.array([*days("2024-01-01"), np.nan])), [[0, 1], [0, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("dates", "cycles"),
    [
        (["2024-01-01", "2024-01-10"], ()),
        (["2024-01-01", "2024-01-16"], ("weekday",)),
        (["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22"], ()),  # all on Mondays
        (["2024-01-01", "2024-12-31"], ("weekday", "month")),
        (["2020-01-01", "2021-01-01", "2022-01-01"], ("weekday",)),  # all at one place of the year
        (["2024-01-01T10:00", "2024-01-01T18:00"], ()),  # one day
        (["2024-01-01T10:00", "2024-01-02T18:00", "2024-01-03T11:00"], ("hour",)),
        (["2024-01-01T10:00", "2025-01-02T18:00"], ("weekday", "month", "hour")),
        (["2024-01-01T12:00", "2024-01-03T12:00"], ()),  # one time of day
        (["1900-01-01T10:00", "1900-01-01T18:00"], ("hour",)),  # times without a day
        (["1900-01-01T10:00", "1900-01-02T18:00"], ()),
        (["1900-01-01", "1900-01-01"], ()),
        (["2024-01-01"], ()),
        ([], ()),
    ],
)
def test_training_must_have_gone_through_a_cycle(dates: list[str], cycles: tuple[Cycle, ...]) -> None:
    assert cycles_of(days(*dates)) == cycles
