"""Mistakes that the schema finds, in plain words, at their place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nnctl.config.document import Document, Path
from nnctl.errors import Problem
from nnctl.spec import Spec, kinds

# what was expected, for each of the schema's types of mistake
_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping or a name",
    "greater_than_equal": "a number of at least {ge}",
    "greater_than": "a number above {gt}",
    "less_than_equal": "a number of at most {le}",
    "less_than": "a number below {lt}",
    "literal_error": "{expected}",
    "too_short": "at least {min_length} items",
    "too_long": "at most {max_length} items",
    "string_too_short": "at least {min_length} characters",
    "string_too_long": "at most {max_length} characters",
}
_OF_KIND = ("_type", "literal_error")  # mistakes about the kind of a value, less telling than those about its size
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_SEVERAL = re.compile(r"\s*[-+.\w]+\s*(,\s*[-+.\w]+\s*)+")
_WORDS = {"on": "true", "yes": "true", "y": "true", "off": "false", "no": "false", "n": "false"}


def problems_of(error: ValidationError, document: Document, root: type[Spec]) -> list[Problem]:
    """One problem for every place that is wrong, in the order of the file."""
    by_path: dict[Path, list[ErrorDetails]] = {}
    for found in error.errors(include_url=False):
        by_path.setdefault(_path(found, document.tree), []).append(found)
    problems = []
    for path, errors in by_path.items():
        deeper = any(other[: len(path)] == path and len(other) > len(path) for other in by_path)
        if errors[0]["type"] == "missing" and path[:-1] in document.incomplete:
            continue
        if document.is_broken(path) or (deeper and all(_is_of_kind(found) for found in errors)):
            continue
        problems.append(_problem(path, errors, document, root))
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))


def _path(error: ErrorDetails, tree: Any) -> Path:
    """The path in the document; the schema's own names for alternatives are left out."""
    path: list[str | int] = []
    node = tree
    for part in error["loc"]:
        inside = isinstance(node, dict) and part in node
        if inside or (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            node = node[part]
            path.append(part)
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    return tuple(path)


def _problem(path: Path, errors: list[ErrorDetails], document: Document, root: type[Spec]) -> Problem:
    first = errors[0]
    kind = first["type"]
    if kind == "extra_forbidden":
        known = _known_keys(first["loc"][:-1], root)
        help = _suggestion(str(path[-1]), known, "the keys here are")
        return document.place(path, of_key=True).problem("there is no such key", help, path)
    if kind == "missing":
        return document.place(path[:-1]).problem("is missing", "add it", path)
    if kind == "union_tag_invalid":
        tag, known = str(first["ctx"]["tag"]), re.findall(r"'([^']*)'", str(first["ctx"]["expected_tags"]))
        place = document.place((*path, str(first["ctx"]["discriminator"]).strip("'")))
        return place.problem(f"there is no {tag!r} here", _suggestion(tag, known, "choose one of"), path)
    if kind == "union_tag_not_found":
        return document.place(path).problem("does not say what it is", "add `type:`", path)
    if kind == "value_error":
        what, _, help = str(first["ctx"]["error"]).partition("; ")
        return document.place(path).problem(what, help or _default_help(first["loc"], root), path)
    value = _value(document.tree, path, first["input"])
    specific = [found for found in errors if not _is_of_kind(found)] or errors
    expected = " or ".join(dict.fromkeys(_expectation(found) for found in specific))
    what = f"is {_shown(value)}, {expected} {'were' if expected.endswith(('items', 'characters')) else 'was'} expected"
    help = _help(value, expected) or _default_help(first["loc"], root) or f"give {expected}"
    return document.place(path).problem(what, help, path)


def _is_of_kind(error: ErrorDetails) -> bool:
    return error["type"].endswith(_OF_KIND)


def _expectation(error: ErrorDetails) -> str:
    template = _EXPECTED.get(error["type"])
    context = {key: f"{value:g}" if isinstance(value, float) else value for key, value in error.get("ctx", {}).items()}
    return template.format(**context).replace("'", "") if template else error["msg"]


def _value(tree: Any, path: Path, fallback: Any) -> Any:
    """What the document has at a path; a mistake of the schema may speak of what a shorthand made of it."""
    for part in path:
        try:
            tree = tree[part]
        except (LookupError, TypeError):
            return fallback
    return tree


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return f"[{', '.join(_shown(item) for item in value)}]" if len(value) <= 4 else f"a list of {len(value)}"
    if isinstance(value, str):
        return f"text ({value if len(value) <= 40 else value[:40] + '…'})" if value else "empty text"
    if isinstance(value, int) and abs(value) >= 10**15:
        return f"a number of {len(str(abs(value)))} digits"
    return f"{value:g}" if isinstance(value, float) and not value.is_integer() else str(value)


def _help(value: Any, expected: str) -> str:
    if isinstance(value, str):
        return _help_for_text(value, expected)
    if isinstance(value, float) and value.is_integer() and "whole number" in expected:
        return f"write {int(value)}"
    if isinstance(value, list) and len(value) == 1 and "list" not in expected and "items" not in expected:
        return "take the brackets away"
    return ""


def _help_for_text(value: str, expected: str) -> str:
    if "true or false" in expected:
        return f"use {_WORDS.get(value.lower(), 'true or false')}"
    if "list" in expected and _SEVERAL.fullmatch(value):
        return f"use [{', '.join(part.strip() for part in value.split(','))}]"
    if "number" not in expected:
        close = difflib.get_close_matches(value, re.split(r", | or ", expected), 1)
        return f"did you mean {close[0]}?" if close else ""
    if _NUMBER.fullmatch(value):
        return "take the quotes away"
    if _NUMBER.fullmatch(value.replace("_", "")):
        return f"write {value.replace('_', '')}"
    return "write digits, such as 64" if "whole" in expected else "write digits, such as 0.01"


def _suggestion(word: str, known: Iterable[str], else_: str) -> str:
    known = list(known)
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]}?" if close else f"{else_}: {', '.join(known)}"


def _known_keys(loc: tuple[int | str, ...], root: type[Spec]) -> list[str]:
    """The keys of the mapping at a place of the schema."""
    return list(_spec_at(loc, root).model_fields)


def _default_help(loc: tuple[int | str, ...], root: type[Spec]) -> str:
    """The remedy where the key may be left out; nothing where it is needed, or its default says nothing to people."""
    inside = [position for position, part in enumerate(loc) if isinstance(part, str)]
    for last in reversed(inside):  # behind the key the schema's own names for alternatives may follow
        field = _spec_at(loc[:last], root).model_fields.get(str(loc[last]))
        if field is not None:
            default = field.default
            return f"leave it out for {_shown(default)}, the default" if isinstance(default, int | float) else ""
    return ""


def _spec_at(loc: tuple[int | str, ...], root: type[Spec]) -> type[Spec]:
    spec, family = root, None
    for part in loc:
        if family is not None and part in kinds(family):
            spec, family = kinds(family)[str(part)], None
        elif isinstance(part, str) and part in spec.model_fields:
            inner = next(_specs_in(spec.model_fields[part].annotation), None)
            if inner is not None:
                spec, family = inner, inner
    return spec


def _specs_in(annotation: Any) -> Iterator[type[Spec]]:
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for argument in get_args(annotation):
        yield from _specs_in(argument)
