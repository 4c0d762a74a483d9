"""Strict YAML: plain values and the place of each, or every mistake with its place.

Built from the parser's events, one at a time: nothing is constructed, no alias is followed, and a document that is
too deep or too long is left where it passes the limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from nnctl.config import scalars, syntax
from nnctl.config.text_file import BEGIN
from nnctl.config.variables import Mask, VariableError, Variables, Written, has_variable, unescaped
from nnctl.errors import ConfigError, Problem

KeyPath = tuple[str | int, ...]
"""The keys and list indices that lead to a value."""

DEPTH_LIMIT = 64
VALUES_LIMIT = 50_000
COMMAND_LINE = "command line: "  # and the setting, in the place of a file's name
PROBLEMS_LIMIT = 50  # nobody reads more

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SIGNS = re.compile(r"[-%,:|>?*&!@`]{1,3}")


@dataclass(frozen=True)
class Place:
    """The place of something. line, column: from 1; None for a whole file or a command line."""

    file: str
    line: int | None = None
    column: int | None = None

    @property
    def setting(self) -> str:
        """The `KEY=VALUE` of the command line that it is in; empty in a file."""
        return self.file.removeprefix(COMMAND_LINE) if self.file.startswith(COMMAND_LINE) else ""

    def problem(self, what: str, help: str = "", path: KeyPath = ()) -> Problem:
        return Problem(what, self.file, self.line, self.column, dotted(path), help)


@dataclass
class Document:
    """A tree of mappings, lists, text, numbers, booleans and null, with the place of every key and value.

    broken: paths whose values are not what the author meant; their problem is reported already.
    incomplete: paths of mappings with a key that could not be read, so that another may seem to be missing.
    written: values that name environment variables, as they are written.
    notes: what the user should know though it is no mistake.
    """

    file: str
    tree: Any = None
    keys: dict[KeyPath, Place] = field(default_factory=dict)
    values: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    broken: set[KeyPath] = field(default_factory=set)
    incomplete: set[KeyPath] = field(default_factory=set)
    written: dict[KeyPath, Written] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def place(self, path: KeyPath, of_key: bool = False) -> Place:
        """The place of the value (or the key) at a path, or of the nearest thing around it that is known."""
        for length in range(len(path), -1, -1):
            known = path[:length]
            if of_key and known in self.keys:
                return self.keys[known]
            if known in self.values:
                return self.values[known]
        return Place(self.file)

    def is_broken(self, path: KeyPath) -> bool:
        return any(path[:length] in self.broken for length in range(len(path) + 1))

    def copy(self) -> Document:
        """One that can be changed on its own."""
        return replace(
            self,
            tree=deepcopy(self.tree),
            keys=dict(self.keys),
            values=dict(self.values),
            problems=list(self.problems),
            broken=set(self.broken),
            incomplete=set(self.incomplete),
            written=dict(self.written),
            notes=list(self.notes),
        )

    def at(self, path: KeyPath) -> Document:
        """What is at a path, as a document of its own, without its problems."""
        tree, length = self.tree, len(path)
        for part in path:
            tree = tree[part]

        def inside(known: dict[KeyPath, Any]) -> dict[KeyPath, Any]:
            return {inner[length:]: value for inner, value in known.items() if inner[:length] == path}

        return Document(self.file, deepcopy(tree), inside(self.keys), inside(self.values), written=inside(self.written))

    def replace(self, path: KeyPath, value: Document, place: Place) -> None:
        """Put a value at a path, the parent of which exists. place: of the key.

        The places and the problems of what it replaces go, those of the value come.
        """
        self._forget(path)
        container = self.tree
        for part in path[:-1]:
            container = container[part]
        container[path[-1]] = value.tree
        self.keys[path] = place
        self.values |= {(*path, *inner): where for inner, where in value.values.items()}
        self.problems += [
            replace(problem, path=".".join(part for part in (dotted(path), problem.path) if part))
            for problem in value.problems
        ]
        self.broken |= {(*path, *inner) for inner in value.broken}
        self.incomplete |= {(*path, *inner) for inner in value.incomplete}
        self.written |= {(*path, *inner): text for inner, text in value.written.items()}

    def _forget(self, path: KeyPath) -> None:
        if path not in self.values:  # a problem with the same dotted path may be that of another key
            return
        known: dict[KeyPath, Any]
        for known in (self.keys, self.values, self.written):
            for inner in [inner for inner in known if inner[: len(path)] == path]:
                del known[inner]
        for marked in (self.broken, self.incomplete):
            marked -= {inner for inner in marked if inner[: len(path)] == path}
        name = dotted(path)
        self.problems = [
            problem for problem in self.problems if problem.path != name and not problem.path.startswith(f"{name}.")
        ]


def dotted(path: KeyPath) -> str:
    """The path as people write it: `layers.0.kernel_size`; of a very long key its beginning."""
    return ".".join(f"{part}" if isinstance(part, int) or len(part) <= 100 else f"{part[:100]}…" for part in path)


def parse(text: str, file: str, comments: bool = True) -> Document:
    """The document in a text. comments: whether `#` may begin one.

    Raises ConfigError where the text cannot be read to its end as one.
    """
    builder = _Builder(text, file, comments)
    try:
        builder.build()
    except syntax.ERRORS as error:
        raise ConfigError(*builder.document.problems, syntax.explain(error, text, file)) from None
    return builder.document


class _Builder:
    def __init__(self, text: str, file: str, comments: bool) -> None:
        self.document = Document(file)
        self._text = text
        self._mask = Mask(text, comments)
        self._variables = Variables()
        self._values = 0

    def build(self) -> None:
        unprintable = _UNPRINTABLE.search(self._text)
        if unprintable:
            line, column = syntax.line_and_column(self._text, unprintable.start())
            self._stop(
                Place(self.document.file, line, column),
                f"a character that is not text (code {ord(unprintable[0])})",
                "save the file as UTF-8 text",
            )
        self._events: Iterator[yaml.Event] = yaml.parse(self._mask.text, Loader=yaml.SafeLoader)
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self._stop(Place(self.document.file), "is empty", BEGIN)
        self.document.tree = self._node(next(self._events), ())
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._stop(self._place(after), "a second document begins here", "keep one document a file, without `---`")

    def _stop(self, place: Place, what: str, help: str) -> None:
        raise ConfigError(*self.document.problems, place.problem(what, help))

    def _place(self, event: yaml.Event) -> Place:
        mark = event.start_mark
        return Place(self.document.file, mark.line + 1, mark.column + 1) if mark else Place(self.document.file)

    def _wrong(self, event: yaml.Event, path: KeyPath, what: str, help: str) -> None:
        self.document.problems.append(self._place(event).problem(what, help, path))
        self.document.broken.add(path)
        if len(self.document.problems) >= PROBLEMS_LIMIT:
            raise ConfigError(*self.document.problems)

    def _node(self, event: yaml.Event, path: KeyPath) -> Any:
        self._values += 1
        place = self._place(event)
        if len(path) > DEPTH_LIMIT:
            self._stop(
                place, f"is nested more than {DEPTH_LIMIT} levels deep", "remove brackets: no config needs that many"
            )
        if self._values > VALUES_LIMIT:
            self._stop(place, f"has more than {VALUES_LIMIT} values", "keep data in data files, not in the config")
        self.document.values[path] = place
        self._refuse_references(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path) if isinstance(event, yaml.ScalarEvent) else None

    def _refuse_references(self, event: yaml.Event, path: KeyPath) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            self._wrong(event, path, f"`*{anchor}` is an alias, which is not allowed", "write the value itself")
        elif anchor is not None:
            self._wrong(event, path, f"`&{anchor}` is an anchor, which is not allowed", f"remove `&{anchor}`")
        if tag is not None:
            short = tag.replace("tag:yaml.org,2002:", "!!")
            self._wrong(event, path, f"`{short}` is a tag, which is not allowed", "remove it, and write the value")

    def _scalar(self, event: yaml.ScalarEvent, path: KeyPath) -> scalars.Scalar:
        """A value with its variables put in: an unquoted one is then read as if the file had it so."""
        text = self._mask.undo(event.value)
        if "$" in text:
            try:
                substituted, variables = self._variables.substitute(text)
            except VariableError as error:
                self._wrong(event, path, str(error), error.help)
                return None
            if variables:
                self.document.written[path] = Written(text, variables)
                substituted = substituted.strip() if event.implicit[0] else substituted
            text = substituted
        return self._plain(event, text, path)

    def _plain(self, event: yaml.ScalarEvent, text: str, path: KeyPath) -> scalars.Scalar:
        unprintable = _UNPRINTABLE.search(text)
        if unprintable:
            self._wrong(event, path, f"has a character that is not text (code {ord(unprintable[0])})", "remove it")
            return None
        if not event.implicit[0]:
            return text
        try:
            return scalars.plain(text)
        except scalars.TooManyDigitsError as error:
            self._wrong(event, path, str(error), "no setting is that large")
            return None

    def _sequence(self, path: KeyPath) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            intact = path not in self.document.broken
            key = self._key(event, path)
            if key is None:
                self._skip(path)
                self.document.incomplete.add(path)
                if intact:  # the other keys are checked all the same
                    self.document.broken.discard(path)
                continue
            here = (*path, key)
            if key in mapping:
                first = self.document.keys[here].line
                self._wrong(event, here, f"duplicate key, first given in line {first}", "keep one of the two")
                self._skip(here)
                continue
            self.document.keys[here] = self._place(event)
            mapping[key] = self._node(next(self._events), here)
        return mapping

    def _key(self, event: yaml.Event, path: KeyPath) -> str | None:
        """The key that an event gives, or None, with a problem, where it is not one."""
        if isinstance(event, yaml.ScalarEvent):
            before = len(self.document.problems)
            self._refuse_references(event, path)
            text = self._mask.undo(event.value)
            if has_variable(text):
                help = "write the key itself, and $${ for these two characters"
                self._wrong(event, path, f"`{text[:100]}` has a variable, and only values may have some", help)
            value = self._plain(event, unescaped(text), path)
            if len(self.document.problems) > before:
                return None
            return self._text_key(event, value, path)
        self._refuse_references(event, path)
        if not isinstance(event, yaml.AliasEvent):
            self._wrong(event, path, "expected a word as the key, got a list or a mapping", "write `key: value`")
            self._skip_rest(event, path)
        return None

    def _text_key(self, event: yaml.ScalarEvent, value: scalars.Scalar, path: KeyPath) -> str | None:
        if value == "<<" and event.implicit[0]:
            self._wrong(event, path, "`<<` is a merge key, which is not allowed", "write the keys themselves")
        elif not isinstance(value, str):
            shown = f"`{event.value}`" if event.value else "nothing"
            help = "write the key's name before the colon"
            if isinstance(value, int | float) and not isinstance(value, bool):
                help += ", and several numbers in brackets: [3, 3]"
            help += (
                f'; as a name it stands in quotes: "{event.value}"'
                if event.value
                else "; a ? that is a word stands in quotes"
            )
            self._wrong(event, path, f"expected a word as the key, got {shown}", help)
        elif event.implicit[0] and syntax.MISSING_SPACE.fullmatch(value):
            self._wrong(event, path, f"`{value}` has no space after the colon", syntax.space_help(value))
        else:
            return value
        return None

    def _skip(self, path: KeyPath) -> None:
        """Skip the next value, but report what is wrong inside it."""
        event = next(self._events)
        self._values += 1
        self._refuse_references(event, path)
        self._skip_rest(event, path)

    def _skip_rest(self, event: yaml.Event, path: KeyPath) -> None:
        """Skip the rest of a collection that has begun."""
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            event = next(self._events)
            self._values += 1
            if self._values > VALUES_LIMIT or len(path) + depth > DEPTH_LIMIT:
                self._stop(self._place(event), "is too large", "keep data in data files, not in the config")
            self._refuse_references(event, path)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)


def parse_value(text: str, file: str) -> Document:
    """The value in an override's text: as in a file, but `#` begins no comment, and nothing at all is null.

    A sign that YAML would read more behind is text: a delimiter, or a word for what is missing.
    """
    nowhere = Place(file)  # lines and columns of a command line help nobody
    if _SIGNS.fullmatch(text.strip()):
        text = f"'{text.strip()}'"
    try:
        document = Document(file) if not text.strip() else parse(text, file, comments=False)
    except ConfigError as error:
        raise ConfigError(*(replace(problem, line=None, column=None) for problem in error.problems)) from None
    return replace(
        document,
        keys=dict.fromkeys(document.keys, nowhere),
        values=dict.fromkeys(document.values or {(): nowhere}, nowhere),
        problems=[replace(problem, line=None, column=None) for problem in document.problems],
    )
