"""Dates as days since 1970-01-01, fractions for the time of day. Times without a zone are taken as UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import numpy as np

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ISO_FORMAT = "iso"  # 2024-01-31 or 2024/01/31, with or without a time and a zone
MONTHS = {  # in German, French and Spanish, where they are not as in English, which strptime reads
    **dict.fromkeys(("januar", "jänner", "janvier", "enero"), "January"),
    **dict.fromkeys(("februar", "février", "febrero"), "February"),
    **dict.fromkeys(("märz", "mär", "mrz", "mars", "marzo"), "March"),
    **dict.fromkeys(("avril", "abril"), "April"),
    **dict.fromkeys(("mai", "mayo"), "May"),
    **dict.fromkeys(("juni", "juin", "junio"), "June"),
    **dict.fromkeys(("juli", "juillet", "julio"), "July"),
    **dict.fromkeys(("août", "agosto"), "August"),
    **dict.fromkeys(("septembre", "septiembre"), "September"),
    **dict.fromkeys(("oktober", "okt", "octobre", "octubre"), "October"),
    **dict.fromkeys(("novembre", "noviembre"), "November"),
    **dict.fromkeys(("dezember", "dez", "décembre", "diciembre"), "December"),
}
SHORT = frozenset(("mär", "mrz", "okt", "dez"))  # of these
WORD = re.compile(r"[^\W\d_]+")
# Python's fromisoformat also reads week dates and bare digits, which are numbers in a table.
ISO = re.compile(r"\d{4}([-/])\d\d\1\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)

YEAR_OR_MONTH = re.compile(r"(\d{4})(?:[-/](0[1-9]|1[0-2]))?", re.ASCII)
TIME = re.compile("%[HIMSfXcp]")  # in a format, of what is less than a day


def days(text: str, date_format: str | None = None) -> float | None:
    """Days of a date as ISO has it, or in the format of `datetime.strptime`; None where it is not a date."""
    iso = date_format is None or date_format.lower() == ISO_FORMAT
    if iso and not ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-")) if iso else moment_of(text, date_format or "")
    except ValueError:
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) / DAY


def period_of(text: str, date_format: str | None = None) -> tuple[float, float] | None:
    """The first and the last moment of a year (2024), a month (2024-01), a day or a time, in days; None for others.

    date_format: of days and times; see `days`.
    """
    if match := YEAR_OR_MONTH.fullmatch(text):
        first = np.datetime64(text.replace("/", "-"), "M") if match[2] else np.datetime64(text, "Y")
        begin, end = (float(moment.astype("datetime64[D]").astype(np.int64)) for moment in (first, first + 1))
        return begin, float(np.nextafter(end, begin))
    moment = days(text, date_format)
    if moment is None:
        return None
    is_day = moment.is_integer() and ":" not in text
    return moment, float(np.nextafter(moment + 1, moment)) if is_day else moment


def in_english(text: str) -> str:
    """With the names of months in English, short where they are."""

    def translated(word: re.Match[str]) -> str:
        name = word[0].casefold()
        return MONTHS[name][: 3 if name in SHORT else None] if name in MONTHS else word[0]

    return WORD.sub(translated, text)


def moment_of(text: str, date_format: str) -> datetime:
    """A date or a time in the format of strptime, with or without a zone. Raises ValueError where the text is none."""
    try:
        return datetime.strptime(text, date_format)
    except ValueError:
        if "%b" not in date_format.lower():
            raise
    return datetime.strptime(in_english(text), date_format)


def shown_date(value: float) -> str:
    """Days as a date for people, with the time to the second where it has one."""
    if value.is_integer():
        return str(np.datetime64(int(value), "D"))
    return _iso(value)


def written_date(value: float, date_format: str | None = None, *, is_exact: bool = False) -> str:
    """Days as `days` reads them, to the second, or to the day where the format has no time; empty where not finite.

    is_exact: whether milliseconds are shown where there are some: a network's date has them by chance.
    """
    if not np.isfinite(value):
        return ""
    if date_format is None or date_format.lower() == ISO_FORMAT:
        return _iso(value, is_exact=is_exact)
    try:
        moment = EPOCH + timedelta(days=value if TIME.search(date_format) else round(value))
    except OverflowError:
        return _iso(value)
    return moment.strftime(date_format)


def _iso(value: float, *, is_exact: bool = False) -> str:
    milliseconds = round(value * 86_400_000)
    has_some = is_exact and milliseconds % 1000 != 0
    moment = np.datetime64(milliseconds, "ms") if has_some else np.datetime64(round(value * 86_400), "s")
    return str(moment).replace("T", " ")
