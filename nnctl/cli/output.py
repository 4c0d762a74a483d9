"""What every command prints alike: results on stdout, everything else on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nnctl.errors import NnctlError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

MOST_CLASSES = 20  # a table with more rows or columns helps nobody in a terminal


def print_json(value: dict[str, Any]) -> None:
    """One JSON object, the only thing on stdout."""
    from nnctl.files import to_json

    print(to_json(value, indent=2), flush=True)


def print_error(error: NnctlError, as_json: bool) -> None:
    """Every problem on stderr for people; with `--json` the same, and notes so far, as an object on stdout as well."""
    for problem in error.problems:
        print(_coloured("error:", "1;31"), problem, file=sys.stderr)
    if as_json:
        print_json({"error": error.to_json()} | ({"notes": list(error.notes)} if error.notes else {}))


def note(text: str, console: Console | None = None) -> None:
    """A line on stderr that is not an error. console: the one that draws there, where something moves."""
    if console is None:
        print(_coloured("note:", "36"), text, file=sys.stderr)
        return
    from rich.markup import escape

    console.print(f"[cyan]note:[/] {escape(text)}", soft_wrap=True)


def line(text: str, console: Console | None = None) -> None:
    """A line of progress on stderr. console: as for `note`."""
    if console is None:
        print(text, file=sys.stderr)
    else:
        console.print(text, markup=False, soft_wrap=True)


def stdout_console() -> Console:
    """Tables for people. Where stdout is no terminal, lines are as long as they need to be; so it is with stderr."""
    from rich.console import Console

    return Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else 200)


def stderr_console() -> Console:
    """What moves: a plain line takes less time to print than rich to import."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, emoji=False, width=None if sys.stderr.isatty() else 200)


def table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """An empty table in the house's look; `right` names the columns of numbers."""
    from rich import box
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD)
    for name in columns:
        made.add_column(name, justify="right" if name in right else "left")
    return made


def is_terminal() -> bool:
    """Whether stderr can show a moving progress bar."""
    return sys.stderr.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def number(value: float | None) -> str:
    """A metric in four digits after the point, none where it is large, four that count where it is tiny or huge."""
    if value is None or value != value:
        return "–"
    if 1_000 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:.4f}" if value == 0 or 0.001 <= abs(value) < 1_000 else f"{value:.4g}"


def column(values: Sequence[float | None]) -> list[str]:
    """Numbers of one column of a table: all with as many digits after the point as the largest of them needs."""
    largest = max((abs(value) for value in values if value is not None and value == value), default=0.0)
    if not 0.001 <= largest < 1e9:
        return [number(value) for value in values]
    digits = next((digits for digits, bound in ((4, 10), (3, 100), (2, 1_000)) if largest < bound), 0)
    return ["–" if value is None or value != value else f"{value:,.{digits}f}" for value in values]


def duration(seconds: float) -> str:
    """`0.42 s`, `12.3 s`, `2 min 5 s`, `1 h 3 min`."""
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 1 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _coloured(word: str, code: str) -> str:
    """A word on stderr in a colour, if it shows any. code: of ANSI, as in `ESC[36m`."""
    shows = (is_terminal() or os.environ.get("FORCE_COLOR")) and not os.environ.get("NO_COLOR")
    return f"\x1b[{code}m{word}\x1b[0m" if shows else word
