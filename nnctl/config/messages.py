"""Mistakes that the schema finds, in plain words, each with its place."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from nnctl.config.document import PROBLEMS_LIMIT, Document, KeyPath, dotted
from nnctl.config.other_tools import OTHER_TOOLS_KEYS, key_of, kind_of, remedy_for_key, remedy_for_kind
from nnctl.config.schema import bare_key, field_at, home_of, keys_in, keys_of, spec_at
from nnctl.data.source import LISTED, UNRECOGNISED
from nnctl.errors import Problem
from nnctl.regular_file import VARIABLE, without_braces
from nnctl.spec import Spec, described, kinds
from nnctl.text import closest, did_you_mean

# what was expected, for each of the schema's types of mistake
_EXPECTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "string_type": "text",
    "string_unicode": "text",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a name or a mapping",
    "greater_than_equal": "a number of at least {ge}",
    "greater_than": "a number above {gt}",
    "less_than_equal": "a number of at most {le}",
    "less_than": "a number below {lt}",
    "literal_error": "{expected}",
    "too_short": "at least {min_length} item{s}",
    "too_long": "at most {max_length} item{s}",
    "string_too_short": "at least {min_length} character{s}",
    "string_too_long": "at most {max_length} character{s}",
}
_OF_KIND = ("_type", "literal_error")  # mistakes about the kind of a value, less telling than those about its size
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")
_SEVERAL = re.compile(r"\s*[-+.\w]+\s*(,\s*[-+.\w]+\s*)+")
_WORDS = {"on": "true", "yes": "true", "y": "true", "true": "true"}
_WORDS |= {"off": "false", "no": "false", "n": "false", "false": "false"}
_NOTHING = ("none", "null", "nil", "nothing")

ByPath = dict[KeyPath, list[ErrorDetails]]


def problems_of(error: ValidationError, document: Document, root: type[Spec]) -> list[Problem]:
    """One problem for every place that is wrong, in the order of the file; the first ones, where they are many."""
    by_path: ByPath = {}
    for found in error.errors(include_url=False):
        by_path.setdefault(_path(found, document.tree, root), []).append(found)
    around = {path[:length] for path in by_path for length in range(len(path))}
    misspelt = _misspelt(by_path, root)
    problems: list[Problem] = []
    for path, errors in by_path.items():
        if _may_be_unread(path, errors[0], document) or path in misspelt:
            continue
        if _depends_on_source(path, by_path.keys() - misspelt, document) and errors[0]["type"] == "extra_forbidden":
            continue
        if document.is_broken(path) or (path in around and all(_is_of_kind(found) for found in errors)):
            continue
        problems.append(_with_variables(_problem(path, errors, document, root), path, document))
        if len(problems) == PROBLEMS_LIMIT:
            break
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))


def _with_variables(problem: Problem, path: KeyPath, document: Document) -> Problem:
    """The problem of a value that names environment variables: what is wrong is what they hold."""
    if path not in document.written:
        return problem
    text = document.written[path].text
    help = f'put it in quotes: "{text}"' if problem.help.startswith("put it in quotes") else problem.help
    return replace(problem, what=f"{problem.what}, from `{_cut(text)}`", help=help)


def _may_be_unread(path: KeyPath, error: ErrorDetails, document: Document) -> bool:
    """Whether a key seems to be missing in a mapping that has a key which could not be read."""
    around = path[:-1] if error["type"] == "missing" else path
    return error["type"] in ("missing", "union_tag_not_found") and around in document.incomplete


def _depends_on_source(path: KeyPath, wrong: Set[KeyPath], document: Document) -> bool:
    """Whether a key of the data may only seem to be unknown: the source, which tells the format, is wrong itself."""
    source = ("data", "source")
    return path[:-1] == source[:1] and (document.is_broken(source) or source in wrong)


def _misspelt(by_path: ByPath, root: type[Spec]) -> set[KeyPath]:
    """Paths of keys that seem to be missing because they are misspelt."""
    found: set[KeyPath] = set()
    if not any(errors[0]["type"] == "missing" for errors in by_path.values()):
        return found
    for path, errors in by_path.items():
        if errors[0]["type"] == "extra_forbidden" and len(found) < PROBLEMS_LIMIT:
            known = keys_of(spec_at(errors[0]["loc"][:-1], root))
            if (key := _closest_key(str(path[-1]), list(known))) is not None:
                found.add((*path[:-1], key))
    return found


def _path(error: ErrorDetails, tree: Any, root: type[Spec]) -> KeyPath:
    """The path in the document; the schema's own names for alternatives are left out."""
    path: list[str | int] = []
    node = tree
    for part in keys_in(error["loc"], root):
        inside = isinstance(node, dict) and part in node
        if inside or (isinstance(node, list) and isinstance(part, int) and part < len(node)):
            node = node[part]
            path.append(part)
    if error["type"] == "missing":
        path.append(error["loc"][-1])
    return tuple(path)


def _problem(path: KeyPath, errors: list[ErrorDetails], document: Document, root: type[Spec]) -> Problem:
    # a key that is not known may have the name that the schema gives to one of its alternatives
    first = next((found for found in errors if found["type"] == "extra_forbidden"), errors[0])
    kind = first["type"]
    if kind == "extra_forbidden":
        place = document.place(path, of_key=True)
        return place.problem("unknown key", _help_for_key(path, first["loc"], document, root, place.setting), path)
    if kind == "missing":
        field = described(spec_at(first["loc"][:-1], root)).get(str(path[-1]))
        meaning = f" ({field.description.rstrip('.')})" if field is not None and field.description else ""
        return document.place(path[:-1]).problem("is missing", _how_to_add(path, document.tree) + meaning, path)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        return _problem_of_name(path, first, document, root)
    if kind == "value_error":
        what, _, help = str(first["ctx"]["error"]).rpartition("; ")
        what, help = (_cut(what), help) if what else (_cut(help), "")
        return document.place(path).problem(what, help or _default_help(first["loc"], root) or "change it", path)
    value = _value(document.tree, path, first["input"])
    specific = [found for found in errors if not _is_of_kind(found)] or errors
    expected = _either(dict.fromkeys(expectation(found) for found in specific))
    if path == ("data",):
        expected = expected.replace("a name", "a path")
    what = f"expected {expected}, got {_shown(value)}"
    return document.place(path).problem(what, _help(value, expected, first["loc"], root), path)


def _problem_of_name(path: KeyPath, error: ErrorDetails, document: Document, root: type[Spec]) -> Problem:
    """A mapping whose `type:` is not known, or is not there."""
    tag = str(error["ctx"]["discriminator"]).strip("'")
    if error["type"] == "union_tag_not_found":
        return document.place(path).problem(f"has no {tag}", _how_to_name(path, error, document, root, tag), path)
    name = _value(document.tree, (*path, tag), None)
    name = str(error["ctx"]["tag"]) if name is None and (*path, tag) not in document.values else name
    known = re.findall(r"'([^']*)'", str(error["ctx"]["expected_tags"]))
    what = (
        f"unknown {tag} {_cut(name)!r}" if isinstance(name, str) else f"expected a name for {tag}, got {_shown(name)}"
    )
    help = _suggestion(name if isinstance(name, str) else "", known, "choose one of")
    return document.place((*path, tag)).problem(what, help, path)


def _how_to_name(path: KeyPath, error: ErrorDetails, document: Document, root: type[Spec], tag: str) -> str:
    """The remedy where a mapping does not name its kind; often that is a key in it: `{linear: {out_features: 3}}`."""
    value = _value(document.tree, path, {})
    known = list(kinds(spec_at(error["loc"], root)))
    for word, inner in value.items() if isinstance(value, dict) and len(value) == 1 else ():
        if not isinstance(inner, dict | None):
            break
        if remedy := remedy_for_kind(str(word)):
            return remedy
        if (kind := word if word in known else kind_of(str(word), known) or closest(str(word), known, 0.8)) is not None:
            return f"write {{{tag}: {kind}, …}}, with its keys side by side"
    return f"add `{tag}:`"


def _help_for_key(path: KeyPath, loc: tuple[int | str, ...], document: Document, root: type[Spec], setting: str) -> str:
    """The remedy for an unknown key. setting: in which it is on the command line."""
    word, spec = str(path[-1]), spec_at(loc[:-1], root)
    known = list(keys_of(spec))
    if (remedy := remedy_for_key(word, known)) and key_of(word, [key for key in known if key != "clip_norm"]) is None:
        return remedy
    home = home_of(word, spec) if spec is not root else None
    if home is None and (meant := key_of(word, known)) is not None:
        return f"did you mean {meant}?"
    if home is not None:
        if setting.startswith(dotted(path)):
            return f"write {shlex.quote(setting.replace(dotted(path), dotted((*path[:-1], home, word)), 1))}"
        return f"write it under {home}: `{home}: {{{word}: …}}`"
    if where := _where_it_belongs(path, root, setting) or _of_other_kind(loc, document, root):
        return where
    close = closest(word, known)
    return f"the keys here are: {', '.join(known)}" if close is None else f"did you mean {close}?"


def _where_it_belongs(path: KeyPath, root: type[Spec], setting: str) -> str:
    """The remedy where a key is right but in the wrong mapping. setting: in which it is on the command line."""
    key, around = str(path[-1]), dotted(path[:-1])
    named = OTHER_TOOLS_KEYS.get(key.lower(), key)
    setting = setting.replace(f"{around}.{key}".lstrip("."), f"{around}.{named}".lstrip("."), 1)
    if around:
        if named not in root.model_fields:
            return ""
        if setting.startswith(f"{around}."):
            return f"write {shlex.quote(setting.removeprefix(f'{around}.'))}"
        return f"write {'it' if named == key else f'`{named}:`'} at the top level, not under {around}"
    key = named
    home = home_of(key, root)
    if not home:
        return ""
    return f"write {shlex.quote(f'{home}.{setting}')}" if setting else f"write it under {home}: `{home}: {{{key}: …}}`"


def _of_other_kind(loc: tuple[int | str, ...], document: Document, root: type[Spec]) -> str:
    """The remedy where a key is one of other formats, and the path has no ending that tells which."""
    if len(loc) != 3 or loc[1] != UNRECOGNISED:
        return ""
    family = spec_at(loc[:1], root)
    value, key = _value(document.tree, loc[:1], {}), str(loc[2])
    of_lists = {kind for own, kind in LISTED.items() if own not in value}  # they need a key that is not there
    others = [name for name, kind in kinds(family).items() if key in kind.model_fields and name not in of_lists]
    if not others or family.tag in value:
        return ""
    if variable := VARIABLE.search(source := str(value.get("source"))):
        return without_braces(variable)
    what = f"{_cut(source)} has no ending that tells its format"
    return f"{what}: set `{family.tag}: {others[0]}`" + "".join(f", or {name}" for name in others[1:])


def _how_to_add(path: KeyPath, tree: Any) -> str:
    around = _value(tree, path[:-1], None)
    if isinstance(around, str):
        return f"write {{{bare_key(path[:-1])}: {_cut(around)}, {path[-1]}: …}}"
    return f"add `{path[-1]}:`"


def _is_of_kind(error: ErrorDetails) -> bool:
    return error["type"].endswith(_OF_KIND)


def expectation(error: ErrorDetails) -> str:
    """What the schema expected, in plain words: `a number above 0`."""
    of_text = isinstance(error["input"], str) and f"string_{error['type']}" in _EXPECTED
    template = _EXPECTED.get(f"string_{error['type']}" if of_text else error["type"])
    context = {key: f"{value:g}" if isinstance(value, float) else value for key, value in error.get("ctx", {}).items()}
    context["s"] = "" if 1 in (context.get("min_length"), context.get("max_length")) else "s"
    return template.format(**context).replace("'", "") if template else error["msg"]


def _either(expected: Iterable[str]) -> str:
    """`valid, same or a whole number`."""
    *first, last = [choice for found in expected for choice in re.split(r", | or ", found)]
    return f"{', '.join(first)} or {last}" if first else last


def _value(tree: Any, path: KeyPath, fallback: Any) -> Any:
    """What the document has at a path; a mistake of the schema may speak of what a shorthand made of it."""
    for part in path:
        try:
            tree = tree[part]
        except (LookupError, TypeError):
            return fallback
    return tree


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list) and value:
        return f"[{', '.join(_shown(item) for item in value)}]" if len(value) <= 4 else f"a list of {len(value)}"
    if isinstance(value, list):
        return "an empty list"
    if isinstance(value, str):
        return repr(_cut(value)) if value else "empty text"
    if isinstance(value, int) and abs(value) >= 10**15:
        return f"a number of {len(str(abs(value)))} digits"
    return f"{value:g}" if isinstance(value, float) and not value.is_integer() else str(value)


def _cut(text: str) -> str:
    return text if len(text) <= 150 else text[:150] + "…"


def _help(value: Any, expected: str, loc: tuple[int | str, ...], root: type[Spec]) -> str:
    """What to do about a value that is not what was expected."""
    family = spec_at(loc, root)
    if expected == "a mapping" and not isinstance(value, dict):
        return f"the keys here are: {', '.join(keys_of(family))}"
    named = expected == _EXPECTED["model_attributes_type"]
    return (
        (_default_help(loc, root) if isinstance(value, int | float) and expected == "a list" else "")
        or _help_for(value, expected)
        or _default_help(loc, root)
        or (f"choose one of: {', '.join(kinds(family))}" if named and kinds(family) else "")
        or f"give {expected}"
    )


def _help_for(value: Any, expected: str) -> str:
    if isinstance(value, str):
        return _help_for_text(value, expected)
    if isinstance(value, list):
        takes_lists = "list" in expected or "item" in expected
        return "remove the brackets" if len(value) == 1 and not takes_lists else ""
    if isinstance(value, dict):
        return "begin every item with `- `" if expected == "a list" else ""
    if isinstance(value, bool) or value is None:
        return ""
    if expected == "text":
        return f'put it in quotes: "{value}"'
    if expected == "a list":
        return f"use [{value}]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 and "whole number" in expected:
        return f"write {int(value)}"
    return ""


def _help_for_text(value: str, expected: str) -> str:
    if expected.startswith("true") and not (_NUMBER.fullmatch(value) and "number" in expected):
        return f"use {_WORDS.get(value.lower(), expected)}"
    if value.lower() in _NOTHING:
        return "leave it out"
    if "list" in expected and _SEVERAL.fullmatch(value):
        return f"use [{', '.join(part.strip() for part in value.split(','))}]"
    if expected == "a list":
        return "write a space after every `-`" if value.startswith("-") else f"use [{_cut(value)}]"
    if help := did_you_mean(value, re.split(r", | or ", expected), cutoff=0.7):
        return help
    return _help_for_number(value, "whole" in expected) if "number" in expected else ""


def _help_for_number(value: str, whole: bool) -> str:
    if _NUMBER.fullmatch(value):
        return "remove the quotes"
    plain = value.replace("_", "")
    if _THOUSANDS.fullmatch(plain) and whole:
        plain = plain.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(plain) and not whole:
        plain = plain.replace(",", ".")
    if _NUMBER.fullmatch(plain):
        return f"write {plain}"
    return "write digits, such as 64" if whole else "write digits, such as 0.01"


def _closest_key(word: str, known: Sequence[str]) -> str | None:
    """The key that was meant: what other tools call so, or the most similar one."""
    return key_of(word, known) or closest(word, known)


def _suggestion(word: str, known: Iterable[str], else_: str) -> str:
    known = list(known)
    if (kind := kind_of(word, known)) is not None:
        return f"did you mean {kind}?"
    return remedy_for_kind(word) or did_you_mean(word, known) or f"{else_}: {', '.join(known)}"


def _default_help(loc: tuple[int | str, ...], root: type[Spec]) -> str:
    """The remedy where the key may be left out; nothing where it is needed, or its default means nothing to people."""
    field = field_at(loc, root)
    default = field.default if field is not None else None
    if isinstance(default, Spec):
        default = getattr(default, default.tag)
    if isinstance(default, list) and default:
        default = f"[{', '.join(str(item) for item in default)}]"
    if isinstance(default, bool):
        default = _shown(default)
    return f"leave it out for {default}, the default" if isinstance(default, int | float | str) else ""
