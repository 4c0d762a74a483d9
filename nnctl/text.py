"""Words and numbers in messages and in files."""

from __future__ import annotations

import difflib
import shlex
import unicodedata
from collections.abc import Iterable, Sequence


def is_number(cell: str) -> bool:
    """Whether a cell is a number. Python would also read 1_000 and the digits of other scripts."""
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell and cell.isascii()


def composed(text: str) -> str:
    """The one spelling of texts that look the same: an ä may be one character or two (Unicode's NFC has one)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def listed(names: Iterable[str], most: int = 10) -> str:
    """Names in a row, no more than `most` of them."""
    names = list(names)
    return ", ".join(names[:most]) + (f", … ({len(names):,} in all)" if len(names) > most else "")


def shortened(text: str, most: int = 100) -> str:
    """A text, or its beginning and its end where it is longer."""
    return text if len(text) <= most else f"{text[: most * 3 // 4]}…{text[-(most // 4) :]}"


def quoted(cell: str, most: int = 40) -> str:
    """A value as a file has it, shortened, with everything unprintable escaped."""
    return repr(cell if len(cell) <= most else cell[:most] + "…")


def shown_number(value: float) -> str:
    """A number for people, in six digits that count, or all of them before the point."""
    return f"{value:,.0f}" if 100_000 <= abs(value) < 1e15 else f"{value:,.6g}"


def shown_label(text: str) -> str:
    """A text for people: as it is where it is short and printable, else as `quoted`."""
    return text if 0 < len(text) <= 40 and text.isprintable() else quoted(text)


def closest(name: str, names: Sequence[str], cutoff: float = 0.6) -> str | None:
    """The name that is most similar, in whatever case, or None where none is. cutoff: the least similarity, 0 to 1."""
    by_letters = {other.casefold(): other for other in reversed(names)}
    found = difflib.get_close_matches(name.casefold(), by_letters, n=1, cutoff=cutoff)
    return by_letters[found[0]] if found else None


def did_you_mean(name: str, names: Sequence[str], cutoff: float = 0.6) -> str:
    """`did you mean …?`, or nothing where no name is close."""
    close = closest(name, names, cutoff)
    return "" if close is None else f"did you mean {close}?"


def alternatives(help: str, other: str) -> str:
    """Two remedies in one sentence: `did you mean a? or b`, `do a, or b`."""
    return f"{help}{'' if help.endswith('?') else ','} or {other}"


def by(shape: Iterable[int]) -> str:
    """A shape for people: 28×28×1."""
    return "×".join(f"{size:,}" for size in shape)


def counted(number: int, what: str) -> str:
    """`1 epoch`, `2,000 epochs`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def share(number: int, total: int, what: str) -> str:
    """`3 of the 2,000 rows`, `all 2,000 rows`, or of a single one `the only row`. what: all of them, in the plural."""
    if total == 1:
        return f"the only {what.removesuffix('s')}"
    return f"all {total:,} {what}" if number == total else f"{number:,} of the {total:,} {what}"


def typed(*words: object) -> str:
    """A command of nnctl as one types it in a shell: `typed("eval", run)` is `nnctl eval 'runs/first try'`."""
    return shlex.join(["nnctl", *map(str, words)])
