"""Columns by name or by pattern."""

from __future__ import annotations

from fnmatch import fnmatchcase

from nnctl.errors import DataError, Problem
from nnctl.text import did_you_mean, listed


def matches(pattern: str, name: str) -> bool:
    """Whether a name or a pattern means this column."""
    return pattern == name or fnmatchcase(name, pattern)


def matching(pattern: str, header: tuple[str, ...], key: str, origin: str) -> tuple[str, ...]:
    """The columns that a name or a pattern (`*`, `?`, `[ab]`) means; what is the name of a column is no pattern.

    header: the file's columns. key: where the config has the pattern. Raises DataError where there are none.
    """
    found = (pattern,) if pattern in header else tuple(name for name in header if fnmatchcase(name, pattern))
    if not found:
        what = f"{pattern} is not a column of {origin}, and matches none; it has {listed(header)}"
        raise DataError(Problem(what, path=key, help=did_you_mean(pattern, header) or "name a column, or leave it out"))
    return found
