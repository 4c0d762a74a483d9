"""The YAML parser's errors in plain words."""

from __future__ import annotations

import re

import yaml

from nnctl.errors import Problem

# ValueError, OverflowError: a number of a %YAML directive or an escape such as "\UFFFFFFFF" that Python refuses
ERRORS = (yaml.YAMLError, ValueError, OverflowError)

# a line ends where YAML 1.1 says so
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
MISSING_SPACE = re.compile(r"([A-Za-z_]\w*):([^\s:/\\][^\n]*)")
_LINE_WITH_MISSING_SPACE = re.compile(r"\s*(?:- +)*([A-Za-z_]\w*:[^\s:/\\][^\n]*)")

# (in the parser's words, what is wrong, what to do)
_EXPLANATIONS = (
    ("'\\t' that cannot start", "a tab where YAML expects spaces", "replace the tab with spaces"),
    ("could not find expected ':'", "a line without `key: value`", "write `key: value`, with a space after the colon"),
    (
        "mapping values are not allowed",
        "a colon where no key can be",
        "put text that has a colon in quotes, or check the indentation",
    ),
    ("expected ',' or ']'", "the list is not closed here", "write a comma between values, and `]` at the end"),
    ("expected ',' or '}'", "the mapping is not closed here", "write a comma between keys, and `}` at the end"),
    ("expected <block end>", "inconsistent indentation", "begin all keys of one mapping in the same column"),
    ("undefined tag handle", "a tag, which is not allowed", "remove it, and write the value"),
    ("while scanning a tag", "a tag, which is not allowed", "remove it, and write the value"),
    ("while scanning an alias", "`*` begins an alias, which is not allowed", "put the text in quotes"),
    ("while scanning an anchor", "`&` begins an anchor, which is not allowed", "put the text in quotes"),
    (
        "expected '<document start>'",
        "unexpected text after the end of the config",
        "remove it, or write all keys as `key: value` lines",
    ),
    ("incompatible YAML document", "a `%` directive, which is not allowed", "remove the line"),
    ("directive", "a `%` directive, which is not allowed", "remove the line"),
    ("that cannot start any token", "a character that cannot begin a value", "put the text in quotes"),
    (
        "while scanning a quoted scalar",
        "the quoted text that begins here is not closed",
        "close it, or use single quotes",
    ),
    ("while scanning a double-quoted scalar", "an unknown escape after `\\`", "use single quotes"),
)


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """Both from 1."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _line(text: str, number: int) -> str:
    """A line by its number from 1; nothing where there is none."""
    lines = _LINE_END.split(text, number)
    return lines[number - 1] if 0 < number <= len(lines) else ""


def space_help(text: str) -> str:
    """The remedy for `learning_rate:0.1`."""
    match = MISSING_SPACE.fullmatch(text)
    return f"write `{match[1]}: {match[2]}`, with a space after the colon" if match else ""


def explain(error: Exception, text: str, file: str) -> Problem:
    """The problem that ends the reading of a text."""
    if isinstance(error, yaml.reader.ReaderError):
        line, column = line_and_column(text, error.position)
        what = f"a character that is not text (code {error.character})"
        return Problem(what, file, line, column, help="remove it")
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem("has a number that is not allowed in YAML, in an escape or a directive", file, help="remove it")
    return _explain_marked(error, text, file)


def _explain_marked(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    message = f"{error.context or ''}: {error.problem or ''}"
    mark = error.problem_mark or error.context_mark
    if "quoted scalar" in message or "expected ':'" in message:
        mark = error.context_mark or mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if "expected ':'" in message or "mapping values" in message or "block end" in message:
        missing = _missing_space(text, line)
        if missing:
            return Problem(missing[2], file, missing[0], missing[1], help=space_help(missing[3]))
    if "block end" in message and _line(text, line)[column - 1 :].startswith(":"):
        return Problem("no key before the colon", file, line, column, help="write the key's name there")
    for words, what, help in _EXPLANATIONS:
        if words in message:
            return Problem(what, file, line, column, help=help)
    what = f"is not YAML: {error.problem or error.context}"
    return Problem(what, file, line, column, help="write `key: value` lines")


def _missing_space(text: str, line: int) -> tuple[int, int, str, str] | None:
    """Line, column, what and the text of a `key:value` in this line or the one before it."""
    for number in (line, line - 1):
        match = _LINE_WITH_MISSING_SPACE.fullmatch(_line(text, number))
        if match:
            return number, match.start(1) + 1, f"`{match[1]}` has no space after the colon", match[1]
    return None
