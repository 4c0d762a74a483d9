"""Where configs differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nnctl.config.document import KeyPath, dotted

ABSENT = object()
"""Stands for the value of a key that a config does not have."""

_KINDS = ("type", "format")  # keys that say what the other keys of a mapping are


def differences(trees: Sequence[Any]) -> dict[str, list[Any]]:
    """The dotted keys at which trees of configs differ, each with the values of all of them.

    Lists of different lengths, and things of different kinds (two optimizers), differ as a whole.
    """
    return {dotted(path): values for path, values in _differences((), list(trees))}


def _differences(path: KeyPath, values: list[Any]) -> Iterator[tuple[KeyPath, list[Any]]]:
    first: Any = values[0] if values else None
    if all(value == first for value in values):
        return
    if all(isinstance(value, dict) and _kind(value) == _kind(first) for value in values):
        for key in dict.fromkeys(key for value in values for key in value):
            yield from _differences((*path, key), [value.get(key, ABSENT) for value in values])
    elif all(isinstance(value, list) and len(value) == len(first) for value in values):
        for index in range(len(first)):
            yield from _differences((*path, index), [value[index] for value in values])
    else:
        yield path, values


def _kind(value: dict[str, Any]) -> list[Any]:
    return [value.get(key) for key in _KINDS]
