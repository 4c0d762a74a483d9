"""`KEY=VALUE` arguments that are not what was meant: what the shell made of them, and how other tools write them.

Only looked at where the command has refused them: what it takes is right.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from nnctl.config.document import COMMAND_LINE
from nnctl.errors import ConfigError, NnctlError, Problem, UsageError

_KEY = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_COLON = re.compile(rf"({_KEY.pattern}):\s*([^\s=].*)?")
_PART = re.compile(r"\w+:\S*")
_SEVERAL = re.compile(r"[^\s,{}\[\]'\"]+(,[^\s,{}\[\]'\"]+)+")
_LIST = re.compile(r"\[([^,{}\[\]]+(?:,[^,{}\[\]]+)+)\]")
_NEXT_SETTING = re.compile(rf",\s*(?={_KEY.pattern}=)")


@dataclass(frozen=True)
class Meant:
    """One setting, or several. arguments: in which it arrived."""

    arguments: tuple[str, ...]
    setting: str
    what: str
    how: str = "write"
    others: tuple[str, ...] = ()

    @property
    def problem(self) -> Problem:
        help = f"{self.how} {shlex.join((self.setting, *self.others))}"
        return Problem(self.what, COMMAND_LINE + " ".join(self.arguments), help=help)


def explained(error: NnctlError, command: str, config: str, settings: Sequence[str]) -> NnctlError:
    """The error, with the remedies that the whole command line tells. settings: all arguments behind the config."""
    if isinstance(error, UsageError):  # a setting in three arguments gives a sweep nothing to try
        return UsageError(*problems) if (problems := [meant.problem for meant in _meant(settings)]) else error
    if not isinstance(error, ConfigError):
        return error
    files = {problem.file for problem in error.problems}
    found = [meant for meant in _meant(settings) if any(COMMAND_LINE + text in files for text in meant.arguments)]
    told = {COMMAND_LINE + text for meant in found for text in meant.arguments}
    rest = [problem for problem in error.problems if problem.file not in told]
    if command not in ("sweep", "prune"):  # a sweep of prunings there is not
        rest = [_with_sweep(problem, config, settings) for problem in rest]
    rest = [_without_config(problem, command, config, settings) for problem in rest]
    return type(error)(*(meant.problem for meant in found), *rest)


def _with_sweep(problem: Problem, config: str, settings: Sequence[str]) -> Problem:
    """Several values are what a sweep is for."""
    key, _, value = problem.file.removeprefix(COMMAND_LINE).partition("=")
    if not problem.file.startswith(COMMAND_LINE):
        return problem
    if (listed := _LIST.fullmatch(value)) and re.search(r"expected a (whole )?number, got \[", problem.what):
        values = ",".join(part.strip() for part in listed[1].split(","))
        settings = [f"{key}={values}" if text == f"{key}={value}" else text for text in settings]
    elif not _SEVERAL.fullmatch(value):
        return problem
    if problem.help.startswith("use [") or problem.what == "unknown key":
        return problem  # a list is one value
    help = f"for several values use `{shlex.join(['nnctl', 'sweep', config, *settings])}`"
    is_one_number = re.match(r"write \d", problem.help)  # 0,5 may also be one with a decimal comma
    return replace(problem, help=f"{problem.help}; {help}" if is_one_number else help)


def _without_config(problem: Problem, command: str, config: str, settings: Sequence[str]) -> Problem:
    """A setting stands where the config belongs."""
    if problem.file != config or "=" not in config:
        return problem
    files = [text for text in settings if "=" not in text][:1]
    others = [text for text in settings if text not in files]
    written = shlex.join(["nnctl", command, *(files or ["CONFIG"]), config, *others])
    return replace(
        problem, what="is a setting, in the place of the config", help=f"write the config first: `{written}`"
    )


def _meant(settings: Sequence[str]) -> Iterator[Meant]:
    left = list(settings)
    while left:
        meant = _first(left)
        if meant is not None:
            yield meant
        del left[: 1 if meant is None else len(meant.arguments)]


def _first(left: list[str]) -> Meant | None:
    """The setting that the first arguments are meant to be; None where the first is one by itself, or nothing is."""
    text, following = left[0], left[1:]
    key, equals, value = text.partition("=")
    if equals and value and _is_open(value):
        return _quoted(key, left, 0, value)
    if equals and value:
        return _joined(text) or _expanded(key, left)
    if equals and following and "=" not in following[0]:  # epochs= 5
        return _spaced(key, left, 1)
    if not equals and _KEY.fullmatch(text):
        if following[:1] == ["="] and len(following) > 1:  # epochs = 5
            return _spaced(text, left, 2)
        if following and following[0].startswith("=") and following[0] != "=":  # epochs =5
            return _spaced(text, [text, following[0][1:], *following[1:]], 1, behind="=")
        if following and _is_key_of_run(text) and "=" not in following[0]:  # epochs 5
            return _spaced(text, left, 1)
    colon = None if equals else _COLON.fullmatch(text)
    if colon is not None and colon[2] is not None:  # epochs:5
        value, count = _value([colon[2], *following])
        return Meant(tuple(left[:count]), f"{colon[1]}={value}", "is not a setting")
    if colon is not None and following:  # epochs: 5
        return _spaced(colon[1], left, 1)
    return None


def _spaced(key: str, left: list[str], first: int, behind: str = "") -> Meant:
    """A setting whose value begins with another argument, `first`."""
    value, count = _value(left[first:])
    arguments = [*left[:first], behind + left[first], *left[first + 1 : first + count]]
    return Meant(tuple(arguments), f"{key}={value}", f"is one setting in {len(arguments)} arguments")


def _quoted(key: str, left: list[str], first: int, value: str) -> Meant | None:
    """A list or a mapping that the shell has split at its spaces."""
    value, count = _value([value, *left[first + 1 :]])
    if count == 1 or _is_open(value):
        return None
    what = f"is one setting in {count} arguments: the shell has split it at its spaces"
    return Meant(tuple(left[:count]), f"{key}={value}", what, "put it in quotes:")


def _joined(text: str) -> Meant | None:
    """Settings with commas between them: of one mapping where the others are no keys of a run."""
    first, *others = _NEXT_SETTING.split(text)
    if not others or not _KEY.fullmatch(first.partition("=")[0]):
        return None
    others = [f"{_named_here(key)}={value}" for key, _, value in (other.partition("=") for other in others)]
    if any(_is_key_of_run(other.partition("=")[0]) for other in others):
        return Meant((text,), first, "is several settings in one argument", "write them apart:", tuple(others))
    key, _, kind = first.partition("=")
    inner = ", ".join(other.replace("=", ": ", 1) for other in others)
    return Meant((text,), f"{key}={{type: {kind}, {inner}}}", "is a mapping without its braces")


def _expanded(key: str, left: list[str]) -> Meant | None:
    """A mapping without spaces, of which the shell has made one argument for each of its parts."""
    beginning = f"{key}="
    parts = list(
        takewhile(lambda text: text.startswith(beginning) and _PART.fullmatch(text.removeprefix(beginning)), left)
    )
    if len(parts) < 2:
        return None
    inner = ", ".join(part.removeprefix(beginning).replace(":", ": ", 1) for part in parts)
    what = "is what the shell has made of {…}"
    return Meant(tuple(parts), f"{beginning}{{{inner}}}", what, "put it in quotes, with a space after each colon:")


def _value(left: list[str]) -> tuple[str, int]:
    """A value and the number of arguments that it takes: as many as close its brackets."""
    for count in range(1, len(left) + 1):
        value = " ".join(left[:count])
        if not _is_open(value):
            return value, count
    return left[0], 1


def _is_open(text: str) -> bool:
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "", text)
    return sum(map(bare.count, "[{")) > sum(map(bare.count, "]}"))


def _named_here(key: str) -> str:
    from nnctl.config.other_tools import OTHER_TOOLS_KEYS

    return OTHER_TOOLS_KEYS.get(key.lower(), key)


def _is_key_of_run(text: str) -> bool:
    from nnctl.config.run_config import RunConfig

    return text.partition(".")[0] in RunConfig.model_fields
