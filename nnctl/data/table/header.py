"""The names of a table's columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Sequence
from pathlib import Path

from nnctl.data.files import file_error
from nnctl.data.table.sample import YEAR
from nnctl.data.targets import LONGEST_LABEL
from nnctl.errors import DataError, Problem
from nnctl.text import closest, composed, did_you_mean, is_number, listed, quoted

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # would move a terminal's cursor, or cannot be written
UNUSED = re.compile("[\x80-\x9f]")  # no text has them; text in another encoding may be taken for them
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"))
MOST_SUGGESTIONS = 3


def checked_names(
    path: Path, names: Sequence[str], line: int | None = None, blank: Container[int] = ()
) -> tuple[str, ...]:
    """The names without surrounding blanks and invisible characters, with one blank for several and for a line break.

    blank: the places that may be without a name. Raises DataError where one is empty, unprintable or doubled.
    """
    names = tuple(" ".join(composed(name).translate(INVISIBLE).split()) for name in names)
    if not any(names):
        raise file_error(path, "has no header", "the first line names the columns", line=line)
    for number, name in enumerate(names, 1):
        if not name and number - 1 in blank:
            continue
        if not name:
            help = "name it in the header, or remove an index column"
            raise file_error(path, f"column {number} has no name", help, line=line)
        if wrong := _wrong_with(name):
            garbled = UNUSED.search(name) is not None
            alone = "separate the columns by commas or tabs" if len(names) == 1 else "rename it in the header"
            help = "set the file's `encoding`" if garbled else alone
            raise file_error(path, f"column {number} has a name {wrong}", help, line=line)
    if doubled := [name for name, count in Counter(filter(None, names)).items() if count > 1]:
        help = "rename or remove one of each; `skip` leaves out lines above the header"
        raise file_error(path, f"has two columns of the name {listed(doubled)}", help, line=line)
    return names


def _wrong_with(name: str) -> str:
    """What makes a text unfit for a name, or nothing."""
    if len(name) > LONGEST_LABEL:
        return f"of {len(name):,} characters, {LONGEST_LABEL} are the limit"
    return f"with a control character, {quoted(name)}" if CONTROL.search(name) else ""


def require_columns(path: Path, names: Sequence[str], needed: Sequence[str], key: str = "target") -> None:
    """Refuse a table without columns that the config names. key: under `data`, where it names them."""
    if missing := [name for name in needed if name not in names]:
        what = f"has no column {listed(missing)}; it has {listed(names)}"
        raise file_error(path, what, _column_help(missing[0], names, key))
    if doubled := [name for name, count in Counter(needed).items() if count > 1]:
        raise DataError(Problem(f"names {listed(doubled)} twice", path=f"data.{key}", help="name each column once"))


def require_features(path: Path, names: Sequence[str], needed: Sequence[str]) -> None:
    """Refuse a table without inputs that the training samples have. needed: by name."""
    known = frozenset(names)
    if missing := [name for name in needed if name not in known]:
        what = f"has no {'column' if len(missing) == 1 else 'columns'} {listed(missing)}; it has {listed(names)}"
        raise file_error(path, what, _renamed(missing, names) or "give it the columns of the training samples")


def _renamed(missing: Sequence[str], names: Sequence[str]) -> str:
    """What columns that are not there may be called."""
    folded = {name.casefold(): name for name in names}
    close = {name: folded.get(name.casefold()) or closest(name, names) for name in missing[:MOST_SUGGESTIONS]}
    if len(missing) == 1:
        (name,) = close.values()
        return f"did you mean {name}?" if name else ""
    meant = [f"{other} for {name}" for name, other in close.items() if other]
    return f"did you mean {listed(meant)}?" if meant else ""


def help_for_header(names: Sequence[str]) -> str:
    """What to do where all names are numbers, or there is one alone; nothing where that is not so."""
    if all(is_number(word) for name in names for word in name.split()):
        return "the first line must name the columns, it holds numbers"
    return "is it all one column? set `delimiter`" if len(names) == 1 else ""


def help_for_name(name: str, names: Sequence[str]) -> str:
    """What a name that is not there may be meant to be, or why it was not found; nothing where nobody knows."""
    help = did_you_mean(name, names)
    if name.isascii() or "".join(names).isascii():
        return help
    garbled = help or f"are these its names, {listed(names)}?"
    return f"{garbled} if letters look wrong, set the file's `encoding`"


def note_on_numbers(names: Sequence[str]) -> str:
    """What there is to say of names that are numbers, but neither count the columns nor are years; or nothing."""
    found = [name for name in names if is_number(name) and not YEAR.fullmatch(name)]
    counted = [{str(number) for number in range(first, first + len(names))} for first in (0, 1)]
    if not found or any(numbers.issuperset(found) for numbers in counted):
        return ""
    return f"the header names columns by numbers, {listed(found)}: if its line is a row, add a line of names above it"


def _column_help(name: str, names: Sequence[str], key: str) -> str:
    return help_for_header(names) or help_for_name(name, names) or f"set `{key}` to one of them"
