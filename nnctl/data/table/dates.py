"""Dates as days since 1970-01-01, fractions for the time of day. Times without a zone are taken as UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ISO_FORMAT = "iso"  # 2024-01-31 or 2024/01/31, with or without a time and a zone
# Python's fromisoformat also reads week dates and bare digits, which are numbers in a table.
ISO = re.compile(r"\d{4}([-/])\d\d\1\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


def days(text: str, date_format: str | None = None) -> float | None:
    """Days of a date as ISO has it, or in the format of `datetime.strptime`; None where it is not a date."""
    iso = date_format is None or date_format.lower() == ISO_FORMAT
    if iso and not ISO.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text.replace("/", "-")) if iso else datetime.strptime(text, date_format or "")
    except ValueError:
        return None
    return ((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - EPOCH) / DAY
