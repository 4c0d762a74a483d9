"""The format of dates as people write them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nnctl.data.table.date_format import are_days, find_dates, is_time_of_day
from nnctl.data.table.dates import days

DAY = 19753  # 2024-01-31


@pytest.mark.parametrize(
    ("text", "date_format"),
    [
        ("2024-01-31", "iso"),
        ("2024/01/31", "iso"),
        ("26/12/2018", "%d/%m/%Y"),
        ("1/31/2024", "%m/%d/%Y"),
        ("31.01.2024", "%d.%m.%Y"),
        ("31. 1. 2024", "%d. %m. %Y"),
        ("31.1.2024", "%d.%m.%Y"),
        ("31-01-2024", "%d-%m-%Y"),
        ("2024.01.31", "%Y.%m.%d"),
        ("2024-1-31", "%Y-%m-%d"),
        ("31-Jan-24", "%d-%b-%y"),
        ("31-JAN-2024", "%d-%b-%Y"),
        ("Jan 31, 2024", "%b %d, %Y"),
        ("January 31, 2024", "%B %d, %Y"),
        ("31 January 2024", "%d %B %Y"),
        ("31Jan2024", "%d%b%Y"),
        ("2024-Jan-31", "%Y-%b-%d"),
        ("Wed, 31 Jan 2024", "%a, %d %b %Y"),
        ("31. Januar 2024", "%d. %B %Y"),
        ("1. Jänner 2024", "%d. %B %Y"),
        ("31 janvier 2024", "%d %B %Y"),
        ("31 de enero de 2024", "%d de %B de %Y"),
        ("2024-01", "%Y-%m"),
        ("01/2024", "%m/%Y"),
        ("Jan 2024", "%b %Y"),
        ("20240131", "%Y%m%d"),
    ],
)
def test_days(text: str, date_format: str) -> None:
    found = find_dates(Counter([text]))
    assert found is not None
    assert (found.format, found.other) == (date_format, "")
    value = days(text, date_format)
    assert value in (DAY, DAY - 30) or text == "26/12/2018"


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2024-01-31 10:00", 10),
        ("2024-01-31T10:00:00", 10),
        ("2024-01-31 10:00:00.000", 10),
        ("2024-01-31T10:00:00Z", 10),
        ("2024-01-31T10:00:00+02:00", 8),
        ("2024-01-31 10:00:00 UTC", 10),
        ("2024-01-31 10:00 PM", 22),
        ("20240131T100000", 10),
        ("20240131T1000Z", 10),
        ("20240131 10:00", 10),
        ("31.01.2024 10:00", 10),
        ("1/31/2024 10:00 PM", 22),
        ("1/31/2024 10:00:30 am", 10 + 30 / 3600),
        ("1/31/24 0:00", 0),
        ("1/31/2024, 10:00:00 AM", 10),
        ("31/Jan/2024:10:00:00 +0000", 10),
        ("31 Jan 2024 10 PM", 22),
        ("Wed, 31 Jan 2024 10:00:00 GMT", 10),
        ("Wed Jan 31 10:00:00 2024", 10),
        ("Wed Jan 31 10:00:00 UTC 2024", 10),
    ],
)
def test_times_and_zones(text: str, hours: float) -> None:
    found = find_dates(Counter([text]))
    assert found is not None
    assert days(text, found.format) == pytest.approx(DAY + hours / 24, abs=1e-9)


@pytest.mark.parametrize(
    ("texts", "date_format", "hours"),
    [
        (["17:16", "5:30"], "%H:%M", [17 + 16 / 60, 5.5]),
        (["17:16:09"], "%H:%M:%S", [17 + 16 / 60 + 9 / 3600]),
        (["5:16 PM", "12:00 AM"], "%I:%M %p", [17 + 16 / 60, 0]),
        (["5pm"], "%I%p", [17]),
        (["17.00.00", "10.11.12"], "%H.%M.%S", [17, 10 + 11 / 60 + 12 / 3600]),
        (["10.11.12", "31.12.12"], "%d.%m.%y", []),  # a date first
        (["10.11.12"], "%d.%m.%y", []),
    ],
)
def test_times_of_day_are_on_one_day(texts: list[str], date_format: str, hours: list[float]) -> None:
    found = find_dates(Counter(texts))
    assert found is not None
    assert (found.format, found.fitting, found.tolerates_others) == (date_format, len(texts), False)
    assert is_time_of_day(found.format) == bool(hours)
    if hours:
        start = days("1900-01-01")
        assert start is not None
        assert [days(text, date_format) for text in texts] == pytest.approx([start + hour / 24 for hour in hours])


@pytest.mark.parametrize(
    ("texts", "date_format", "other"),
    [
        (["26/12/2018", "01/02/2018"], "%d/%m/%Y", ""),
        (["1/2/2018", "1/31/2018"], "%m/%d/%Y", ""),
        (["01/02/2024", "05/06/2024"], "%m/%d/%Y", "%d/%m/%Y"),
        (["01.02.2024", "05.06.2024"], "%d.%m.%Y", "%m.%d.%Y"),
        (["01-02-2024", "05-06-2024"], "%d-%m-%Y", "%m-%d-%Y"),
        (["1/1/2018", "1/2/2018", "1/3/2018"], "%d/%m/%Y", "%m/%d/%Y"),  # monthly figures
        (["1.1.2018", "2.1.2018", "3.1.2018"], "%m.%d.%Y", "%d.%m.%Y"),
        (["1/1/2018", "2/2/2018"], "%m/%d/%Y", ""),  # the same either way
        (["24-01-31", "24-01-30", "24-02-01"], "%y-%m-%d", ""),
        (["31-01-24", "30-01-24", "01-02-24"], "%d-%m-%y", ""),
        (["1. Mai 2022", "31. Mai 2022"], "%d. %b %Y", ""),
        (["24. Okt 2022", "3. Mrz 2022", "1. Mai 2022", "4. Apr 2022"], "%d. %b %Y", ""),
        (["24. Oktober 2022", "3. März 2022", "1. Mai 2022", "4. April 2022"], "%d. %B %Y", ""),
        (["Mon Oct 24 17:16:09 2022", "Tue Oct  4 17:16:09 2022"], "%a %b %d %H:%M:%S %Y", ""),
        (["May 2, 2024", "Jun 3, 2024"], "%b %d, %Y", ""),
        (["2 May 2024", "3 June 2024"], "%d %B %Y", ""),
        (["2024-01-31", "2024-01-31 10:00"], "iso", ""),
    ],
)
def test_the_format_that_fits_all(texts: list[str], date_format: str, other: str) -> None:
    found = find_dates(Counter(texts))
    assert found is not None
    assert (found.format, found.fitting) == (date_format, len(texts))
    if len(date_format.replace("%y", "")) == len(date_format):
        assert found.other == other


def test_cells_that_are_no_dates_are_not_counted() -> None:
    found = find_dates(Counter({"unknown": 1, "0000-00-00": 2, "2024-01-31": 9, "2024-02-30": 1}))
    assert found is not None
    assert (found.format, found.fitting) == ("iso", 9)


@pytest.mark.parametrize(
    "text",
    [
        "2:1",
        "10:60",
        "30:00",
        "PC 17599",
        "May",
        "2 May",
        "2018Q1",
        "hello",
        "1 000",
        "99/99/2024",
        "12 sq 2",
        "12-3456",
        "555-1234",
        "3021-05",
    ],
)
def test_no_dates(text: str) -> None:
    assert find_dates(Counter([text])) is None


@pytest.mark.parametrize(
    ("values", "name", "expected"),
    [
        ([20240131, 20240201, 20240202], "x", True),
        ([20240131, 20240201], "x", False),
        ([20240131], "sale_date", True),
        ([20240131], "soldDay", True),
        ([20240131, 20240201, 20241301], "date", False),
        ([20240131, 20240201, 20240230], "date", False),
        ([20240131, 20240201, 5], "date", False),
        ([20240131.5, 20240201, 20240202], "date", False),
        ([18500101], "date", False),
        ([], "date", False),
    ],
)
def test_eight_digits(values: list[float], name: str, expected: bool) -> None:
    assert are_days(np.array(values), name) == expected
