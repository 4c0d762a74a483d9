"""Columns by name or by pattern."""

from __future__ import annotations

import re
from collections.abc import Set
from fnmatch import translate

from nnctl.errors import DataError, Problem
from nnctl.text import did_you_mean, listed

SIGNS = frozenset("*?[")  # without one of them it is a name


def found_in(pattern: str, header: tuple[str, ...], known: Set[str]) -> tuple[str, ...]:
    """The columns that a name or a pattern (`*`, `?`, `[ab]`) means; what is the name of a column is no pattern.

    header: the file's columns, in their order; known: the same as a set.
    """
    if pattern in known:
        return (pattern,)
    if SIGNS.isdisjoint(pattern):
        return ()
    matches = re.compile(translate(pattern)).match
    return tuple(filter(matches, header))


def no_column(pattern: str, header: tuple[str, ...], key: str, origin: str) -> DataError:
    """The error of a pattern that means no column. key: where the config has it."""
    what = f"{pattern} is not a column of {origin}, and matches none; it has {listed(header)}"
    return DataError(Problem(what, path=key, help=did_you_mean(pattern, header) or "name a column, or leave it out"))
