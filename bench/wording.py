"""Numbers and progress as the bench prints them."""

from __future__ import annotations

import sys


def microseconds(seconds: float) -> str:
    """`4.82`, `47.3`, `1,234`: three digits that count, or the whole ones."""
    value = seconds * 1e6
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def megabytes(count: float) -> str:
    """Of 10^6 bytes."""
    return f"{count / 1e6:,.0f}"


def progress(text: str) -> None:
    """A line on stderr while the bench goes on."""
    print(text, file=sys.stderr, flush=True)
