"""Tables of what the bench measured, out of the files that it keeps: one a CPU.

In a document, `<!-- bench: PART --><!-- end -->` encloses those of a part, each below the machine, the day, the commit
and the load that it was measured with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from bench.parts import PARTS
from bench.results_file import every_file, read
from nnctl.text import counted

MARK = re.compile(r"(?P<begin><!-- bench: (?P<part>[^>]+) -->)(?P<body>.*?)(?P<end><!-- end -->)", re.DOTALL)


def with_measured(text: str) -> str:
    """The document with its tables as the results' files have them."""

    def tables(match: re.Match[str]) -> str:
        name = match["part"]
        found = [
            f"{machine_in_words(cpu, parts[name]['machine'])}\n\n{shown(name, parts[name]['results'])}"
            for cpu, parts in map(read, every_file())
            if name in parts
        ]
        return f"{match['begin']}\n\n" + "\n\n".join(found or ["Not measured yet."]) + f"\n\n{match['end']}"

    return MARK.sub(tables, text)


def machine_in_words(cpu: str, machine: Mapping[str, Any]) -> str:
    """`**znver4**: AMD EPYC, 2 cores, 2026-11-30, commit 13e13a7cd0, load 0.65 before it.`"""
    date, commit = machine["date"].partition("T")[0], machine["commit"]
    at = f", commit {commit}" if commit else ""
    load = f"load {machine['load_before']:.2f} before it"
    return f"**{cpu}**: {machine['cpu']}, {counted(machine['cores'], 'core')}, {date}{at}, {load}."


def shown(name: str, results: Any) -> str:
    """The documented tables of a part, whose name may have conditions behind it."""
    part = PARTS[name.partition(",")[0]]
    return "\n\n".join(map(markdown, part.tables(results)[: part.documented]))


def markdown(table: Table) -> str:
    """A table of the terminal as one of Markdown, with its caption below."""
    columns = table.columns
    marks = ["---:" if column.justify == "right" else "---" for column in columns]
    heads = [_cell(column.header) for column in columns]
    rows = zip(*(map(_cell, column.cells) for column in columns), strict=True)
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows)]
    caption = f"\n\n{_cell(table.caption)}." if table.caption else ""
    return "\n".join(lines) + (caption[:2] + caption[2].upper() + caption[3:] if caption else "")


def _cell(markup: Any) -> str:
    """Plain text, bold where it is bold there."""
    text = Text.from_markup(str(markup))
    plain = text.plain.replace("|", "\\|")
    return f"**{plain}**" if any(span.style == "bold" for span in text.spans) else plain
