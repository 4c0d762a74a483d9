"""Environment variables in a config's values: `${NAME}`, `${NAME:default}`, and `$$` for a dollar.

A value is put in once: what a variable holds is not searched for other variables.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

TEXT_LIMIT = 2**20  # characters that the variables of one document may give

_REFERENCE = re.compile(r"\$\$|\$\{([^{}\n]*)(\}?)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHELL = "-=?+"  # behind the colon, these mean something else in a shell

_PRIVATE = 0x100000  # where the last block of code points that Unicode leaves to everyone begins
_ESCAPE = "\\U0010"  # how YAML's quoted text may have one of them


class VariableError(ValueError):
    """A reference that gives no value. help: what to do."""

    def __init__(self, what: str, help: str) -> None:
        super().__init__(what)
        self.help = help


@dataclass(frozen=True)
class Variable:
    """value: what it gave. why: the default was taken; empty where the environment gave the value."""

    name: str
    value: str
    why: str = ""

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 100 else f"{self.value[:100]}…"
        return f"{self.name} is {self.why}: {shown}, the default" if self.why else f"{self.name}: {shown}"


@dataclass(frozen=True)
class Written:
    """text: a value as the file has it. variables: what it names."""

    text: str
    variables: tuple[Variable, ...]


class Variables:
    """Puts variables into the values of one document."""

    def __init__(self) -> None:
        self._left = TEXT_LIMIT

    def substitute(self, text: str) -> tuple[str, tuple[Variable, ...]]:
        """The text with the values of its variables. Raises VariableError."""
        used: list[Variable] = []

        def value(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            used.append(variable := _variable(match))
            self._left -= len(variable.value)
            if self._left < 0:
                what = f"the variables of this config give more than {TEXT_LIMIT // 2**20} MiB of text"
                raise VariableError(what, "keep data in data files, and name these")
            return variable.value

        return _REFERENCE.sub(value, text), tuple(used)


def _variable(match: re.Match[str]) -> Variable:
    name, colon, default = match[1].partition(":")
    if not match[2] or not _NAME.fullmatch(name):
        shown = match[0] if len(match[0]) <= 100 else f"{match[0][:100]}…"
        help = "write ${NAME} or ${NAME:default}, none inside another, and $${ for these two characters"
        raise VariableError(f"`{shown}` names no environment variable", help)
    if default[:1] in _SHELL and default:
        help = f"write ${{{name}:{default[1:]}}}, or ${{{name}: {default}}} with a space if the default is {default}"
        raise VariableError(f"`{match[0]}` has a default as a shell has it", help)
    found = os.environ.get(name)
    if colon and not found:
        return Variable(name, default.strip(), "not set" if found is None else "empty")
    if found is None:
        help = f"set it, as in `export {name}=…`, or give a default: ${{{name}:…}}"
        raise VariableError(f"the environment variable {name} is not set", help)
    return Variable(name, found)


def has_variable(text: str) -> bool:
    return any(match[0] != "$$" for match in _REFERENCE.finditer(text))


def unescaped(text: str) -> str:
    """Text without variables, as it is meant."""
    return text.replace("$$", "$")


def escaped(text: str) -> str:
    """Text that is read as this one."""
    return text.replace("$", "$$") if "$$" in text or "${" in text else text


def notes_of(found: Iterable[Written]) -> list[str]:
    """What each of the variables gave."""
    told = dict.fromkeys(str(variable) for written in found for variable in written.variables)
    return [f"environment variable {text}" for text in told]


class Mask:
    """Hides characters of a text from the YAML parser, which would take them for syntax: `{` in `{a: ${NAME}}`.

    The text keeps its length, so that lines and columns stay right. comments: whether `#` may begin one.
    """

    def __init__(self, text: str, comments: bool) -> None:
        self._is_on = max(text, default="") < chr(_PRIVATE) and _ESCAPE not in text  # else it has some of its own
        self.text = text
        if self._is_on:
            self.text = _REFERENCE.sub(lambda match: _hidden(match[0]) if match[2] else match[0], text)
            self.text = self.text if comments else self.text.replace("#", _hidden("#"))

    def undo(self, text: str) -> str:
        """A part of the text as it was."""
        if not self._is_on or max(text, default="") < chr(_PRIVATE):
            return text
        return "".join(chr(ord(char) - _PRIVATE) if ord(char) >= _PRIVATE else char for char in text)


def _hidden(text: str) -> str:
    return "".join(chr(_PRIVATE + ord(char)) if ord(char) < 0xFFFE else char for char in text)
