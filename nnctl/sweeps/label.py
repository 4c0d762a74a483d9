"""Short text for a value of a parameter: what tables and lines show of a number, an optimizer, a list of layers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nnctl.spec import Spec

MOST = 60  # characters of a label


def label(value: Any, most: int = MOST) -> str:
    """A JSON value on a line, of at most so many characters: `0.01`, `sgd momentum=0.9`, `linear 64 relu, flatten`."""
    text = "".join(letter if letter.isprintable() else " " for letter in _text(value))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def labels(values: Iterable[Any], most: int = MOST) -> dict[str, str]:
    """The labels of these values by their `key_of`, each once and in order; those that look the same are numbered."""
    different = {key_of(value): value for value in values}
    made = {key: label(value, most) for key, value in different.items()}
    counts, seen = Counter(made.values()), Counter[str]()
    for key, text in made.items():
        if counts[text] > 1:
            seen[text] += 1
            number = f" #{seen[text]}"
            made[key] = f"{label(different[key], most - len(number))}{number}"
    return made


def key_of(value: Any) -> str:
    """The same text for the same JSON value; 1, 1.0 and true are three."""
    return json.dumps(value, sort_keys=True)


def settings(parameters: Mapping[str, Any], most: int = MOST) -> str:
    """What a trial sets, on one line: `learning_rate=0.01 optimizer=(sgd momentum=0.9)`."""
    return " ".join(f"{label(name)}={_one_word(label(value, most))}" for name, value in parameters.items())


def shortened(names: Sequence[str]) -> list[str]:
    """Dotted keys with as few of their last parts as tell them apart."""

    def last(name: str, parts: int) -> str:
        return ", ".join(".".join(key.split(".")[-parts:]) for key in name.split(", "))

    for parts in range(1, 1 + max((name.count(".") for name in names), default=0)):
        found = [last(name, parts) for name in names]
        if len(set(found)) == len(names):
            return found
    return list(names)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_item(item) for item in value) or "[]"
    return _mapping(value, with_keys=True) if isinstance(value, dict) else _scalar(value)


def _item(value: Any) -> str:
    """An item of a list, such as a layer: its numbers and words without their keys."""
    return _mapping(value, with_keys=False) if isinstance(value, dict) else _inner(value)


def _mapping(value: dict[str, Any], with_keys: bool) -> str:
    words = [_inner(value[Spec.tag])] if Spec.tag in value else []
    for key, item in value.items():
        if key == Spec.tag or item is None:
            continue
        needs_key = with_keys or not words or isinstance(item, bool)
        words.append(f"{key}={_inner(item)}" if needs_key else _inner(item))
    return " ".join(words) or "{}"


def _inner(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_item(item) for item in value)}]"
    return _one_word(_mapping(value, with_keys=False)) if isinstance(value, dict) else _scalar(value)


def _one_word(text: str) -> str:
    return f"({text})" if " " in text else text


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        text = f"{value:g}"
        return text if float(text) == value else f"{value:.4g}"
    return value if isinstance(value, str) and value else json.dumps(value)
