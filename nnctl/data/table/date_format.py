"""The format of dates as people write them, by the dates: 31.01.2024, 1/31/24 10:00 PM, 31-Jan-24, 20240131, 17:30."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

import numpy as np

from nnctl.data.table.dates import ISO, ISO_FORMAT, MONTHS, days, in_english, moment_of
from nnctl.data.table.table import Array

MOST_FORMATS = 12  # that are tried
SAMPLE = 512  # different dates that tell which
YEAR = "(?:1[5-9]|2[01])[0-9]{2}"  # 12-3456 is the number of a part
YEAR_FIRST = re.compile(rf"{YEAR}([-/.])[0-9]{{1,2}}(\1[0-9]{{1,2}})?")
YEAR_LAST = re.compile(r"[0-9]{1,2}([-/.]|\. ?| )[0-9]{1,2}\1([0-9]{4}|[0-9]{2})")
MONTH_AND_YEAR = re.compile(rf"[0-9]{{1,2}}([-/.]){YEAR}")
WITH_NAME = re.compile(r"[^\W\d_]+|[0-9]+|[\W_]+")
DIGITS = re.compile(r"(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])")
TIME = re.compile(
    r"(?P<between>T| |, |:)(?P<hour>[0-9]{1,2})(?P<minute>:[0-9]{2})?(?P<second>:[0-9]{2})?"
    r"(?P<fraction>[.,][0-9]{1,6})?(?P<half> ?[AaPp][Mm])?(?P<zone> ?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?"
)
TIME_BEFORE_YEAR = re.compile(r"(?P<day>[A-Z].* [0-9]{1,2}) (?P<time>[0-9:]+(?: UTC| GMT)?) (?P<year>[0-9]{4})")
DOTTED_TIME = re.compile(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}")
COMPACT_TIME = re.compile(r"T[0-9]{4}([0-9]{2})?(Z|[+-][0-9]{4})?")
DATE_END = re.compile(r"(?<=[0-9])(?=(?:T| |, |:)[0-9]{1,2}(?::[0-9]{2}| ?[AaPp][Mm]))")
OFFSET = re.compile(r"[+-]([0-9]{2}:?[0-9]{2})$")
NAMED_DATE = re.compile(r"(?i:date|day|time|(?:^|[\W_])(?:when|dt|ts|sold|born|created|updated)(?:$|[\W_]))")
LEAST_DAYS = 3  # different ones, for eight digits in a column of another name to be dates
NAMES = {
    **{name.casefold(): "%b" for name in month_abbr[1:]},
    **{name.casefold(): "%B" for name in month_name[1:] if len(name) > 3},
}
WEEKDAYS = {
    **dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "%a"),
    **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), "%A"),
}


class FoundDates(NamedTuple):
    """The format of dates that was found in cells."""

    format: str
    fitting: int
    """Cells that are dates in it."""
    other: str = ""
    """Another format that fits them as well, with day and month the other way round."""
    example: str = ""
    """One of the dates."""
    elsewhere: str = ""
    """The first of these that is a time with an offset from UTC; empty for none."""

    def reads(self, text: str) -> bool:
        """Whether a cell is a date in it."""
        return days(text, self.format) is not None

    @property
    def tolerates_others(self) -> bool:
        """Whether it can hardly be anything but a date: 1.2.10 is also the number of a version, 12:30 also a score."""
        return self.format == ISO_FORMAT or "%Y" in self.format


def find_dates(counts: Mapping[str, int]) -> FoundDates | None:
    """How these cells write dates; None where they are none. counts: how often each occurs, stripped."""
    tried: Counter[str] = Counter()
    for text in islice((text for text in counts if any(map(str.isdigit, text))), SAMPLE):
        tried.update(dict.fromkeys(dict.fromkeys(_formats_of(text)), counts[text]))
    fitting = {ISO_FORMAT: 0} | {date_format: 0 for date_format, _ in tried.most_common(MOST_FORMATS)}
    for date_format in fitting:
        fitting[date_format] = sum(count for text, count in counts.items() if days(text, date_format) is not None)
    most = max(fitting.values())
    if not most:
        return None
    best = [date_format for date_format, count in fitting.items() if count == most]
    best = [date_format for date_format in best if not is_time_of_day(date_format)] or best
    if best[0] == ISO_FORMAT or len(best) == 1:
        elsewhere = next((text for text in counts if _has_offset(text, best[0])), "")
        return FoundDates(best[0], most, elsewhere=elsewhere)
    return _likeliest(best, most, [text for text in counts if days(text, best[0]) is not None])


def is_time_of_day(date_format: str) -> bool:
    """Whether a format has neither a day nor a year: its dates are all on 1900-01-01."""
    return date_format != ISO_FORMAT and not any(part in date_format for part in ("%d", "%m", "%b", "%B", "%Y", "%y"))


def are_days(values: Array, name: str) -> bool:
    """Whether whole numbers are days like 20240131, all of them. name: of the column."""
    if not len(values) or values.min() < 19000101 or values.max() > 20991231 or not (values == np.floor(values)).all():
        return False
    texts = [f"{value:.0f}" for value in np.unique(values)]
    if not all(map(DIGITS.fullmatch, texts)) or any(days(text, "%Y%m%d") is None for text in texts):
        return False
    return len(texts) >= LEAST_DAYS or NAMED_DATE.search(name) is not None


def _has_offset(text: str, date_format: str) -> bool:
    """Whether it is a time of a zone that is not UTC."""
    reads_zone = ISO.fullmatch(text) is not None if date_format == ISO_FORMAT else "%z" in date_format
    offset = OFFSET.search(text) if reads_zone and ":" in text else None
    return offset is not None and offset[1].strip("0:") != "" and days(text, date_format) is not None


def _formats_of(text: str) -> Iterator[str]:
    """The formats that a text may have."""
    if DOTTED_TIME.fullmatch(text):
        yield "%H.%M.%S"
    elif (":" in text[:3] or text[-1:] in ("m", "M")) and (time := _time_format(f" {text}")):
        yield time.lstrip()
    if parts := TIME_BEFORE_YEAR.fullmatch(text):  # as C's ctime writes it
        time = _time_format(f" {parts['time']}")
        for day in _date_formats(f"{parts['day']} {parts['year']}") if time else ():
            yield day.removesuffix(" %Y") + f"{time} %Y"
    end = DATE_END.search(text)
    date, rest = (text[: end.start()], text[end.start() :]) if end else (text, "")
    if not end and (compact := COMPACT_TIME.search(text)) and compact.end() == len(text):
        date, rest = text[: compact.start()], text[compact.start() :]
    time = _time_format(rest)
    if time is not None:
        yield from (day + time for day in _date_formats(date))


def _date_formats(text: str) -> Iterator[str]:
    if match := YEAR_FIRST.fullmatch(text):
        yield f"%Y{match[1]}%m" + (f"{match[1]}%d" if match[2] else "")
    elif match := YEAR_LAST.fullmatch(text):
        mark, year = match[1], "%Y" if len(match[2]) == 4 else "%y"
        yield from (f"%d{mark}%m{mark}{year}", f"%m{mark}%d{mark}{year}")
        if year == "%y":
            yield f"%y{mark}%m{mark}%d"
    elif match := MONTH_AND_YEAR.fullmatch(text):
        yield f"%m{match[1]}%Y"
    elif DIGITS.fullmatch(text):
        yield "%Y%m%d"
    else:
        yield from _named_formats(WITH_NAME.findall(text))


def _named_formats(parts: list[str]) -> Iterator[str]:
    """Of dates in which the month has a name: the number of four digits, or the last one, is the year."""
    numbers = [part for part in parts if part.isdigit()]
    if not 1 <= len(numbers) <= 2 or any(len(number) not in (1, 2, 4) for number in numbers):
        return
    year = max(range(len(numbers)), key=lambda place: (len(numbers[place]) == 4, place))
    written, place = [], 0
    for part in parts:
        if part.isdigit():
            written.append(("%Y" if len(part) == 4 else "%y") if place == year else "%d")
            place += 1
        elif part.isalpha():
            word = (in_english(part) if part.casefold() in MONTHS else part).casefold()
            written.append(NAMES.get(word) or WEEKDAYS.get(word) or part)
        else:
            written.append(part)
    if sum(part in ("%b", "%B") for part in written) == 1 and all(len(part) <= 2 for part in written):
        yield "".join(written)
        if "%b" in written:  # May is both
            yield "".join(written).replace("%b", "%B")


def _time_format(text: str) -> str | None:
    """Of what follows a date; None where it is no time."""
    if not text:
        return ""
    if match := COMPACT_TIME.fullmatch(text):
        return "T%H%M" + ("%S" if match[1] else "") + ("%z" if match[2] else "")
    match = TIME.fullmatch(text)
    if match is None or not (match["minute"] or match["half"]):
        return None
    zone = match["zone"] or ""
    blank = " " if zone.startswith(" ") else ""
    return "".join(
        (
            match["between"],
            "%I" if match["half"] else "%H",
            ":%M" if match["minute"] else "",
            ":%S" if match["second"] else "",
            f"{match['fraction'][0]}%f" if match["fraction"] else "",
            (" " if match["half"].startswith(" ") else "") + "%p" if match["half"] else "",
            blank + ("%Z" if zone.strip() in ("UTC", "GMT") else "%z") if zone else "",
        )
    )


def _likeliest(formats: list[str], fitting: int, texts: list[str]) -> FoundDates:
    """Of formats that fit alike: the one with the fewest years; then the one in which the day is always the first, as
    in monthly figures; then with the month first between slashes, as most files with slashes have it, else the day.
    """
    moments = {date_format: [moment_of(text, date_format) for text in texts] for date_format in formats}
    slashes = "/" in formats[0]

    def rank(date_format: str) -> tuple[int, bool, bool]:
        years = {moment.year for moment in moments[date_format]}
        first_days = {moment.day for moment in moments[date_format]} == {1}
        return len(years), not (first_days and len(texts) > 1), date_format.startswith("%m") != slashes

    best, *others = sorted(formats, key=rank)
    other = next((date_format for date_format in others if moments[date_format] != moments[best]), "")
    return FoundDates(best, fitting, other, texts[0])
